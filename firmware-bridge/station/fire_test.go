package station

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

const bankWithAlarm = `bank: a
kiosk: {name: front, listen: 127.0.0.1:0}
scanners:
  - {kiosk: front, port: scanner-front}
buses:
  - {name: left, driver: kerong-cu16, port: bus-left, boards: 1, polarity: set-is-closed, byte_order: low-first}
doors:
  - {numbers: 1-15, bus: left, board: 0, lock: 1}
fire_input: {bus: left, board: 0, lock: 16, active: open}
`

// The fire alarm's relay on the sixteenth contact of a board, over real bytes: when
// it opens the kiosk tells people to leave, no door opens, and what is recorded says
// why. When it closes again nothing ends.
func TestFireAlarmOnABoard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const alarm = 16 // as the pretend cabinet numbers that contact; no door hangs there
	board := world.Bus{Name: "left", Boards: 1}
	w, err := world.Open(t.Context(), world.Config{Dir: dir, Truth: filepath.Join(dir, "truth.jsonl"), Buses: []world.Bus{board}, Wiring: world.Lay([]world.Bus{board}, alarm), Kiosks: []string{"front"}})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	defer func() { must(w.Close()) }()
	file := filepath.Join(dir, "bank-a.yaml")
	must(os.WriteFile(file, []byte(bankWithAlarm), 0o600))
	c, err := cabinet.Load(file, dir)
	must(err)
	ann := school.Token{1}
	dirOf := &locker.Directory{Version: 1, Badges: map[school.BadgeHash]locker.BadgeEntry{ann.Hash(): {Person: "ann"}}, People: map[string]locker.Place{"ann": {Bank: "a", Door: 1}}}
	start := time.Now()
	s, err := Open(Config{Cabinet: c, Rules: locker.Rules{Directory: dirOf}, Data: filepath.Join(dir, "ledger"), Version: "test",
		Now: func() school.Instant {
			return school.Instant{Wall: time.Now(), Trusted: true, Boot: "one", Mono: time.Since(start)}
		}})
	must(err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	shown := uint64(0)
	shows := func(want locker.Word) {
		t.Helper()
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		for last := locker.Word(""); last != want; {
			n, screen, err := s.Screens.Kiosk("front").Next(ctx, shown)
			if err != nil {
				t.Fatalf("the kiosk shows %q, not %q", last, want)
			}
			shown, last = n, screen.Word
		}
	}
	shows(locker.Scan)
	must(w.Force(alarm))
	shows(locker.LeaveNow)
	scanner, err := w.Scanner("front")
	must(err)
	if !scanner.Badge(ctx, ann.Badge()) {
		t.Fatal("the scanner is not there")
	}
	shows(locker.LeaveNow)
	_, err = w.Push(alarm)
	must(err)
	for size := s.Log.Size(); recorded(t, s, locker.AlarmSilent) == 0; size = s.Log.Size() {
		must(s.Log.Wait(ctx, size))
	}
	if recorded(t, s, locker.Intent) > 0 || recorded(t, s, locker.EvacuationEnded) > 0 {
		t.Error("a door was told to open, or the silence ended it")
	}
	stop()
	must(<-ended)
	for door := range alarm - 1 {
		if d := w.Door(door + 1); d.Open {
			t.Errorf("door %d came open", door+1)
		}
	}
}

// recorded counts the records of a kind.
func recorded(t *testing.T, s *Station, kind locker.Kind) (n int) {
	t.Helper()
	err := s.Log.Read(t.Context(), 0, func(r ledger.Record) error {
		if r.Kind == string(kind) {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
