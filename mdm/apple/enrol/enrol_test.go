package enrol

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Nothing that is secret lies readable in the file, and all of it is there after a
// restart.
func TestTheFile(t *testing.T) {
	r := withPush(t)
	must(t, r.Request())
	_, err := r.PublicKey()
	must(t, err)
	address, _, err := r.Link("ipad-1")
	must(t, err)
	b, err := os.ReadFile(r.File)
	must(t, err)
	code := address[strings.LastIndex(address, "/")+1:]
	for _, secret := range []string{"PRIVATE KEY", code} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("%q can be read in the file", secret)
		}
	}
	if info, err := os.Stat(r.File); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	again, err := Open(r.Config)
	must(t, err)
	again.For(r.gate)
	if w := serve(again, http.MethodGet, "/enrol/"+code, nil); w.Code != http.StatusOK {
		t.Errorf("after a restart its address answers %d", w.Code)
	}
	must(t, os.WriteFile(r.File, []byte("{"), 0o600))
	_, err = Open(r.Config)
	refused(t, "a damaged file", err, errs.Invalid, "", "damaged")
	_, err = Open(Config{URL: "http://ipads.elmfield.example"})
	refused(t, "an address without TLS", err, errs.Invalid, "", "https")
}
