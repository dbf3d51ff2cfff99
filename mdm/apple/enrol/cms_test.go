package enrol

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/cms/cmstest"
)

// What would take its reader hours and all memory is refused before that.
func TestBombsAreNotRead(t *testing.T) {
	r := withPush(t)
	_, err := r.PublicKey()
	must(t, err)
	token := "Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(cmstest.Bomb()) + "\r\n"
	for what, do := range map[string]func(){
		"a reset device": func() {
			if w := serve(r, http.MethodPost, "/enrol/device", cmstest.Bomb()); w.Code != http.StatusBadRequest {
				t.Errorf("status %d", w.Code)
			}
		},
		"a server token": func() {
			refused(t, "a server token", r.TakeToken(t.Context(), []byte(token)), errs.Invalid, "token", "not a server token")
		},
	} {
		if cost := cmstest.Cost(do); cost > cmstest.Much {
			t.Errorf("%s took %d bytes to be refused", what, cost)
		}
	}
}
