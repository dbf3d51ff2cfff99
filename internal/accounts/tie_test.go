package accounts_test

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Whoever is not in the register has no role by which doors are opened or roles
// given, however they came by it, until somebody says who they are.
func TestOutsidersHaveLightRolesOnly(t *testing.T) {
	s := open(t)
	must(t, s.Make(t.Context(), "owner", accounts.NewAccount{ID: "ghost", Name: "Gus Ghost"}))
	for _, r := range roles.All {
		want := errs.Code("")
		if r.Weighty() {
			want = errs.Invalid
		}
		refused(t, "an outsider becomes "+string(r), s.Give(t.Context(), "head", "ghost", roles.Assignment{Role: r}), want)
	}
	s.Hire(t, "old-head", "", roles.Head) // as an earlier version let it be
	st, live := s.Standing("old-head")
	if !live || !st.Idle || !in(s, "old-head", accountstest.Password) || roles.Reach(st.Roles, roles.GiveRoles, s.Now()) != roles.Nothing ||
		roles.Reach(st.Roles, roles.OwnAccount, s.Now()) == roles.Nothing {
		t.Errorf("an outsider who was head: live %v, %+v", live, st)
	}
	refused(t, "a resting head gives a role", s.Give(t.Context(), "old-head", "ghost", roles.Assignment{Role: roles.Head}), errs.Denied)
	_, err := s.Reset(t.Context(), "it", "old-head")
	refused(t, "IT resets a resting head", err, errs.Denied)
	refused(t, "their own word", s.Link(t.Context(), "old-head", "old-head", "s-6", false), errs.Denied)
	refused(t, "somebody who has an account", s.Link(t.Context(), "it", "old-head", "s-1", false), errs.Invalid)
	must(t, s.Link(t.Context(), "it", "old-head", "s-6", false))
	if st, _ := s.Again(t).Standing("old-head"); st.Idle || roles.Reach(st.Roles, roles.GiveRoles, s.Now()) != roles.School {
		t.Errorf("tied: %+v", st)
	}
}

// One human is not two people: neither by an account outside the register nor by a
// second one of their own.
func TestOneHumanIsOnePerson(t *testing.T) {
	s := open(t)
	must(t, s.Make(t.Context(), "owner", accounts.NewAccount{ID: "ghost"}))
	must(t, s.Give(t.Context(), "head", "ghost", roles.Assignment{Role: roles.Teacher}))
	must(t, s.Make(t.Context(), "owner", accounts.NewAccount{ID: "owner-too", Person: "s-1", Another: true}))
	must(t, s.Give(t.Context(), "head", "owner-too", roles.Assignment{Role: roles.Head}))
	s.Wait(2 * school.SettledAfter)
	owner, _ := s.Standing("owner")
	ghost, _ := s.Standing("ghost")
	too, _ := s.Standing("owner-too")
	refused(t, "the outsider asks", ghost.Ask(), errs.Denied)
	for what, err := range map[string]error{
		"the outsider approves":             second(ghost.Approve(s.Now(), owner.Person)),
		"approving what the outsider asked": second(owner.Approve(s.Now(), ghost.Person)),
		"the second account approves":       second(too.Approve(s.Now(), owner.Person)),
	} {
		refused(t, what, err, errs.Denied)
	}
}

func second[T any](_ T, err error) error { return err }

// A sealed account works without a person, and is never one of two.
func TestASealIsNobody(t *testing.T) {
	s := open(t)
	sheets, err := s.Seal(t.Context(), accounts.Console)
	must(t, err)
	id := sheets[0].ID
	if !in(s, id, sheets[0].Passphrase) {
		t.Fatal("the envelope does not open")
	}
	refused(t, "a seal is said to be somebody's", s.Link(t.Context(), "owner", id, "s-6", false), errs.Conflict)
	refused(t, "its own word", s.Link(t.Context(), id, id, "s-6", false), errs.Conflict)
	st, _ := s.Standing(id)
	if st.Idle || roles.Reach(st.Roles, roles.OpenDoor, s.Now()) != roles.School {
		t.Errorf("%+v", st)
	}
	refused(t, "a seal asks", st.Ask(), errs.Denied)
}

// The first owner comes before the register, rests once there are staff in it, and
// says then who they are: only while nobody else could be the owner.
func TestTheFirstOwnerSaysWhoTheyAre(t *testing.T) {
	s := accountstest.Open(t, t.TempDir())
	t.Cleanup(func() { must(t, s.Close()) })
	s.Register(false)
	code, err := s.FirstOwner(t.Context())
	must(t, err)
	_, err = s.UseLink(t.Context(), code.Text, accounts.NewAccount{ID: "ann"}, good)
	must(t, err)
	if st, _ := s.Standing("ann"); st.Idle || roles.Reach(st.Roles, roles.GiveRoles, s.Now()) != roles.School {
		t.Errorf("before the register: %+v", st)
	}
	must(t, s.Make(t.Context(), "ann", accounts.NewAccount{ID: "bob"}))
	refused(t, "a head before the register", s.Give(t.Context(), accounts.Console, "bob", roles.Assignment{Role: roles.Head}), errs.Invalid)
	s.Register(true)
	if st, live := s.Again(t).Standing("ann"); !live || !st.Idle {
		t.Errorf("after it: live %v, %+v", live, st)
	}
	must(t, s.Link(t.Context(), "ann", "ann", "s-1", false))
	if st, _ := s.Standing("ann"); st.Idle {
		t.Error("tied, and still resting")
	}
	s.Hire(t, "eve", "", roles.Owner)
	s.Wait(time.Hour)
	refused(t, "a second owner says who they are", s.Link(t.Context(), "eve", "eve", "s-2", false), errs.Denied)
}

func TestTheFirstOwnerIsInTheRegister(t *testing.T) {
	s := accountstest.Open(t, t.TempDir())
	t.Cleanup(func() { must(t, s.Close()) })
	code, err := s.FirstOwner(t.Context())
	must(t, err)
	_, err = s.UseLink(t.Context(), code.Text, accounts.NewAccount{ID: "ann"}, good)
	refused(t, "an owner outside a register that has staff", err, errs.Invalid)
	_, err = s.UseLink(t.Context(), code.Text, accounts.NewAccount{ID: "ann", Person: "s-1"}, good)
	must(t, err)
}
