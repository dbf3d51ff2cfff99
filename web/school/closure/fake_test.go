package closure

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// academy is a school with two banks that do as they are told, B offline.
type academy struct {
	mu     sync.Mutex
	now    time.Time
	book   *closure.Book
	status [2]banks.Status
	orders []string
	lines  []DoorLine // of the newest PDF

	whole  []banks.Status // what whoever looks must not know of included
	hidden string         // the item of it
}

func newAcademy(t testing.TB) *academy {
	a := &academy{now: time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)}
	for i, id := range []string{"a", "b"} {
		s := &a.status[i]
		s.Setup = locker.Setup{Bank: id, Doors: []int{1, 2, 3}}
		s.Online, s.Board.Heard = id == "a", a.now.Add(-time.Minute)
		s.Board.Doors = []view.Door{{Number: 1, Person: "p-ada", State: view.DoorKeeping}, {Number: 2}, {Number: 3, Item: "i-1", InDoubt: true}}
		s.Board.People = []view.Person{{ID: "p-ada", Since: a.now.Add(-2 * time.Hour)}}
	}
	log, err := memlog.New("school", func() time.Time { return a.now })
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	a.book = closure.New(log, v, func() ledger.Stamp { return ledger.Stamp{Wall: a.clock()} })
	return a
}

func (a *academy) clock() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

func (a *academy) pass(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = a.now.Add(d)
}

func (a *academy) Banks() []banks.Status { return a.status[:] }
func (a *academy) News() uint64          { return 1 }

// Wait gives up at once: nothing comes that the test has not set.
func (a *academy) Wait(context.Context, uint64) error { return context.DeadlineExceeded }

func (a *academy) Order(_ context.Context, bank string, o locker.Order) (banks.Done, error) {
	a.orders = append(a.orders, bank+" "+string(o.Kind)+" by "+o.By)
	return banks.Done{}, nil
}

// leaves has bank A say what it does in an evacuation.
func (a *academy) leaves(v view.Evacuation, causes ...locker.Cause) {
	a.status[0].Board.Evacuations = []view.Evacuation{v}
	a.status[0].Board.Evacuation = locker.Evacuation{Causes: causes}
	a.status[0].Board.Evacuation.Since.Wall = v.Began
}

type people struct{ known closure.Known }

func (people) Name(id string) (string, string, bool) {
	name, form := map[string]string{"p-ada": "Ada Byron", "p-al": "Al Byron", "s-office": "Olive Office", "s-head": "Hugh Head"}[id], ""
	if strings.HasPrefix(id, "p-") {
		form = "7A"
	}
	return name, form, name != ""
}

func (people) Staff() []kit.Option {
	return []kit.Option{{Value: "s-head", Text: "Hugh Head"}, {Value: "s-office", Text: "Olive Office"}}
}

func (people) Search(query string) (found []kit.Option) {
	for _, o := range []kit.Option{{Value: "p-ada", Text: "Ada Byron (7A)"}, {Value: "p-al", Text: "Al Byron (7A)"}} {
		if strings.Contains(strings.ToLower(o.Text), strings.ToLower(query)) {
			found = append(found, o)
		}
	}
	return found
}

func (p people) Known(string, time.Time) closure.Known { return p.known }

func (a *academy) config() Config {
	return Config{Book: a.book, Banks: a, Orders: a, People: people{closure.Known{In: true, Bank: "a", Door: 1}},
		Hides: func(item string) bool { return item == a.hidden },
		Whole: func(bank string) (view.Board, bool) {
			for _, s := range a.whole {
				if s.Setup.Bank == bank {
					return s.Board, true
				}
			}
			return view.Board{}, false
		},
		PDF: func(_ string, lines []DoorLine, _ time.Time) ([]byte, error) {
			a.lines = lines
			return []byte("%PDF-"), nil
		}}
}

func (a *academy) handler(t testing.TB) http.Handler {
	t.Helper()
	k := kittest.Kit(kittest.People(), people{}, a.clock, nil)
	feature, err := Pages(k, a.config())
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, feature)
}
