package handover

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/consent"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var now = time.Date(2026, 11, 23, 13, 20, 0, 0, time.UTC)

// academy is a school whose bank E has a phone behind its evidence door 1101 and its
// own hold on door 1103; it does by itself what a real bank decides.
type academy struct {
	consent.Custody // the rest is asked nothing
	*consent.Book

	mu     sync.Mutex
	state  *locker.State
	held   bool
	safe   bool // the phone is in a safe
	orders []locker.Order
	words  map[string][]byte
	list   passkey.Set // the school's
}

var headKey, dslKey, deputyKey = passkeytest.New("s-head"), passkeytest.New("s-dsl"), passkeytest.New("s-deputy-dsl")

func newAcademy(t *testing.T, known ...*passkeytest.Authenticator) *academy {
	t.Helper()
	a := &academy{held: true, words: map[string][]byte{}, list: passkeytest.Set(headKey, dslKey)}
	a.state = locker.NewState(locker.Setup{Bank: "e", Evidence: []int{1101, 1102, 1103}})
	a.record(locker.Event{Kind: locker.Surveyed})
	if len(known) > 0 {
		set := passkeytest.Set(known...)
		a.record(locker.Event{Kind: locker.ApproversLearned, Body: locker.Body{Keys: &set, AtOnce: true}})
	}
	a.record(locker.Event{Kind: locker.HoldPlaced, Door: 1103, Body: locker.Body{By: "s-office"}})
	log, err := memlog.New("school", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	a.Book = consent.New(consent.Config{Log: log, Vault: (*safe)(a), Custody: a, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: now, Trusted: true} },
		Now: func() time.Time { return now }, Rules: policy.Default})
	a.Book.Banks, a.Book.Keys = line{a}, func() passkey.Set { return a.list }
	return a
}

func (a *academy) record(e locker.Event) {
	e.At = school.Instant{Wall: now, Trusted: true, Boot: "one"}
	a.state.Apply(uint64(len(a.orders)), e)
}

type safe academy

func (s *safe) Get(_ context.Context, id string) ([]byte, error) { return s.words[id], nil }
func (s *safe) Put(_ context.Context, id string, content []byte) (vault.Commitment, error) {
	s.words[id] = content
	return vault.Commitment{byte(len(s.words))}, nil
}

func (a *academy) Item(id string) (desk.Item, error) {
	if a.safe {
		return desk.Item{ID: id, What: desk.Phone, Whose: "p-1", Place: desk.At("leadership-safe")}, nil
	}
	return desk.Item{ID: id, What: desk.Phone, Whose: "p-1", Place: desk.Place{Kind: desk.Behind, Bank: "e", Door: 1101, Since: now}}, nil
}
func (a *academy) Items() []desk.Item    { i, _ := a.Item("i-1"); return []desk.Item{i} }
func (a *academy) Held(desk.Item) bool   { return a.held }
func (a *academy) News() uint64          { return 1 }
func (a *academy) Banks() []banks.Status { return []banks.Status{a.status()} }
func (a *academy) Leaves(context.Context, desk.By, string, locker.Purpose, string) error {
	return nil
}

func (a *academy) Goes(_ context.Context, _ desk.By, item, agreed string) error {
	a.words["gone"] = []byte(item + " " + agreed)
	return nil
}

func (a *academy) Wait(ctx context.Context, _ uint64) error { return context.DeadlineExceeded }

func (a *academy) status() banks.Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := school.Instant{Wall: now, Trusted: true, Boot: "one"}
	s := banks.Status{Bank: banks.Bank{Setup: a.state.Setup}, Online: true}
	s.Board = view.Board{Size: 40, Heard: now, Approvers: a.state.Approvers, Approving: a.state.Approvers.People(at)}
	for _, n := range a.state.Evidence {
		d := view.Door{Number: n, Contact: locker.Closed}
		if h, held := a.state.Holds[n]; held {
			d.Hold = &h
		}
		s.Board.Doors = append(s.Board.Doors, d)
	}
	return s
}

// Order has the bank decide.
func (a *academy) Order(_ context.Context, _ string, o locker.Order) (banks.Done, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.orders = append(a.orders, o)
	o.ID = "o-" + string(rune('a'+len(a.orders)))
	d := locker.DecideOrder(a.state, locker.Rules{Directory: &locker.Directory{}}, o, school.Instant{Wall: now, Trusted: true, Boot: "one"})
	a.state.Apply(uint64(len(a.orders)), d.Event)
	return banks.Done{Seq: uint64(len(a.orders)), Refused: string(d.Event.Answer)}, nil
}

// line is the bank as those see it who sign.
type line struct{ *academy }

func (l line) Known(string) (passkey.Set, []string) {
	b := l.status().Board
	return b.Approvers.Set, b.Approving
}

func (l line) Approval(context.Context, string) (string, error) {
	return "0123456789abcdef0123456789abcdef", nil
}

func (l line) Order(ctx context.Context, bank string, o locker.Order) (uint64, string, error) {
	done, err := l.academy.Order(ctx, bank, o)
	return done.Seq, done.Refused, err
}

func (a *academy) config() Config {
	return Config{Requests: a.Book, Custody: a, Banks: a, Approvers: func() passkey.Set { return a.list }, Name: people{}.Name, Holder: func(account string) string { return account }}
}

func (a *academy) handler(t *testing.T) http.Handler {
	t.Helper()
	k := kittest.Kit(kittest.People(), people{}, func() time.Time { return now }, nil)
	feature, err := Pages(k, a.config())
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, feature)
}

type people struct{}

func (people) Name(id string) (string, string, bool) {
	if id == "p-1" {
		return "Quentin Pupil", "9B", true
	}
	return "Staff " + id, "", slices.Contains([]string{"s-head", "s-dsl", "s-deputy-dsl", "s-office"}, id)
}

// answer is what a browser sends once its passkey has signed.
func answer(t *testing.T, key *passkeytest.Authenticator, a *academy, path string) url.Values {
	t.Helper()
	r, err := a.Get(path[len("/agree/"):])
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"passkey": {key.Answer(r.Wish)}}
}
