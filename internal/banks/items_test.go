package banks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	custody "github.com/bellkeep/bellkeep/locker/record"
)

// told is an item book that writes down what it is told.
type told struct {
	mu         sync.Mutex
	lines      []string
	epoch, seq uint64 // what From answers
	fail       error
}

func (b *told) From(string) (uint64, uint64) { return b.epoch, b.seq }

func (b *told) Tell(_ context.Context, at Place, e locker.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	b.lines = append(b.lines, fmt.Sprintf("%s %d/%d %s %s %d", at.Bank, at.Epoch, at.Seq, e.Kind, e.Item, e.Door))
	return nil
}

func (b *told) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lines)
}

// itemLog is a bank's ledger that speaks of an item, of other things, and of a
// hold.
func itemLog(t *testing.T) *boltlog.Log {
	t.Helper()
	log := bankLog(t, t.TempDir(), 1)
	for _, e := range []locker.Event{
		{Kind: locker.Intent, Door: 3, Purpose: locker.PutItem, Body: locker.Body{Item: "i-1", Attempt: 1, Class: locker.ClassConfiscation}},
		{Kind: locker.Outcome, Door: 3, Body: locker.Body{Item: "i-1", Of: 2, Result: locker.Opened}},
		{Kind: locker.Moved, Door: 4, Body: locker.Body{Contact: locker.Closed}},
		{Kind: locker.Deposited, Door: 3, Body: locker.Body{Item: "i-1", Of: 2}},
		{Kind: locker.HoldPlaced, Door: 3, Body: locker.Body{By: "s-1"}},
	} {
		add(t, log, e)
	}
	return log
}

func add(t *testing.T, log *boltlog.Log, e locker.Event) {
	t.Helper()
	e.At = school.Instant{Wall: noon}
	entry, err := custody.Entry(e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
}

var wholeStory = []string{"a 1/2 intent i-1 3", "a 1/3 outcome i-1 3", "a 1/5 deposited i-1 3", "a 1/6 hold-placed  3"}

// hears waits until the book has been told so many things.
func (b *told) hears(t *testing.T, n int) []string {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(b.heard()) < n && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond) // the house has goroutines and files of its own
	}
	return b.heard()
}

// The book hears of items and holds with the place of each record, nothing else,
// as they come, and after a restart from where it left off.
func TestItemBook(t *testing.T) {
	log, copies := itemLog(t), t.TempDir()
	book := &told{}
	h := opened(t, copies, book)
	ack := h.line("a").follower.take(t.Context(), journalOf(t, log, 0))
	if ack.Refused != "" {
		t.Fatal(ack.Refused)
	}
	if got := book.hears(t, 4); !slices.Equal(got, wholeStory) {
		t.Fatalf("the book heard %q, want %q", got, wholeStory)
	}
	add(t, log, locker.Event{Kind: locker.HoldEnded, Door: 3})
	h.line("a").follower.take(t.Context(), journalOf(t, log, 7))
	if got := book.hears(t, 5); len(got) != 5 || got[4] != "a 1/7 hold-ended  3" {
		t.Errorf("then it heard %q", got)
	}
	await(t, h, "the item on the board", func(a, _ Status) bool { return len(a.Board.Items) == 1 })
	if items := h.Items("a"); len(items) != 1 || items[0].ID != "i-1" || items[0].Door != 3 {
		t.Errorf("items %+v", items)
	}
	if list := h.ItemHistory("i-1"); len(list) != 3 || list[0].Kind != locker.Deposited || list[0].Bank != "a" {
		t.Errorf("history %+v", list)
	}
	if h.Items("z") != nil {
		t.Error("a bank that is not there has items")
	}
}

func TestItemBookGoesOn(t *testing.T) {
	log, copies := itemLog(t), t.TempDir()
	f := openFollower(copies, "a", owner{})
	take(t, f, journalOf(t, log, 0), log.Size(), "")
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	book := &told{epoch: 1, seq: 3}
	opened(t, copies, book)
	if got := book.hears(t, 3); !slices.Equal(got, wholeStory[1:]) {
		t.Errorf("the book heard %q, want %q", got, wholeStory[1:])
	}
}

// What the book fails on it is told again, and nothing after it before. Epochs
// follow each other.
func TestItemBookFails(t *testing.T) {
	log, dir := itemLog(t), t.TempDir()
	f := openedFollower(t, dir)
	take(t, f, journalOf(t, log, 0), log.Size(), "")
	book := &told{fail: errs.New(errs.Unavailable, "The vault is full.", "")}
	l := &line{id: "a", follower: f, house: &House{house: &house{Config: Config{ItemBook: book}}}}
	next := Place{Bank: "a"}
	newest, before, _ := f.current()
	if err := l.tellFrom(t.Context(), &next, newest, before); !errors.Is(err, book.fail) || next.Seq != 2 {
		t.Errorf("%v at %+v", err, next)
	}
	book.fail = nil
	if err := f.open(2); err != nil {
		t.Fatal(err)
	}
	newest, before, _ = f.current()
	if err := l.tellFrom(t.Context(), &next, newest, before); err != nil || next != (Place{"a", 2, 0}) {
		t.Errorf("%v at %+v", err, next)
	}
	if got := book.heard(); !slices.Equal(got, wholeStory) {
		t.Errorf("the book heard %q, want %q", got, wholeStory)
	}
}

func TestListDoorClasses(t *testing.T) {
	log := schoolLog(t)
	l := NewList(log, stamp)
	office := Bank{Label: "Office", Setup: locker.Setup{Bank: "d", Confiscation: Run{1001, 1012}.Doors(), Evidence: Run{1101, 1104}.Doors(), Trays: Run{1201, 1204}.Doors(), Allotment: locker.Fixed}}
	for _, b := range []Bank{bankOf("a", 1, 300), office} {
		if err := l.Add(t.Context(), "it", b); err != nil {
			t.Fatal(err)
		}
	}
	with := func(change func(s *locker.Setup)) Bank {
		b := office
		b.Setup.Bank = "e"
		b.Setup.Confiscation, b.Setup.Evidence, b.Setup.Trays = Run{2001, 2012}.Doors(), Run{2101, 2104}.Doors(), nil
		change(&b.Setup)
		return b
	}
	for name, c := range map[string]struct {
		bank Bank
		want errs.Code
	}{
		"doors that another bank has for pupils":   {with(func(s *locker.Setup) { s.Evidence = []int{300} }), errs.Conflict},
		"doors that another bank has for evidence": {bankOf("e", 1104, 1104), errs.Conflict},
		"a door of two classes":                    {with(func(s *locker.Setup) { s.Evidence = []int{2012} }), errs.Invalid},
		"a gap in the numbers":                     {with(func(s *locker.Setup) { s.Evidence = []int{2101, 2103} }), errs.Invalid},
		"a number no door has":                     {with(func(s *locker.Setup) { s.Evidence = []int{ledger.MaxDoor + 1} }), errs.Invalid},
		"no doors of any class":                    {with(func(s *locker.Setup) { s.Confiscation, s.Evidence = nil, nil }), errs.Invalid},
	} {
		if err := l.Add(t.Context(), "it", c.bank); errs.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	again := NewList(log, stamp)
	if err := log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	got, _ := again.Get("d")
	if s := got.Setup; len(s.Doors) != 0 || len(s.Confiscation) != 12 || s.Class(1101) != locker.ClassEvidence || s.Class(1201) != locker.ClassTray || s.Size() != 20 {
		t.Errorf("after a restart: %+v", s)
	}
}

// A list from before there were classes is one of pupil doors.
func TestListOfOld(t *testing.T) {
	l := NewList(nil, stamp)
	err := l.Fold(ledger.Record{Entry: ledger.Entry{Kind: KindListed, Body: []byte(`{"bank":"a","first":1,"last":64,"allotment":"fixed","by":"it"}`)}})
	if b, _ := l.Get("a"); err != nil || len(b.Setup.Doors) != 64 || b.Setup.Size() != 64 {
		t.Errorf("%+v, %v", b.Setup, err)
	}
}

// A state that names as many doors as a bank has, of whatever class, is heard.
func TestStateOfEveryClass(t *testing.T) {
	h := opened(t, t.TempDir(), nil)
	b := Bank{Setup: locker.Setup{Bank: "a", Doors: []int{1}, Confiscation: []int{50}, Evidence: []int{60}, Allotment: locker.Fixed}}
	if err := h.List.Add(t.Context(), "it", b); err != nil {
		t.Fatal(err)
	}
	if err := h.Admit(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	for doors, want := range map[int]int{3: 3, 4: 0} {
		state := wire.BankState{V: wire.V, Bank: "a", Doors: make([]wire.DoorState, doors)}
		payload, err := wire.Encode(state)
		if err != nil {
			t.Fatal(err)
		}
		l := h.line("a")
		l.state = wire.BankState{}
		if l.heardState(payload); len(l.status().State.Doors) != want {
			t.Errorf("of %d doors %d are heard of", doors, len(l.status().State.Doors))
		}
	}
}

// A bank may say of its computer what it likes: what is too much or too long is
// dropped.
func TestStateOfTheComputerIsBounded(t *testing.T) {
	h := opened(t, t.TempDir(), nil)
	state := wire.BankState{V: wire.V, Bank: "a", Problems: slices.Repeat([]health.Problem{{Code: health.Hot}, {Code: health.ScannerLost, Part: strings.Repeat("x", 99)}}, health.MaxProblems+1)}
	payload, err := wire.Encode(state)
	if err != nil {
		t.Fatal(err)
	}
	l := h.line("a")
	l.heardState(payload)
	if got := l.status().State.Problems; len(got) != health.MaxProblems || got[1].Code != health.Hot {
		t.Errorf("%d are kept: %+v", len(got), got)
	}
}
