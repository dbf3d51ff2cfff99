package continuity

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
)

//go:embed verify.html
var page []byte

// Page is a page that verifies sheets in a browser, from a file and without a
// network. Its policy lets run the one script that is in it, and nothing else.
func Page() []byte {
	p := page
	for tag, mark := range map[string]string{"script": "SCRIPT", "style": "STYLE"} {
		_, rest, _ := bytes.Cut(page, []byte("<"+tag+">"))
		text, _, _ := bytes.Cut(rest, []byte("</"+tag+">"))
		sum := sha256.Sum256(text)
		p = bytes.Replace(p, []byte("'sha256-"+mark+"'"), []byte("'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'"), 1)
	}
	return p
}
