package bridge

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// rig is a bank of three doors with two pupils, and everything it touches in
// the order it touched it.
type rig struct {
	t      *testing.T
	bank   *Bank
	log    *memlog.Log
	now    Moment
	trace  []string
	orders []Order
	full   bool  // the bus takes no orders
	broken error // the ledger fails
	screen locker.Screen
	random counting

	appender ledger.Appender // instead of the log's own, if set
}

func (r *rig) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	if r.broken != nil {
		return nil, r.broken
	}
	appender := ledger.Appender(r.log)
	if r.appender != nil {
		appender = r.appender
	}
	receipts, err := appender.Append(ctx, entries...)
	for _, e := range entries {
		r.trace = append(r.trace, "record "+e.Kind)
	}
	return receipts, err
}

func (r *rig) Size() uint64 { return r.log.Size() }
func (r *rig) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	return r.log.Read(ctx, from, fn)
}
func (r *rig) Wait(ctx context.Context, size uint64) error { return r.log.Wait(ctx, size) }

func (r *rig) Send(o Order) bool {
	r.trace = append(r.trace, "send")
	if r.full {
		return false
	}
	r.orders = append(r.orders, o)
	return true
}

func (r *rig) Show(_ string, s locker.Screen) {
	r.trace = append(r.trace, "show "+string(s.Word))
	r.screen = s
}

var ann, bob, staff = school.Token{1}, school.Token{2}, school.Token{50}

// plainPINs takes a PIN for its own verifier.
type plainPINs struct{}

func (plainPINs) Verify(verifier, pin string) bool { return verifier == pin }

// counting is chance that never repeats itself.
type counting struct{ n uint64 }

func (c *counting) Read(p []byte) (int, error) {
	clear(p)
	c.n++
	binary.PutUvarint(p, c.n)
	return len(p), nil
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t}
	r.now = Moment{School: school.Instant{Wall: committed, Trusted: true, Boot: "one"}, Machine: committed}
	var err error
	if r.log, err = memlog.New("a", func() time.Time { return r.now.Machine }); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.read(hardware.Closed)
	return r
}

// start makes the bank, again if there was one.
func (r *rig) start() {
	r.t.Helper()
	dir := &locker.Directory{Version: 1,
		Badges: map[school.BadgeHash]locker.BadgeEntry{ann.Hash(): {Person: "ann"}, bob.Hash(): {Person: "bob"}, staff.Hash(): {Person: "s-1"}},
		People: map[string]locker.Place{"ann": {Bank: "a", Door: 1}, "bob": {Bank: "a", Door: 2}},
		Staff:  map[string]locker.StaffEntry{"s-1": {PIN: "271828"}}}
	parts := Parts{Setup: locker.Setup{Bank: "a", Doors: []int{1, 2, 3}, Allotment: locker.Fixed}, Kiosks: []string{"front"},
		Rules: locker.Rules{Directory: dir}, Version: "test", Log: r, Sender: r, Display: r, PINs: plainPINs{}, Random: &r.random}
	bank, err := NewBank(r.t.Context(), parts, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	r.bank = bank
}

// read looks at all doors, some set otherwise than contact, until the bank
// believes it.
func (r *rig) read(contact hardware.Contact, except ...int) {
	r.t.Helper()
	for range 7 {
		doors := map[int]hardware.Reading{}
		for _, n := range []int{1, 2, 3} {
			doors[n] = hardware.Reading{Contact: contact}
			if slices.Contains(except, n) {
				doors[n] = hardware.Reading{Contact: 3 - contact}
			}
		}
		r.pass(100 * time.Millisecond)
		r.handle(Looked{At: r.now.Machine, Doors: doors})
	}
}

func (r *rig) pass(d time.Duration) {
	r.now.Machine = r.now.Machine.Add(d)
	r.now.School.Wall = r.now.School.Wall.Add(d)
	r.now.School.Mono += d
}

func (r *rig) handle(inputs ...Input) {
	r.t.Helper()
	if err := r.bank.Handle(r.t.Context(), r.now, inputs...); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) scan(token school.Token) {
	r.t.Helper()
	r.handle(Scanned{Kiosk: "front", Line: token.Badge()})
}

// sent says that the newest order went out.
func (r *rig) sent() {
	r.t.Helper()
	r.handle(Sent{Order: r.orders[len(r.orders)-1], At: r.now.Machine})
}

// events are the ledger's, from sequence from on.
func (r *rig) events(from uint64) []locker.Event {
	var list []locker.Event
	err := r.log.Read(context.Background(), from, func(rec ledger.Record) error {
		e, err := record.Event(rec)
		list = append(list, e)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

func TestBankRecordsBeforeItOpens(t *testing.T) {
	r := newRig(t)
	r.trace = nil
	r.handle(Scanned{Kiosk: "front", Line: ann.Badge()}, Scanned{Kiosk: "front", Line: bob.Badge()})
	want := []string{"record intent", "record intent", "send", "send", "show put-in", "show put-in"}
	if !slices.Equal(r.trace, want) {
		t.Errorf("the bank did %v, want %v", r.trace, want)
	}
	for i, o := range r.orders {
		if o.Receipt.Seq() == 0 || o.Receipt.Door() != i+1 || o.Receipt.Purpose() != "deposit" {
			t.Errorf("order %d has receipt %+v", i, o.Receipt)
		}
	}
}

func TestBankStopsWhenItsLedgerFails(t *testing.T) {
	r := newRig(t)
	r.broken = errors.New("no space left on device")
	r.trace = nil
	err := r.bank.Handle(t.Context(), r.now, Scanned{Kiosk: "front", Line: ann.Badge()})
	if !errors.Is(err, r.broken) {
		t.Errorf("err = %v", err)
	}
	if len(r.trace) != 0 {
		t.Errorf("without a record the bank did %v", r.trace)
	}
}

func TestBankTakesADepositToItsEnd(t *testing.T) {
	r := newRig(t)
	from := r.log.Size()
	r.scan(ann)
	r.sent()
	r.read(hardware.Closed, 1)
	r.read(hardware.Closed)
	var kinds []string
	for _, e := range r.events(from) {
		kinds = append(kinds, string(e.Kind)+" "+string(e.Result))
	}
	want := []string{"intent ", "outcome opened", "deposited "}
	if !slices.Equal(kinds, want) {
		t.Errorf("the ledger says %v, want %v", kinds, want)
	}
}

// A door that stays shut is pulsed at most three times, each with an intent of
// its own and only after two looks said that it is still closed.
func TestBankJam(t *testing.T) {
	r := newRig(t)
	from := r.log.Size()
	r.scan(ann)
	for try := 1; try <= attempts; try++ {
		r.sent()
		if n := len(r.orders); n != try {
			t.Fatalf("%d orders in try %d", n, try)
		}
		r.read(hardware.Closed) // 0.7 s: a slow latch may still move
		if len(r.orders) != try {
			t.Fatal("pulsed again before the latch had its time")
		}
		r.read(hardware.Closed)
	}
	if len(r.orders) != attempts {
		t.Errorf("%d orders", len(r.orders))
	}
	if r.screen != (locker.Screen{Word: locker.Stuck, Door: 1}) {
		t.Errorf("the kiosk shows %v", r.screen)
	}
	var results []locker.Result
	for _, e := range r.events(from) {
		if e.Kind == locker.Outcome {
			results = append(results, e.Result)
		}
	}
	if !slices.Equal(results, []locker.Result{locker.NoEffect, locker.NoEffect, locker.Jammed}) {
		t.Errorf("results %v", results)
	}
	r.scan(ann)
	if r.screen != (locker.Screen{Word: locker.PutIn, Door: 3}) {
		t.Errorf("after the jam the kiosk shows %v", r.screen)
	}
}

// Had the door opened and been shut while nobody looked, it would be closed
// just the same: the bank does not pulse it again and does not guess.
func TestBankDoesNotGuessWhatItCouldNotSee(t *testing.T) {
	r := newRig(t)
	r.scan(ann)
	r.sent()
	r.pass(verdictIn)
	r.read(hardware.Closed)
	r.read(hardware.Closed)
	all := r.events(0)
	if last := all[len(all)-1]; last.Kind != locker.Outcome || last.Result != locker.Unverified {
		t.Errorf("last on the ledger: %+v", last)
	}
	if len(r.orders) != 1 {
		t.Errorf("%d orders", len(r.orders))
	}
}

func TestBankLeavesTheNextPupilsScreenAlone(t *testing.T) {
	r := newRig(t)
	r.scan(ann)
	r.sent()
	r.scan(bob)
	for range attempts {
		r.read(hardware.Closed)
		r.read(hardware.Closed)
		if o := r.orders[len(r.orders)-1]; o.Door == 1 {
			r.sent()
		}
	}
	if r.screen != (locker.Screen{Word: locker.PutIn, Door: 2}) {
		t.Errorf("bob's screen became %v", r.screen)
	}
}

func TestBankOrderThatNeverLeft(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(r *rig)
	}{
		{"the bus takes none", func(r *rig) { r.full = true; r.scan(ann) }},
		{"the gate refused it", func(r *rig) {
			r.scan(ann)
			r.handle(Sent{Order: r.orders[0], At: r.now.Machine, Err: errs.New(errs.Denied, "too old", "")})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			c.make(r)
			all := r.events(0)
			if last := all[len(all)-1]; last.Kind != locker.Outcome || last.Result != locker.NotSent {
				t.Errorf("last on the ledger: %+v", last)
			}
			if r.screen != (locker.Screen{Word: locker.Stuck, Door: 1}) {
				t.Errorf("the kiosk shows %v", r.screen)
			}
			r.full = false
			r.scan(ann) // nothing came of the first scan, so this is a new one
			if r.screen.Word != locker.PutIn {
				t.Errorf("the kiosk shows %v", r.screen)
			}
		})
	}
}

func TestBankNobodyKnowsWhetherItOpened(t *testing.T) {
	r := newRig(t)
	r.scan(ann)
	r.handle(Sent{Order: r.orders[0], At: r.now.Machine, Err: errors.New("cable pulled")})
	for range missedPolls {
		r.handle(Missed{Doors: []int{1, 2, 3}})
	}
	r.pass(giveUpIn)
	r.handle(Tick{})
	if h := r.bank.State().Holdings["ann"]; h == nil || !h.Unsure {
		t.Errorf("holding %+v, want one that is unsure", h)
	}
}

// One sensor that flickers, or one board that answers every other time, must not
// keep the bank from its start.
func TestBankStartsInSpiteOfOneBadDoor(t *testing.T) {
	r := newRig(t)
	r.now.School.Boot = "two"
	r.start()
	for i := range 100 {
		doors := map[int]hardware.Reading{1: {Contact: hardware.Closed}, 2: {Contact: hardware.Closed, Item: hardware.Absent + hardware.Item(i%2)}}
		r.pass(100 * time.Millisecond)
		r.handle(Looked{At: r.now.Machine, Doors: doors})
		if i%2 == 0 {
			r.handle(Looked{At: r.now.Machine, Doors: map[int]hardware.Reading{3: {Contact: hardware.Open}}})
		} else {
			r.handle(Missed{Doors: []int{3}})
		}
	}
	r.scan(ann)
	if r.screen != (locker.Screen{Word: locker.PutIn, Door: 1}) {
		t.Errorf("the kiosk shows %v", r.screen)
	}
	if d := r.bank.State().Doors; d[2].Contact != locker.Closed || d[3].Contact != locker.Unknown {
		t.Errorf("door 2 is %s, door 3 is %s", d[2].Contact, d[3].Contact)
	}
}

// A scan that waited for the disk longer than a person waits opens nothing.
func TestBankDropsAnOldScan(t *testing.T) {
	r := newRig(t)
	at := r.now.Machine
	r.pass(OrderLife + time.Second)
	r.handle(Scanned{Kiosk: "front", Line: ann.Badge(), At: at})
	if len(r.orders) != 0 {
		t.Error("an order was sent")
	}
	r.handle(Scanned{Kiosk: "front", Line: ann.Badge(), At: r.now.Machine})
	if len(r.orders) != 1 || !r.orders[0].Scanned.Equal(r.now.Machine) {
		t.Errorf("orders %+v", r.orders)
	}
}

// A bar that comes while a door is being tried ends the trying.
func TestBankStopsTryingForABar(t *testing.T) {
	r := newRig(t)
	r.scan(ann)
	r.sent()
	dir := *r.bank.Rules.Directory
	dir.Version, dir.Bars = 2, []locker.Bar{{ID: "b", Subject: locker.Subject{Person: "ann"}, From: committed}}
	r.handle(Ruled{Rules: locker.Rules{Directory: &dir}})
	r.read(hardware.Closed)
	r.read(hardware.Closed)
	if last := lastEvent(t, r.log); last.Result != locker.Stopped || len(r.orders) != 1 {
		t.Errorf("%d orders, last on the ledger: %+v", len(r.orders), last)
	}
}

// Rules that come late take nothing newer out of force, whichever half is old.
func TestBankKeepsTheNewerHalf(t *testing.T) {
	r := newRig(t)
	rule := func(directory, plan uint64) {
		r.handle(Ruled{Rules: locker.Rules{Directory: &locker.Directory{Version: directory}, Plan: school.Plan{Version: plan}}})
	}
	rule(5, 2)
	rule(4, 3)
	rule(4, 2)
	if d, p := r.bank.Rules.Directory.Version, r.bank.Rules.Plan.Version; d != 5 || p != 3 {
		t.Errorf("in force: directory %d, plan %d", d, p)
	}
	if last := lastEvent(t, r.log); last.Kind != locker.InForce || last.Directory != 5 || last.Plan != 3 {
		t.Errorf("last on the ledger: %+v", last)
	}
}

// A restart finds an intent without an outcome and marks it, and takes no scan
// before every door has been read.
func TestBankRestart(t *testing.T) {
	r := newRig(t)
	r.scan(ann)
	r.now.School.Boot = "two"
	r.start()
	r.scan(bob)
	if r.screen.Word != locker.Starting || len(r.orders) != 1 {
		t.Fatalf("before the doors are read the kiosk shows %v and %d orders are out", r.screen, len(r.orders))
	}
	r.read(hardware.Closed)
	if r.screen.Word != locker.Scan {
		t.Errorf("after the doors are read the kiosk shows %v", r.screen)
	}
	if v := r.bank.State().Visits["ann"]; v.Phase != locker.Unsure {
		t.Errorf("visit %+v", v)
	}
	if len(r.orders) != 1 {
		t.Error("the restart sent an order")
	}
}

func TestBankFloodIsCounted(t *testing.T) {
	r := newRig(t)
	from := r.log.Size()
	for range 500 {
		r.handle(Scanned{Kiosk: "front", Line: "scribble"})
	}
	if n := len(r.events(from)); n != floodLimit {
		t.Errorf("%d records of 500 scribbles, want %d", n, floodLimit)
	}
	r.pass(floodWindow + time.Second)
	r.handle(Tick{})
	all := r.events(from)
	if last := all[len(all)-1]; last.Answer != locker.Flooded || last.Withheld != 500-floodLimit {
		t.Errorf("last on the ledger: %+v", last)
	}
}

// Whoever leans on Help is one call, not a full disk.
func TestBankBoundsCallsForHelp(t *testing.T) {
	r := newRig(t)
	from := r.log.Size()
	for range 500 {
		r.handle(HelpAsked{"front"})
	}
	if n := len(r.events(from)); n != floodLimit {
		t.Errorf("%d records of 500 calls", n)
	}
}

// A pupil who scans again and again before a full bank is on record, boundedly.
func TestBankBoundsScansBeforeAFullBank(t *testing.T) {
	r := newRig(t)
	for range missedPolls {
		r.handle(Missed{Doors: []int{1, 2, 3}})
	}
	from := r.log.Size()
	for range 500 {
		r.scan(ann)
	}
	if last := lastEvent(t, r.log); last.Answer != locker.NoDoor {
		t.Errorf("last on the ledger: %+v", last)
	}
	if n := len(r.events(from)); n != floodLimit {
		t.Errorf("%d records of 500 scans", n)
	}
}

// A stranger's flood must not keep a pupil off the record.
func TestBankFloodLeavesPupilsOnRecord(t *testing.T) {
	r := newRig(t)
	for range 100 {
		r.handle(Scanned{Kiosk: "front", Line: "scribble"})
	}
	r.scan(ann)
	r.scan(ann)
	if last := lastEvent(t, r.log); last.Answer != locker.Repeat {
		t.Errorf("last on the ledger: %+v", last)
	}
}

// A door opened by key before its frame left was not opened by the order.
func TestBankOpenedBeforeItsFrame(t *testing.T) {
	r := newRig(t)
	r.scan(ann)
	r.read(hardware.Closed, 1)
	r.handle(Sent{Order: r.orders[0], At: r.now.Machine, Err: errs.New(errs.Denied, "too old", "")})
	var got []string
	for _, e := range r.events(r.log.Size() - 2) {
		got = append(got, string(e.Kind)+" "+string(e.Result)+string(e.Contact))
	}
	if want := []string{"outcome not-sentopen", "moved open"}; !slices.Equal(got, want) {
		t.Errorf("the ledger ends with %q, want %q", got, want)
	}
	if !r.bank.State().Doors[1].Forced {
		t.Error("the door does not count as forced")
	}
}

func TestBankSilentBoard(t *testing.T) {
	r := newRig(t)
	for range missedPolls {
		r.handle(Missed{Doors: []int{1}})
	}
	r.scan(ann) // her own door cannot be asked: the spare one is offered
	if r.screen != (locker.Screen{Word: locker.PutIn, Door: 3}) {
		t.Errorf("the kiosk shows %v", r.screen)
	}
}
