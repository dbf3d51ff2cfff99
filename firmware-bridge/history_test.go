package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// stage is a bank of every class of door, its cabinet and the people before it,
// under random histories. People are honest: they do what a door was opened for.
type stage struct {
	*rapid.T
	*truth
	bank   *Bank // nil while the power is off
	gate   *Gate
	log    *memlog.Log
	now    Moment
	random counting
	bars   map[locker.Subject]bool
	rules  locker.Rules
	bus    []Order
	orders int

	approval string    // the newest nonce for two people to sign; "" after a power cut
	given    time.Time // when it was
	spent    bool      // somebody has signed with it

	boots int
	count map[string]int
}

var (
	everyDoor = locker.Setup{Bank: "a", Doors: []int{1, 2, 3}, Confiscation: []int{4, 5}, Evidence: []int{6, 7}, Allotment: locker.Fixed}
	doorsOf   = rapid.IntRange(1, 8) // one more than there are
	itemsOf   = rapid.SampledFrom([]string{"i-1", "i-2", "i-3", "ann"})
	classesOf = rapid.SampledFrom([]locker.Class{locker.ClassConfiscation, locker.ClassEvidence})
)

// A bank whose items, pupils, orders, staff, bars, holds and power cuts come in
// any order never does or believes what the truth forbids, and what it believes
// is the fold of its ledger.
func TestHistories(t *testing.T) {
	reached, steps := map[string]int{}, 0
	defer func() { t.Logf("%d steps", steps) }()
	check := func(t *rapid.T) {
		s := newStage(t, reached)
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { steps++; s.check() }, "scan": s.scan, "staff": s.atKiosk, "order": s.order, "bus": s.carry, "hands": s.hands,
			"again": s.hands, "bar": s.bar, "latch": s.latch, "wait": s.wait, "power": s.power,
		})
		s.refold()
	}
	wanted := []string{"put-item", "take-item", "deposit", "collection", "staff-open", "hold-placed", "hold-ended", "unverified", "jammed", "evidence", "occupied", "barred", "two-needed", "hand-over", "restore", "same-person", "unknown-key", "other-wish", "late", "replayed"}
	quiet := func(what string) bool { return reached[what] == 0 }
	for round := range 20 { // some hundreds of histories, and more while one of these did not come up
		if rapid.Check(t, check); t.Failed() || round >= 3 && !slices.ContainsFunc(wanted, quiet) {
			break
		}
	}
	for _, what := range wanted {
		if quiet(what) {
			t.Errorf("no history had %q: they are too quiet to prove anything", what)
		}
	}
}

func newStage(t *rapid.T, count map[string]int) *stage {
	s := &stage{T: t, truth: newTruth(everyDoor), bars: map[locker.Subject]bool{}, count: count}
	s.now = Moment{School: school.Instant{Wall: committed, Trusted: true}, Machine: committed}
	var err error
	if s.log, err = memlog.New("a", func() time.Time { return s.now.Machine }); err != nil {
		t.Fatal(err)
	}
	s.rules = locker.Rules{
		Directory: &locker.Directory{
			Badges: map[school.BadgeHash]locker.BadgeEntry{ann.Hash(): {Person: "ann"}, bob.Hash(): {Person: "bob"}, staff.Hash(): {Person: "s-1"}},
			People: map[string]locker.Place{"ann": {Bank: "a", Door: 1}, "bob": {Bank: "a", Door: 2}},
			Staff:  map[string]locker.StaffEntry{"s-1": {PIN: goodPIN}},
		},
		Plan: school.Plan{Windows: []school.Window{{Use: school.Collection, From: committed, Until: committed.Add(1000 * time.Hour)}}},
	}
	s.start()
	return s
}

// Append, Size, Read and Wait are the bank's ledger; the truth reads along.
func (s *stage) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	first := s.log.Size()
	receipts, err := s.log.Append(ctx, entries...)
	for i, e := range entries {
		event, _ := record.Event(ledger.Record{Entry: e})
		s.recorded(first+uint64(i), event)
		for _, word := range []string{e.Kind, e.Purpose, string(event.Result), string(event.Answer)} {
			s.count[word]++
		}
	}
	return receipts, err
}

func (s *stage) Size() uint64 { return s.log.Size() }
func (s *stage) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	return s.log.Read(ctx, from, fn)
}
func (s *stage) Wait(ctx context.Context, size uint64) error { return s.log.Wait(ctx, size) }
func (s *stage) Show(string, locker.Screen)                  {}

func (s *stage) Send(o Order) bool {
	s.bus = append(s.bus, o)
	return true
}

// Unlock is the latch behind the gate, for the order at the head of the bus.
func (s *stage) Unlock(context.Context, int) error {
	s.pulse(s.bus[0])
	return nil
}

func (s *stage) start() {
	s.boots++
	s.approval = ""
	s.now.School.Boot, s.now.School.Mono = fmt.Sprint("boot-", s.boots), 0
	s.gate, s.bus = NewGate("a", s.log), nil
	parts := Parts{Setup: s.setup, Rules: s.rules, Kiosks: []string{"front"}, Log: s, Sender: s, Display: s, PINs: plainPINs{}, Random: &s.random}
	known := passkeytest.Set(headKey, dslKey)
	parts.Told = &known
	var err error
	if s.bank, err = NewBank(context.Background(), parts, s.now); err != nil {
		s.Fatal(err)
	}
	s.look()
}

func (s *stage) handle(inputs ...Input) {
	if s.bank == nil {
		return
	}
	if err := s.bank.Handle(context.Background(), s.now, inputs...); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) pass(d time.Duration) {
	s.now.Machine, s.now.School.Wall, s.now.School.Mono = s.now.Machine.Add(d), s.now.School.Wall.Add(d), s.now.School.Mono+d
}

// look lets the bank see its doors for long enough to believe it.
func (s *stage) look() {
	for range 14 {
		doors := map[int]hardware.Reading{}
		for n := range s.setup.All() {
			doors[n] = hardware.Reading{Contact: hardware.Closed}
			if _, open := s.open[n]; open {
				doors[n] = hardware.Reading{Contact: hardware.Open}
			}
		}
		s.pass(100 * time.Millisecond)
		s.handle(Looked{At: s.now.Machine, Doors: doors})
	}
}

func (s *stage) scan(t *rapid.T) {
	token := rapid.SampledFrom([]school.Token{ann, bob}).Draw(t, "badge")
	s.handle(Scanned{Kiosk: "front", Line: token.Badge()})
}

func (s *stage) atKiosk(t *rapid.T) {
	s.handle(Scanned{Kiosk: "front", Line: staff.Badge()})
	s.handle(PINGiven{"front", goodPIN})
	kind := rapid.SampledFrom([]locker.WishKind{locker.WishDoor, locker.WishPut, locker.WishHold}).Draw(t, "wish")
	s.handle(Wished{"front", locker.Wish{Kind: kind, Door: doorsOf.Draw(t, "door"), Reason: locker.Other, Item: itemsOf.Draw(t, "item"), Class: classesOf.Draw(t, "class")}})
}

func (s *stage) order(t *rapid.T) {
	s.orders++
	o := locker.Order{ID: fmt.Sprint("o-", s.orders), By: "office", Item: itemsOf.Draw(t, "item"), Person: rapid.SampledFrom([]string{"", "ann", "bob"}).Draw(t, "person")}
	o.Kind = rapid.SampledFrom([]locker.OrderKind{locker.OpenDoor, locker.OrderPut, locker.OrderTake, locker.OrderEndHold, locker.OrderEvidence}).Draw(t, "kind")
	o.Purpose, o.To = rapid.SampledFrom([]locker.Purpose{locker.HandOver, locker.Restore, locker.TakeItem}).Draw(t, "purpose"), "h-1"
	switch held := slices.Sorted(maps.Keys(s.held)); {
	case o.Kind == locker.OrderPut && rapid.Bool().Draw(t, "any door"):
		o.Class = classesOf.Draw(t, "class")
	case o.Kind == locker.OrderEndHold && len(held) > 0:
		o.Door = rapid.SampledFrom(held).Draw(t, "held")
	case o.Kind == locker.OrderEvidence && s.bank != nil && s.bank.state.Items[o.Item] != nil && rapid.Bool().Draw(t, "where it is"):
		o.Door = s.bank.state.Items[o.Item].Door
	case o.Kind != locker.OrderTake:
		o.Door = doorsOf.Draw(t, "door")
	}
	s.sign(t, &o)
	s.handle(NonceAsked{Reply: func(nonce string) { o.Nonce = nonce }})
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		s.handle(Ordered{o, func(OrderResult) {}})
	}
}

var headKey, dslKey, strangerKey = passkeytest.New("s-head"), passkeytest.New("s-dsl"), passkeytest.New("s-it")

// sign has some people sign an order, or one like it; the truth knows which orders
// two people whom the bank knows have signed, in time and for the first time.
func (s *stage) sign(t *rapid.T, o *locker.Order) {
	if !o.Kind.TakesTwo() {
		return
	}
	if s.approval == "" || rapid.Bool().Draw(t, "fresh") {
		s.handle(NonceAsked{Approval: true, Reply: func(nonce string) { s.approval = nonce }})
		s.given, s.spent = s.now.Machine, false
	}
	o.Approval = s.approval
	meant := *o
	if rapid.IntRange(0, 4).Draw(t, "for another door") == 0 {
		meant.Door++
	}
	two := rapid.SampledFrom([][]*passkeytest.Authenticator{{}, {headKey}, {headKey, headKey}, {headKey, strangerKey}, {headKey, dslKey}, {dslKey, headKey}}).Draw(t, "who")
	for _, a := range two {
		o.Signed = append(o.Signed, a.Sign(meant.Wish("a")))
	}
	if rapid.IntRange(0, 9).Draw(t, "late") == 0 {
		s.pass(locker.ApprovalLife + time.Second)
	}
	good := !s.spent && s.now.Machine.Sub(s.given) <= locker.ApprovalLife
	s.spent = s.spent || len(two) > 0 // what nobody signed spends nothing
	if good && meant.Door == o.Door && len(two) == 2 && two[0] != two[1] && two[1] != strangerKey {
		s.agreed[o.ID] = [2]string{two[0].Person, two[1].Person}
	}
}

// carry brings what is on the bus to the gate, second tries too.
func (s *stage) carry(t *rapid.T) {
	seen := rapid.IntRange(0, 3).Draw(t, "unseen") > 0
	for len(s.bus) > 0 && s.bank != nil {
		sent := Sent{Order: s.bus[0], At: s.now.Machine}
		if rapid.IntRange(0, 9).Draw(t, "lost") == 0 {
			sent.Err = errs.New(errs.Unavailable, "The bus did not answer.", "")
		} else {
			sent.Err = s.gate.Open(context.Background(), s.bus[0], s, s.now.Machine)
		}
		s.bus = s.bus[1:]
		s.handle(sent)
		if seen {
			s.look()
		}
	}
}

// hands use the open doors, before the bank's eyes while it has power.
func (s *stage) hands(t *rapid.T) {
	s.look()
	for n := range s.setup.All() {
		if _, open := s.open[n]; open && rapid.Bool().Draw(t, "use") {
			s.use(n)
		}
	}
	s.look()
}

func (s *stage) bar(t *rapid.T) {
	who := rapid.SampledFrom([]locker.Subject{{Person: "ann"}, {Item: "i-1"}, {Bank: "a", Door: 2}, {Bank: "a", Door: 4}, {Bank: "a", Door: 6}}).Draw(t, "who")
	s.bars[who] = !s.bars[who]
	dir := *s.rules.Directory
	dir.Version, dir.Bars = dir.Version+1, nil
	for who, stands := range s.bars {
		if stands {
			dir.Bars = append(dir.Bars, locker.Bar{ID: "b", Subject: who, From: committed})
		}
	}
	s.rules.Directory = &dir
	s.handle(Ruled{s.rules})
}

func (s *stage) latch(t *rapid.T) {
	door := doorsOf.Draw(t, "door")
	s.jammed[door] = !s.jammed[door] && rapid.Bool().Draw(t, "breaks")
}

func (s *stage) wait(t *rapid.T) {
	s.pass(rapid.SampledFrom([]time.Duration{time.Second, 6 * time.Second, time.Minute, 11 * time.Minute}).Draw(t, "for"))
	s.handle(Tick{})
}

// power fails, people go on with what they were at or somebody shuts their
// doors, and it comes back.
func (s *stage) power(t *rapid.T) {
	s.refold()
	s.bank = nil
	s.hands(t)
	for n := range s.setup.All() {
		if rapid.Bool().Draw(t, "shut by a passer-by") {
			delete(s.open, n)
		}
	}
	s.pass(20 * time.Second)
	s.log.Restart()
	s.start()
}

func (s *stage) check() {
	s.weigh(s.bank.State())
	if s.wrong != nil {
		s.Fatal(s.wrong)
	}
}

// refold holds what the bank believes against a fold of its whole ledger.
func (s *stage) refold() {
	again := locker.NewState(s.setup)
	err := s.log.Read(context.Background(), 0, func(r ledger.Record) error {
		e, err := record.Event(r)
		again.Apply(r.Seq, e)
		return err
	})
	want, errWant := json.Marshal(again)
	got, errGot := json.Marshal(s.bank.State())
	if err != nil || errWant != nil || errGot != nil || string(got) != string(want) {
		s.Fatalf("the ledger says\n%s\nthe bank believes\n%s", want, got)
	}
}
