package declarations

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// tb is what testing.T and rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
	Context() context.Context
}

// staffroom is a book with a clock, rules and who holds which roles.
type staffroom struct {
	*Book
	log   *memlog.Log
	vault vaulttest.Memory
	now   time.Time
	rules policy.Rules
	held  map[string][]roles.Role // by person
}

func newStaffroom(t tb) *staffroom {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	if err != nil {
		t.Fatal(err)
	}
	s := &staffroom{log: log, vault: vaulttest.Memory{}, now: monday, rules: policy.Default(), held: map[string][]roles.Role{
		"s-head": {roles.Head}, "s-dsl": {roles.DSL}, "s-deputy": {roles.DeputyDSL}, "s-chair": {roles.Chair}, "s-teacher": {roles.Teacher}, "s-acting": {roles.Head},
	}}
	s.Book = s.anew()
	return s
}

func (s *staffroom) anew() *Book {
	return New(Config{Log: s.log, Vault: s.vault, People: people{}, Rules: func() policy.Rules { return s.rules },
		Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: s.now, Trusted: true} }, Held: s.assigned})
}

func (s *staffroom) assigned(person string) (list []roles.Assignment) {
	for _, r := range s.held[person] {
		list = append(list, roles.Assignment{Role: r})
	}
	return list
}

// by is somebody's account; a person may have two.
func (s *staffroom) by(account string) By {
	person := "s-" + strings.TrimSuffix(account, "-two")
	return By{school.Actor{Account: account, Person: person}, s.assigned(person)}
}

type people struct{}

func (people) Person(id string) (register.Person, bool) {
	return register.Person{ID: id, Kind: register.Staff}, strings.HasPrefix(id, "s-")
}

func tie() Draft {
	return Draft{Kind: Relationship, Text: Text{About: "Ann, year 4", Why: "She is my niece."}}
}

func (s *staffroom) declared(t tb, account string) string {
	t.Helper()
	d, err := s.Declare(t.Context(), s.by(account), tie())
	if err != nil {
		t.Fatal(err)
	}
	return d.ID
}

// By one school's rules the lead or the head has to know, by another's both; and both
// are two people, also where the head is the lead.
func TestWhoHasToKnow(t *testing.T) {
	two := policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverDeputyOrChair}
	for _, c := range []struct {
		name     string
		ack      policy.Acknowledgement
		isHead   bool
		declares string
		by       string // accounts in order; with a minus those that are refused
		done     bool
	}{
		{"or: the lead", policy.DSLOrHead, false, "teacher", "dsl", true},
		{"or: the head", policy.DSLOrHead, false, "teacher", "head", true},
		{"or: nobody else", policy.DSLOrHead, false, "teacher", "-deputy -chair -teacher", false},
		{"or: the head's own", policy.DSLOrHead, false, "head", "-head dsl", true},
		{"and: one", policy.DSLAndHead, false, "teacher", "dsl", false},
		{"and: two", policy.DSLAndHead, false, "teacher", "dsl -deputy head", true},
		{"and: two heads", policy.DSLAndHead, false, "teacher", "head -acting", false},
		{"and: twice the same", policy.DSLAndHead, false, "teacher", "dsl -dsl -dsl-two", false},
		{"and: the lead's own", policy.DSLAndHead, false, "dsl", "head -dsl chair", true},
		{"and: the head's own", policy.DSLAndHead, false, "head", "-head dsl deputy", true},
		{"one person is both", policy.DSLAndHead, true, "teacher", "head -head -head-two deputy", true},
		{"one person is both, the chair", policy.DSLAndHead, true, "teacher", "chair head", true},
		{"one person is both, their own", policy.DSLAndHead, true, "head", "-head deputy chair", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStaffroom(t)
			s.rules.Relationship = c.ack
			if c.isHead {
				s.rules.Roles.DSL, s.rules.HoldEnd, s.held["s-dsl"] = policy.IsHead, two, nil
			}
			id := s.declared(t, c.declares)
			for _, account := range strings.Fields(c.by) {
				account, not := strings.CutPrefix(account, "-")
				if err := s.Acknowledge(t.Context(), s.by(account), id); (errs.CodeOf(err) == errs.Denied) != not || err != nil && !not {
					t.Errorf("%s: %v", account, err)
				}
			}
			if d, _ := s.Declaration(id); s.Waiting(d) == c.done {
				t.Errorf("done is not %v: %+v wait for %v", c.done, d.Acknowledged, s.Wanted(d))
			}
		})
	}
}

// An account that changed in the last day acknowledges nothing.
func TestNotWithAFreshAccount(t *testing.T) {
	s := newStaffroom(t)
	id, fresh := s.declared(t, "teacher"), s.by("dsl")
	fresh.Changed = monday.Add(-time.Hour)
	if err := s.Acknowledge(t.Context(), fresh, id); errs.CodeOf(err) != errs.Denied {
		t.Errorf("%v", err)
	}
}

// Contact through private social media is approved by the head before it begins, the
// head's own by the chair, and ends.
func TestContact(t *testing.T) {
	s := newStaffroom(t)
	ask := Draft{Kind: Contact, Text: Text{About: "A parent I train with", Why: "The running club's group."}, Until: monday.AddDate(0, 6, 0)}
	for field, spoil := range map[string]func(*Draft){
		"until": func(d *Draft) { d.Until = time.Time{} }, "about": func(d *Draft) { d.Text.About = " " }, "why": func(d *Draft) { d.Text.Why = strings.Repeat("x", 1001) }, "kind": func(d *Draft) { d.Kind = "friend" },
	} {
		d := ask
		spoil(&d)
		if _, err := s.Declare(t.Context(), s.by("teacher"), d); len(errs.All(err)) != 1 || errs.All(err)[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	d, err := s.Declare(t.Context(), s.by("teacher"), ask)
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range []string{"teacher", "dsl", "chair"} {
		if err := s.Decide(t.Context(), s.by(account), d.ID, true, ""); errs.CodeOf(err) != errs.Denied {
			t.Errorf("%s decides: %v", account, err)
		}
	}
	if err := s.Decide(t.Context(), s.by("head"), d.ID, false, ""); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("refused without a word: %v", err)
	}
	if err := s.Decide(t.Context(), s.by("head"), d.ID, true, ""); err != nil {
		t.Error(err)
	}
	if err := s.Decide(t.Context(), s.by("acting"), d.ID, false, "No."); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("decided twice: %v", err)
	}
	own, err := s.Declare(t.Context(), s.by("head"), ask)
	if err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]errs.Code{"head": errs.Denied, "head-two": errs.Denied, "acting": errs.Denied} {
		if err := s.Decide(t.Context(), s.by(account), own.ID, true, ""); errs.CodeOf(err) != want {
			t.Errorf("%s decides for the head: %v", account, err)
		}
	}
	s.held["s-head"] = []roles.Role{roles.Head, roles.Chair}
	if err := s.Decide(t.Context(), s.by("head-two"), own.ID, true, ""); errs.CodeOf(err) != errs.Denied {
		t.Errorf("who has both posts decides for themselves: %v", err)
	}
	s.held["s-head"] = []roles.Role{roles.Head}
	if err := s.Decide(t.Context(), s.by("chair"), own.ID, false, "Use the school's channels."); err != nil {
		t.Error(err)
	}
	if err := s.End(t.Context(), s.by("head"), d.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("ended by another: %v", err)
	}
	if err := s.End(t.Context(), s.by("teacher"), d.ID); err != nil {
		t.Error(err)
	}
	b := s.anew()
	if err := s.log.Read(t.Context(), 0, b.Fold); err != nil || !reflect.DeepEqual(b.All(), s.All()) {
		t.Errorf("a restart has %+v, %v", b.All(), err)
	}
	err = s.log.Read(t.Context(), 0, func(r ledger.Record) error {
		if bytes.Contains(r.Body, []byte("run")) || bytes.Contains(r.Body, []byte("parent")) || bytes.Contains(r.Body, []byte("channels")) {
			t.Errorf("%s says %s", r.Kind, r.Body)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Whatever is tried by whomever under whatever rules, nobody knows of their own tie for
// the school, and no person counts twice.
func TestPeopleAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStaffroom(t)
		accounts := []string{"head", "head-two", "dsl", "dsl-two", "deputy", "chair", "teacher", "acting"}
		id := s.declared(t, rapid.SampledFrom(accounts).Draw(t, "declares"))
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				d, _ := s.Declaration(id)
				var who []string
				for _, a := range d.Acknowledged {
					if a.Person == d.Person || slices.Contains(who, a.Person) {
						t.Fatalf("%s counts for %s beside %v", a.Person, d.Person, who)
					}
					who = append(who, a.Person)
				}
				if !s.Waiting(d) && len(who) < Needed(s.rules) {
					t.Fatalf("nothing more is wanted, and only %v know", who)
				}
			},
			"acknowledge": func(t *rapid.T) {
				_ = s.Acknowledge(t.Context(), s.by(rapid.SampledFrom(accounts).Draw(t, "by")), id) // refused or not
			},
			"rules": func(t *rapid.T) {
				s.rules.Relationship = rapid.SampledFrom([]policy.Acknowledgement{policy.DSLAndHead, policy.DSLOrHead}).Draw(t, "ack")
				s.rules.Roles.DSL = rapid.SampledFrom([]policy.Holder{policy.OwnPerson, policy.IsHead}).Draw(t, "dsl")
				s.rules.HoldEnd.Second = rapid.SampledFrom([]policy.Approver{policy.ApproverDSL, policy.ApproverDeputy, policy.ApproverChair, policy.ApproverDeputyOrChair}).Draw(t, "second")
			},
			"roles": func(t *rapid.T) {
				person := "s-" + rapid.SampledFrom([]string{"head", "dsl", "deputy", "teacher"}).Draw(t, "person")
				s.held[person] = rapid.SliceOfN(rapid.SampledFrom([]roles.Role{roles.Head, roles.DSL, roles.DeputyDSL, roles.Chair}), 0, 3).Draw(t, "roles")
			},
		})
	})
}

func TestFollowsTheRules(t *testing.T) {
	see := func(r policy.Rules) string {
		s := newStaffroom(t)
		s.rules = r
		id := s.declared(t, "teacher")
		_ = s.Acknowledge(t.Context(), s.by("dsl"), id) // by some rules that is all
		d, _ := s.Declaration(id)
		return fmt.Sprint(s.Waiting(d))
	}
	policytest.Watch(t, policy.Default(), see, "staff_relationship_ack")
}

// A request whose time has passed undecided waits for nobody any more.
func TestContactLapses(t *testing.T) {
	s := newStaffroom(t)
	d, err := s.Declare(t.Context(), s.by("teacher"), Draft{Kind: Contact, Text: Text{About: "A parent", Why: "A club."}, Until: monday.AddDate(0, 0, 1)})
	if err != nil || !s.Waiting(d) || s.Over(d) {
		t.Fatalf("asked for: %v, over %v", err, s.Over(d))
	}
	s.now = d.Until
	if s.Waiting(d) || !s.Over(d) {
		t.Error("it still waits")
	}
	if err := s.Decide(t.Context(), s.by("head"), d.ID, true, ""); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("approved when it was over: %v", err)
	}
}
