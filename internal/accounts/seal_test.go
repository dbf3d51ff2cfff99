package accounts_test

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// A sealed account is head and owner for four hours from its first use, everybody
// can see that it was opened, and it is spent until it is sealed again.
func TestSeals(t *testing.T) {
	s := open(t)
	list, err := s.Seal(t.Context(), accounts.Console)
	must(t, err)
	if len(list) != 2 || list[0].Passphrase == list[1].Passphrase || len(list[0].Passphrase) < 26 {
		t.Fatalf("%d sheets", len(list))
	}
	id, phrase := list[0].ID, list[0].Passphrase
	if st, _ := s.Standing(id); len(st.Roles) != 0 || len(s.Broken()) != 0 {
		t.Error("a seal gives something before it is broken")
	}
	s.Wait(100 * 24 * time.Hour)
	if in(s, id, list[1].Passphrase) || !in(s, id, phrase) {
		t.Fatal("the passphrase does not open it, or another does")
	}
	st, live := s.Again(t).Standing(id)
	a, _ := s.Get(id)
	if !live || st.Second || !a.Holds(s.Now(), roles.Head) || !a.Holds(s.Now(), roles.Owner) || len(s.Broken()) != 1 {
		t.Errorf("opened: %+v, live %v", a, live)
	}
	if _, err := st.Approve(s.Now()); errs.CodeOf(err) != errs.Denied {
		t.Errorf("it approves at once: %v", err)
	}
	refused(t, "a role for longer", s.Give(t.Context(), accounts.Console, id, roles.Assignment{Role: roles.Head}), errs.Conflict)
	s.Wait(accounts.SealLasts - time.Minute)
	if !in(s, id, phrase) {
		t.Error("out within its four hours")
	}
	s.Wait(time.Minute)
	if _, live := s.Standing(id); live || in(s, id, phrase) || len(s.Broken()) != 0 {
		t.Error("in after its four hours")
	}
	_, err = s.Reset(t.Context(), accounts.Console, id)
	refused(t, "a reset of a sealed account", err, errs.Conflict)
	again, err := s.Seal(t.Context(), accounts.Console)
	must(t, err)
	if in(s, id, phrase) || !in(s, id, again[0].Passphrase) {
		t.Error("sealing anew did not change the passphrase")
	}
	refused(t, "the last real owner's end beside a broken seal", s.End(t.Context(), accounts.Console, "owner"), errs.Conflict)
}
