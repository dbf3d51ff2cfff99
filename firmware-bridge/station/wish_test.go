package station

import (
	"path/filepath"
	"testing"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// A device that staff put in at the kiosk is a fresh item; no other wish is about
// one.
func TestWishMakesAnItem(t *testing.T) {
	s, err := Open(config(filepath.Join(t.TempDir(), "ledger")))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := map[string]bool{}
	for range 3 {
		if err := s.Wish(t.Context(), locker.Wish{Kind: locker.WishPut, Class: locker.ClassEvidence}); err != nil {
			t.Fatal(err)
		}
		w := (<-s.inputs).(bridge.Wished).Wish
		if !school.ValidID(w.Item) || seen[w.Item] || w.Class != locker.ClassEvidence {
			t.Errorf("%+v", w)
		}
		seen[w.Item] = true
	}
	if err := s.Wish(t.Context(), locker.Wish{Kind: locker.WishHold, Door: 2}); err != nil {
		t.Fatal(err)
	}
	if w := (<-s.inputs).(bridge.Wished).Wish; w != (locker.Wish{Kind: locker.WishHold, Door: 2}) {
		t.Errorf("%+v", w)
	}
}
