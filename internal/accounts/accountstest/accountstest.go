// Package accountstest gives tests a book of accounts on a ledger in memory, at
// a school with a few people and a clock that stands still until it is moved.
package accountstest

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Monday is when the clocks begin, for school and machine alike.
var Monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// Password is that of everybody whom Hire hires.
const Password = "seven grey herons wade"

// verifier is that of Password, made once: making one takes a while.
const verifier = "$argon2id$v=19$m=19456,t=2,p=1$ucnB8sk9yF9GbmBaXrdiRg$9ebiTbl1QKVqBaHyP3co8XfKGI//9emRu8qB5f3ncOU"

// TB is what testing.T and rapid.T share.
type TB interface {
	Helper()
	Fatal(args ...any)
}

// School is a book and what it stands on.
type School struct {
	*accounts.Book
	Ledger *memlog.Log
	Vault  *vault.Vault // nil for one in memory

	secrets accounts.Vault

	mu     sync.Mutex
	now    time.Time
	people map[string]register.Person
	later  map[string]register.Person
}

// Open makes a school whose vault is in dir, or in memory for "". The register knows the staff s-1 to
// s-6 and the pupil p-1. Close it.
func Open(t TB, dir string) *School {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return Monday })
	must(t, err)
	s := &School{Ledger: log, now: Monday, people: map[string]register.Person{}}
	for _, id := range []string{"s-1", "s-2", "s-3", "s-4", "s-5", "s-6", "p-1"} {
		kind := register.Staff
		if id == "p-1" {
			kind = register.Pupil
		}
		s.people[id] = register.Person{ID: id, Kind: kind, Details: register.Details{Given: "Given-" + id, Family: "Family", Form: "7A"}}
	}
	s.secrets = &memory{kept: map[string][]byte{}}
	if dir != "" {
		s.Vault, err = vault.Open(filepath.Join(dir, "vault"))
		must(t, err)
		s.secrets = s.Vault
	}
	s.Book = s.Again(t)
	return s
}

// Again is the book as a restart finds it.
func (s *School) Again(t TB) *accounts.Book {
	t.Helper()
	b := accounts.New(accounts.Config{
		Log: s.Ledger, Vault: s.secrets, People: s, Zone: time.UTC, School: "Elmfield Academy",
		Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: s.Now()} }, Now: s.Now, Visitors: visitors{},
	})
	must(t, s.Ledger.Read(context.Background(), 0, b.Fold))
	return b
}

// Visitor is the visit of the only visitor who has signed: Sue Supply.
const Visitor = school.Unlisted + "v-sue"

type visitors struct{}

// MayEnter refuses everybody else.
func (visitors) MayEnter(visit string) error {
	if visit != Visitor {
		return errs.New(errs.Denied, "They have not signed the agreement for visitors.", "They sign it at the desk.")
	}
	return nil
}

// Called is her name.
func (visitors) Called(string) string { return "Sue Supply" }

// Close closes the vault.
func (s *School) Close() error {
	if s.Vault == nil {
		return nil
	}
	return s.Vault.Close()
}

// Now is the time, for school and machine alike.
func (s *School) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Wait lets time go by.
func (s *School) Wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Person is the register.
func (s *School) Person(id string) (register.Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.people[id]
	return p, ok
}

// Staffed reports whether the register has staff.
func (s *School) Staffed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.people) > 0
}

// Register empties the register, or fills it again: a school before its first
// import, and after it.
func (s *School) Register(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !full {
		s.later, s.people = s.people, map[string]register.Person{}
		return
	}
	s.people = s.later
}

// Name tells a person's name and form.
func (s *School) Name(id string) (name, form string, ok bool) {
	p, ok := s.Person(id)
	return p.Name(), p.Form, ok
}

// Leave takes a person off the roll.
func (s *School) Leave(person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.people[person]
	p.Left = s.now
	s.people[person] = p
}

// Hire makes an account a week ago that signs in with Password. person is "" for
// somebody the register does not know.
func (s *School) Hire(t TB, id, person string, role roles.Role, forms ...string) {
	t.Helper()
	at := ledger.Stamp{Wall: s.Now().Add(-7 * 24 * time.Hour)}
	must(t, s.Bring(context.Background(), at, accounts.Brought{
		NewAccount: accounts.NewAccount{ID: id, Person: person}, Verifier: verifier, Assignment: roles.Assignment{Role: role, Forms: forms},
	}))
}

func must(t TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
