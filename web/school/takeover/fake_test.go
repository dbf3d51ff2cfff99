package takeover

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var now = time.Date(2027, 6, 7, 11, 20, 7, 0, time.UTC)

// academy is a school whose bank B has sixty doors and works on another computer:
// thirty phones and an item are behind them, and door 3 stands open.
type academy struct {
	mu      sync.Mutex
	status  banks.Status
	loss    banks.BankLoss
	orders  []locker.Order
	refused locker.Answer
	looks   []closure.Look
	codes   []string // made, by whom
}

func newAcademy() *academy {
	a := &academy{loss: banks.BankLoss{Held: 31, Copied: 812, Recorded: 815, Heard: now.Add(-20 * time.Minute)}}
	a.status.Setup = locker.Setup{Bank: "b"}
	a.status.Label, a.status.Online, a.status.Board.Size = "East gate", true, 40
	for n := 1; n <= 60; n++ {
		a.status.Setup.Doors = append(a.status.Setup.Doors, n)
		d := view.Door{Number: n, Contact: locker.Closed, InDoubt: true}
		if n <= 30 {
			d.Person = fmt.Sprintf("p-%d", n)
			a.status.Board.People = append(a.status.Board.People, view.Person{ID: d.Person, Since: now.Add(-3 * time.Hour)})
		}
		switch n {
		case 3:
			d.Contact = locker.Open
		case 31:
			d.Item, d.Sensed = "i-1", locker.Absent
		case 41, 42:
			d.Spoke = 83 - n
		}
		a.status.Board.Doors = append(a.status.Board.Doors, d)
	}
	return a
}

func (a *academy) Banks() []banks.Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.status
	s.Board.Doors = slices.Clone(s.Board.Doors)
	return []banks.Status{s}
}

func (a *academy) Loss(string) (banks.BankLoss, error)         { return a.loss, nil }
func (a *academy) News() uint64                                { return 1 }
func (a *academy) Wait(ctx context.Context, seen uint64) error { <-ctx.Done(); return ctx.Err() }

// Order believes whoever looked at doors that are shut.
func (a *academy) Order(_ context.Context, bank string, o locker.Order) (banks.Done, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.orders = append(a.orders, o)
	if a.refused != "" {
		return banks.Done{Refused: string(a.refused)}, nil
	}
	for i, d := range a.status.Board.Doors {
		if slices.Contains(o.Doors, d.Number) && d.Contact == locker.Closed {
			a.status.Board.Doors[i].InDoubt = false
		}
	}
	a.status.Board.Size++
	return banks.Done{Seq: a.status.Board.Size - 1}, nil
}

func (a *academy) replace(_ context.Context, by, bank string) (joining.Code, time.Time, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.codes = append(a.codes, by+" "+bank)
	return joining.Code{CA: cert.Fingerprint{1}, Token: joining.NewToken(), Kind: cert.Bank, ID: bank, Server: "10.0.0.1:8443"}, now.Add(30 * time.Minute), nil
}

func (a *academy) First(_ context.Context, who school.Actor, bank string, doors []int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.looks = append(a.looks, closure.Look{Act: closure.Act{By: who.Account, Person: who.Person, At: now}, Bank: bank, Doors: doors})
	return nil
}

func (a *academy) Looked(bank string, door int, person string, since time.Time) (closure.Look, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range a.looks {
		if l.Bank == bank && slices.Contains(l.Doors, door) && l.Person != person && !l.At.Before(since) {
			return l, true
		}
	}
	return closure.Look{}, false
}

func name(id string) (name, form string, ok bool) {
	var n int
	if _, err := fmt.Sscanf(id, "p-%d", &n); err != nil || n == 9 {
		return "", "", false
	}
	return fmt.Sprintf("Pupil Number-%d", n), "7A", true
}

type people struct{}

func (people) Name(id string) (string, string, bool) { return name(id) }

func (a *academy) handler(t testing.TB) (http.Handler, *kittest.Gate) {
	t.Helper()
	gate := kittest.People()
	k := kittest.Kit(gate, people{}, func() time.Time { return now }, nil)
	feature, err := Pages(k, Config{Banks: a, Orders: a, Name: name, Replace: a.replace, Looks: a})
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, feature), gate
}
