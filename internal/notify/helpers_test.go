package notify

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

var monday = time.Date(2026, 11, 23, 11, 25, 0, 0, time.UTC)

var clerk = school.Actor{Account: "office-1", Person: "s-1"}

// town is a register, and the time in it.
type town struct {
	mu       sync.Mutex
	people   map[string]register.Person
	contacts map[string][]register.Contact
	now      time.Time
}

func (t *town) Person(id string) (register.Person, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.people[id]
	return p, ok
}

func (t *town) Contacts(pupil string) []register.Contact {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.contacts[pupil])
}

// contact changes one of a pupil's contacts.
func (t *town) contact(pupil string, i int, change func(*register.Contact)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.contacts[pupil][i])
}

func (t *town) wait(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = t.now.Add(d)
}

func (t *town) stamp() ledger.Stamp {
	t.mu.Lock()
	defer t.mu.Unlock()
	return ledger.Stamp{Wall: t.now}
}

func person(kind register.Kind, id, given string) register.Person {
	return register.Person{ID: id, Kind: kind, Details: register.Details{Given: given, Family: "Ash"}}
}

func newTown() *town {
	return &town{
		now: monday,
		people: map[string]register.Person{
			"p-1": person(register.Pupil, "p-1", "Zoë"), "p-2": person(register.Pupil, "p-2", "Ben"),
			"s-1": person(register.Staff, "s-1", "Ada"), "s-2": person(register.Staff, "s-2", "Cy"),
		},
		contacts: map[string][]register.Contact{
			"p-1": {
				{ID: "C1", Given: "Orla", Family: "Ash", Email: "orla@home.example"},
				{ID: "C2", Given: "Sean", Family: "Ash", Email: "sean@home.example", NoContact: true},
				{ID: "C3", Given: "Nan", Family: "Ash", Mobile: "07700 900001"},
			},
			"p-2": {{ID: "C4", Given: "Eva", Family: "Ash", Email: "eva@home.example"}},
		},
	}
}

// script is a mail server that does as it is told; after its script it takes
// everything.
type script struct {
	mu       sync.Mutex
	outcomes []error
	calls    []Mail
	at       []time.Time
	wait     chan struct{} // if set, every call waits for it
}

func (s *script) Send(ctx context.Context, m Mail) error {
	s.mu.Lock()
	s.calls, s.at = append(s.calls, m), append(s.at, time.Now())
	var outcome error
	if len(s.outcomes) > 0 {
		outcome, s.outcomes = s.outcomes[0], s.outcomes[1:]
	}
	s.mu.Unlock()
	if s.wait != nil {
		<-s.wait
	}
	return outcome
}

func (s *script) sent() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.calls...)
}

var (
	busy     = &Refusal{Why: AtConnect, Temporary: true}
	unknown  = &Refusal{Why: AtRecipient, Code: 550}
	errLine  = errors.New("the line broke")
	thankyou error
	greylist = &Refusal{Why: AtRecipient, Code: 451, Temporary: true}
	noDisk   = errs.New(errs.Unavailable, "no disk", "")
)

// office is a book with what it works with.
type office struct {
	*Book
	log    *memlog.Log
	vault  *vault.Vault
	town   *town
	mailer *script
}

func newOffice(t testing.TB) office {
	t.Helper()
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { v.Close() })
	return withVault(t, v)
}

func withVault(t testing.TB, v *vault.Vault) office {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	must(t, err)
	o := office{log: log, vault: v, town: newTown(), mailer: &script{}}
	o.Book = New(Config{
		Log: log, Vault: v, People: o.town, Mailer: o.mailer,
		Stamp:      o.town.stamp,
		Texts:      func() Texts { return Texts{School: "Elmfield Academy", OfficePhone: "01632 960001"} },
		StaffEmail: func(id string) string { return map[string]string{"s-1": "ada@school.example"}[id] },
	})
	return o
}

// again is the book as a restart finds it.
func (o office) again(t testing.TB) *Book {
	t.Helper()
	b := New(o.Config)
	must(t, o.log.Read(context.Background(), 0, b.Fold))
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func toMother() Request {
	return Request{About: "c-1", Template: "contact-office", Pupil: "p-1", Contact: "C1"}
}

func toNan() Request {
	return Request{About: "c-1", Template: "contact-office", Pupil: "p-1", Contact: "C3"}
}

func (o office) prepare(t testing.TB, r Request) Notice {
	t.Helper()
	n, err := o.Prepare(t.Context(), "office-1", r)
	must(t, err)
	return n
}

// queued is a notice that somebody has sent.
func (o office) queued(t testing.TB, r Request) string {
	t.Helper()
	n := o.prepare(t, r)
	must(t, o.Send(t.Context(), clerk, n.ID))
	return n.ID
}

// expect checks a notice in memory and as a restart finds it.
func (o office) expect(t testing.TB, id string, want State) Notice {
	t.Helper()
	n, err := o.Get(id)
	must(t, err)
	if n.State != want {
		t.Fatalf("the notice is %s, want %s", n.State, want)
	}
	if kept, err := o.again(t).Get(id); err != nil || kept != n {
		t.Fatalf("in memory %+v, read again %+v, %v", n, kept, err)
	}
	return n
}
