package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var shared embed.FS

// Shared gives the assets both pages may use; see build.sh for what is vendored
// and assets/LICENSES for its terms.
func Shared() fs.FS {
	sub, err := fs.Sub(shared, "assets")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Assets serves embedded files with an ETag. An address made by URL carries the
// content's hash and may be kept for a year; any other is asked about each time.
type Assets struct {
	files map[string]asset
}

type asset struct {
	content []byte
	hash    string
}

// NewAssets reads all files of the given trees; a later tree wins over an
// earlier one.
func NewAssets(trees ...fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]asset{}}
	for _, tree := range trees {
		err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := fs.ReadFile(tree, name)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(content)
			a.files[name] = asset{content, hex.EncodeToString(sum[:8])}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading the embedded assets: %w", err)
		}
	}
	return a, nil
}

// URL gives the address of the named asset below /assets/.
func (a *Assets) URL(name string) (string, error) {
	f, ok := a.files[name]
	if !ok {
		return "", fmt.Errorf("no asset %q is embedded", name)
	}
	return "/assets/" + name + "?v=" + f.hash, nil
}

// ServeHTTP serves the asset named by the path after /assets/.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/assets/")
	f, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", `"`+f.hash+`"`)
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == f.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, path.Base(name), time.Time{}, bytes.NewReader(f.content))
}
