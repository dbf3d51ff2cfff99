package sim

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// cut is the point of the next commit of an intent at which everything goes
// dark.
type cut int

const (
	nowhere      cut = iota
	beforeCommit     // the record is lost
	afterCommit      // the record stands, its order is never sent
	afterOrder       // the latch is driven, nobody sees what became of it
)

var errDark = errors.New("the power failed")

// handling is one call of the bank and all that came of it.
type handling struct {
	scans    []scan
	began    map[string]bool          // who got a door by it
	touched  map[string]bool          // whose transaction came to its end
	shown    map[string]locker.Screen // by kiosk
	surveyed bool
}

// boot starts the bank's program over its ledger.
func (s *sim) boot() {
	s.runs++
	if s.runs > 1 {
		s.log.Restart()
	}
	if s.clock.boot == "" {
		s.bootClock()
	}
	s.gate = bridge.NewGate(bankName, s.log)
	s.lit, s.cut = true, nowhere
	s.tell("", 0, "The bank's program starts, run %d on %s.", s.runs, s.clock.boot)
	parts := bridge.Parts{Setup: s.setup, Rules: s.office.rules, Version: "sim", Log: journal{s}, Sender: s, Display: s, PINs: plainPINs{}, Halt: s.gate.Halt, Random: s}
	for _, k := range s.kiosks {
		parts.Kiosks = append(parts.Kiosks, k.name)
	}
	s.begin(nil)
	var err error
	if s.bank, err = bridge.NewBank(context.Background(), parts, s.moment()); err != nil {
		s.violated("the bank starts over any ledger it wrote", nil, 0, "%v", err)
	}
	for _, d := range s.doors {
		s.attend(d, 0)
	}
	run := s.runs
	s.after(time.Second, func() {
		if s.runs == run {
			s.handle(nil, bridge.FireHeard{Sounds: s.sounding})
		}
	})
}

// powerCut darkens everything at once; with it go the orders on the bus.
func (s *sim) powerCut() {
	if !s.lit {
		return
	}
	s.count.PowerCuts++
	s.tell("", 0, "The power fails.")
	s.clock.boot = ""
	s.darken(s.between(15*time.Second, 200*time.Second))
}

// crash ends the program alone. The computer's clock and boot go on, and the
// supervisor starts it again at once.
func (s *sim) crash() {
	if !s.lit {
		return
	}
	s.count.Crashes++
	s.tell("", 0, "The bank's program dies.")
	s.darken(s.between(500*time.Millisecond, 3*time.Second))
}

func (s *sim) darken(d time.Duration) {
	s.lit, s.cut, s.bank = false, nowhere, nil
	s.waiting = nil
	for _, k := range s.kiosks {
		k.screen, k.seat = locker.Screen{}, seat{}
	}
	s.after(d, s.boot)
}

func (s *sim) moment() bridge.Moment { return bridge.Moment{School: s.instant(), Machine: s.wall()} }

func (s *sim) begin(scans []scan) *handling {
	s.handled = &handling{scans: scans, began: map[string]bool{}, touched: map[string]bool{}, shown: map[string]locker.Screen{}}
	return s.handled
}

// handle gives the bank inputs that arrived together and holds it to the rules
// on what it answers.
func (s *sim) handle(scans []scan, inputs ...bridge.Input) {
	if !s.lit {
		return
	}
	expected := s.secondScans(scans)
	h := s.begin(scans)
	err := s.bank.Handle(context.Background(), s.moment(), inputs...)
	switch {
	case !s.lit:
		return // the power failed in there
	case err != nil:
		s.violated("the bank takes every input", nil, 0, "%v", err)
		return
	}
	s.checkAnswers(h)
	s.checkScreens(h)
	s.checkSecondScans(h, expected)
	if h.surveyed {
		s.auditor.checkReconciled()
	}
}

func (s *sim) tick() { s.handle(nil, bridge.Tick{}) }

// Show is the bank changing a kiosk's screen.
func (s *sim) Show(name string, screen locker.Screen) {
	if !s.lit {
		return
	}
	for _, k := range s.kiosks {
		if k.name == name {
			k.screen = screen
		}
	}
	s.handled.shown[name] = screen
}

// journal is the bank's ledger on a disk that loses power with the rest.
type journal struct{ *sim }

func (j journal) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	strike := nowhere
	if slices.ContainsFunc(entries, func(e ledger.Entry) bool { return e.Kind == string(locker.Intent) }) {
		strike = j.cut
	}
	if strike == beforeCommit {
		j.powerCut()
		return nil, errDark
	}
	first := j.log.Size()
	receipts, err := j.log.Append(ctx, entries...)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		event, err := record.Event(ledger.Record{Seq: first + uint64(i), Entry: e})
		if err != nil {
			return nil, err
		}
		j.auditor.follow(first+uint64(i), event)
	}
	if strike == afterCommit {
		j.powerCut()
		return nil, errDark
	}
	return receipts, nil
}

func (j journal) Size() uint64 { return j.log.Size() }

func (j journal) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	return j.log.Read(ctx, from, fn)
}

func (j journal) Wait(ctx context.Context, size uint64) error { return j.log.Wait(ctx, size) }

// checkReplay holds to ruleReplay.
func (s *sim) checkReplay() {
	if !s.lit {
		return
	}
	again := locker.NewState(s.setup)
	err := s.log.Read(context.Background(), 0, func(r ledger.Record) error {
		e, err := record.Event(r)
		again.Apply(r.Seq, e)
		return err
	})
	if err != nil || !reflect.DeepEqual(again, s.bank.State()) {
		s.violated(ruleReplay, nil, 0, "The two differ after %d records (%v).", s.log.Size(), err)
	}
}
