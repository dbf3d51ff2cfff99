package exam

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The morning of the tests: a paper of 90 minutes from nine o'clock.
var (
	eight = time.Date(2027, 5, 10, 8, 0, 0, 0, time.UTC)
	nine  = eight.Add(time.Hour)
)

// tb is what testing.T and rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// hall is a book with a clock, devices that are kept, and those who need theirs.
type hall struct {
	*Book
	log   *memlog.Log
	vault vaulttest.Memory
	now   ledger.Stamp
	kept  map[string][]Kept
	needs map[string]bool
	taken []desk.Confiscation
}

func newHall(t tb) *hall {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return eight })
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{log: log, vault: vaulttest.Memory{}, now: ledger.Stamp{Wall: eight, Trusted: true, Boot: "one"}, kept: map[string][]Kept{}, needs: map[string]bool{}}
	h.Book = h.anew()
	return h
}

func (h *hall) anew() *Book {
	return New(Config{Log: h.log, Vault: h.vault, People: people{}, Stamp: func() ledger.Stamp { return h.now }, Zone: time.UTC,
		Kept:  func() map[string][]Kept { return h.kept },
		Needs: func(person string) bool { return h.needs[person] },
		Remove: func(_ context.Context, _ desk.By, in desk.Confiscation) (desk.Case, error) {
			h.taken = append(h.taken, in)
			return desk.Case{ID: "c-1"}, nil
		}})
}

// again is the book as a restart finds it.
func (h *hall) again(t tb) *Book {
	t.Helper()
	b := h.anew()
	if err := h.log.Read(t.Context(), 0, b.Fold); err != nil {
		t.Fatal(err)
	}
	return b
}

func (h *hall) at(hour, minute int) {
	h.now.Wall = time.Date(2027, 5, 10, hour, minute, 0, 0, time.UTC)
	h.now.Mono = h.now.Wall.Sub(eight)
}

// hands lets a pupil hand a device in at bank A.
func (h *hall) hands(person string, what desk.What) {
	h.kept[person] = append(h.kept[person], Kept{What: what, Place: desk.Place{Kind: desk.Behind, Bank: "a", Door: 1}})
}

// maths is a paper for p-1, p-2 with a quarter more time, and p-3.
func (h *hall) maths(t tb) Sitting {
	t.Helper()
	s, err := h.Set(t.Context(), officer, Draft{Paper: Paper{Title: "Mathematics 1", Series: "June 2027", Rooms: []string{"Hall"}}, Start: nine, Minutes: 90,
		Candidates: []Candidate{{Person: "p-1", Room: "Hall"}, {Person: "p-2", Extra: 25}, {Person: "p-3"}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *hall) sitting(t tb, id string) Sitting {
	t.Helper()
	s, err := h.Sitting(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func by(account string, held ...roles.Role) desk.By {
	b := desk.By{Actor: school.Actor{Account: account, Person: "s-" + account}}
	for _, r := range held {
		b.Roles = append(b.Roles, roles.Assignment{Role: r})
	}
	return b
}

var (
	officer = by("exams", roles.Exams)
	teacher = by("teacher", roles.Teacher)
	head    = by("head", roles.Head)
)

// people are pupils p-..., and staff s-....
type people struct{}

func (people) Person(id string) (register.Person, bool) {
	p := register.Person{ID: id, Kind: register.Pupil}
	if strings.HasPrefix(id, "s-") {
		p.Kind = register.Staff
	}
	return p, strings.HasPrefix(id, "p-") || strings.HasPrefix(id, "s-")
}

// ok fails where something was refused.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.HintOf(err))
	}
}

// refused wants an error of a code that says something.
func refused(t *testing.T, err error, code errs.Code, says string) {
	t.Helper()
	if errs.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v (%s), want %s: %s", err, errs.CodeOf(err), code, says)
	}
}
