package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

const fourDoors = `buses:
  - {name: left, driver: modbus-relay, port: bus-left, boards: 1, locks: 4, first_slave: 1, pulse: 100ms, pulse_gap: 100ms}
doors:
  - {numbers: 1-4, bus: left}
`

func newFourDoors(t *testing.T) *bench {
	return newBench(t, fourDoors, []world.Bus{{Name: "left", Boards: 1, Personality: world.Personality{Make: world.Relay, Size: 4}}}, 4)
}

var quick = world.Technician{Step: 20 * time.Millisecond}

// The program ends in the middle, as by a power cut. The next run asks whether
// anybody is there, goes on where it was, and pulses no door that has its number.
func TestCommissionGoesOnAfterAPowerCut(t *testing.T) {
	t.Parallel()
	b := newFourDoors(t)
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	who := quick
	who.Slip = func(door int) []int {
		if door == 3 {
			cut()
		}
		return nil
	}
	if said, err := b.commission(ctx, who); err == nil || b.load().Unmapped == nil {
		t.Fatalf("it was not cut: %v\n%s", err, said)
	}
	said, err := b.commission(t.Context(), quick)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if n := strings.Count(said, "Shut door 1. (1 of 4)"); n != 1 { // of the second pass alone
		t.Errorf("door 1 was asked for %d times:\n%s", n, said)
	}
	b.checkMap()
	b.checkRecord()
}

// Two doors shut at once, and the wrong one in the first pass: the map is right all
// the same.
func TestCommissionOutlivesSlips(t *testing.T) {
	t.Parallel()
	b := newFourDoors(t)
	who, asked := quick, 0
	who.Slip = func(door int) []int {
		switch asked++; asked {
		case 1:
			return []int{1, 4}
		case 3:
			return []int{3} // for door 2
		case 4:
			return []int{2} // for door 3
		}
		return nil
	}
	said, err := b.commission(t.Context(), who)
	if err != nil || !strings.Contains(said, "Two doors shut at the same moment") || !strings.Contains(said, "do not agree about some doors") {
		t.Fatalf("%v\n%s", err, said)
	}
	b.checkMap()
	b.checkRecord()
}

// A door that does not open is named by its lock, and there is no map.
func TestCommissionNamesAJammedLock(t *testing.T) {
	t.Parallel()
	b := newFourDoors(t)
	b.must(b.world.SetFaults(2, world.Faults{Latch: world.LatchJammed}))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	said := &output{}
	who := quick
	seen := regexp.MustCompile(`These locks opened no door: (lock \d of board 0 on bus left)\. `)
	who.Read = func(line string) {
		_, _ = said.Write([]byte(line + "\n"))
		if seen.MatchString(line) {
			stop()
		}
	}
	if _, err := b.commission(ctx, who); err == nil {
		t.Fatal("a map was found")
	}
	want := ""
	for _, w := range b.wires {
		if w.Door == 2 {
			want = "lock " + string(rune('1'+w.Index)) + " of board 0 on bus left"
		}
	}
	if m := seen.FindStringSubmatch(said.String()); m == nil || m[1] != want {
		t.Errorf("want %s:\n%s", want, said)
	}
	if b.load().Unmapped == nil {
		t.Error("there is a map")
	}
}

// A phone lies behind door 3: no lock gets a pulse for the whole bank's map, and
// those of empty doors alone do. Map and record stay as they should be.
func TestCommissionOpensOnlyEmptyDoors(t *testing.T) {
	t.Parallel()
	b := newFourDoors(t)
	if said, err := b.commission(t.Context(), quick); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	b.deposit(3)
	before := b.frames()
	if said, err := b.commission(t.Context(), quick); errs.CodeOf(err) != errs.Denied || !strings.Contains(err.Error(), "kept shut: 3.") || errs.HintOf(err) == "" {
		t.Fatalf("%v\n%s", err, said)
	}
	if _, err := b.commission(t.Context(), quick, "doors=2,3"); errs.CodeOf(err) != errs.Denied {
		t.Fatalf("doors 2 and 3: %v", err)
	}
	if b.frames() != before {
		t.Fatal("a lock got a pulse")
	}
	if said, err := b.commission(t.Context(), quick, "doors=2,4"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if b.frames() == before {
		t.Error("no lock got a pulse")
	}
	if b.world.Door(3).Open {
		t.Error("door 3 is open")
	}
	b.checkMap()
}

// deposit puts a hand-in on the bank's record.
func (b *bench) deposit(door int) {
	b.Helper()
	log, err := boltlog.Open(filepath.Join(b.path("data"), "ledger"), boltlog.Options{Writer: "a"})
	b.must(err)
	now := school.Instant{Wall: time.Now().UTC().Truncate(time.Millisecond), Boot: "b"}
	seq := log.Size()
	for _, e := range []locker.Event{
		{Kind: locker.Surveyed, At: now},
		{Kind: locker.Intent, At: now, Door: door, Purpose: locker.Deposit, Body: locker.Body{Person: "ann", Attempt: 1}},
		{Kind: locker.Outcome, At: now, Door: door, Body: locker.Body{Person: "ann", Of: seq + 1, Result: locker.Opened}},
		{Kind: locker.Deposited, At: now, Door: door, Body: locker.Body{Person: "ann", Of: seq + 1}},
	} {
		entry, err := record.Entry(e)
		b.must(err)
		_, err = log.Append(b.Context(), entry)
		b.must(err)
	}
	b.must(log.Close())
}

// frames counts the unlock frames that boards have seen.
func (b *bench) frames() int {
	b.Helper()
	text, err := os.ReadFile(b.path("truth.jsonl"))
	b.must(err)
	return strings.Count(string(text), `"what":"frame"`)
}

// Without a map, or with one that does not fit, check says what run says: why, and
// what to do; and the bank that runs opens nothing and shows that it is not ready.
func TestABankWithoutItsMap(t *testing.T) {
	t.Parallel()
	b := newFourDoors(t)
	o := options{config: b.path("bank-a.yaml"), data: b.path("data"), devices: b.path("devices"), rejoin: true, assumeTime: true}
	bank, err := o.load()
	b.must(err)
	var said bytes.Buffer
	if err := bank.check(time.Now(), &said); errs.CodeOf(err) != errs.NotFound || !strings.Contains(errs.HintOf(err), "bellkeep-bank commission") {
		t.Errorf("%v\n%s", err, said.String())
	}
	bank.station.JoinTo = ""
	s, err := station.Open(bank.station)
	b.must(err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	kiosk, n := s.Screens.Kiosk("front"), uint64(0)
	for screen := (locker.Screen{}); screen.Word != locker.NotReady; {
		n, screen, err = kiosk.Next(ctx, n)
		b.must(err)
	}
	stop()
	b.must(<-ended)
	if b.frames() != 0 {
		t.Error("a lock got a pulse")
	}
}
