package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker"
)

const (
	scanDoors  = 128                    // eight boards on one bus; each door is opened once a turn
	scanPace   = 100 * time.Millisecond // ten scans a second, several times a rush at one kiosk
	scanAnswer = 20 * time.Second       // a frame that takes longer never came
	shutWait   = 900 * time.Millisecond // for every door to be believed shut again
)

// benchScan opens every door of a bank once a turn, by badge, through the real
// scanner line, ledger, gate and driver, and sets the time each took beside a
// plain put of the same bytes.
func benchScan(ctx context.Context, o benchOptions) (benchResult, error) {
	b, err := openScanBench(ctx, o.dir)
	if err != nil {
		return benchResult{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.runBank(ctx) }()
	result, err := b.measure(ctx, o)
	stop()
	return result, errors.Join(err, <-ended, b.log.Close(), b.world.Close())
}

type scanBench struct {
	cabinet cabinet.Cabinet
	rules   locker.Rules
	badges  []string // the badge of door i+1
	log     *boltlog.Log
	world   *world.World
	frames  chan frameSeen
	now     func() school.Instant
}

type frameSeen struct {
	door int
	at   time.Time
}

func openScanBench(ctx context.Context, dir string) (*scanBench, error) {
	b := &scanBench{frames: make(chan frameSeen, 4)}
	kernel, err := bridge.KernelClock()
	if err != nil {
		return nil, err
	}
	b.now = bridge.Assume(kernel)
	if err := b.describe(dir); err != nil {
		return nil, err
	}
	b.world, err = world.Open(ctx, world.Config{
		Dir: dir, Truth: filepath.Join(dir, "truth.jsonl"), Kiosks: []string{"front"},
		Buses: []world.Bus{{Name: "bench", Boards: scanDoors / 16}}, Wiring: world.Lay([]world.Bus{{Name: "bench", Boards: scanDoors / 16}}, scanDoors),
		Reaction: 20 * time.Millisecond,
		OnFrame:  func(door int) { b.frames <- frameSeen{door, time.Now()} },
	})
	if err != nil {
		return nil, err
	}
	b.log, err = boltlog.Open(filepath.Join(dir, "ledger"), boltlog.Options{Writer: "bench"})
	return b, err
}

const benchBank = `
bank: bench
kiosk: {name: front, listen: "127.0.0.1:0"}
scanners: [{kiosk: front, port: scanner-front}]
buses: [{name: bench, driver: kerong-cu16, port: bus-bench, boards: %d, polarity: set-is-closed, byte_order: low-first, pulse_gap: 0s}]
doors: [{numbers: 1-%d, bus: bench, board: 0, lock: 1}]
`

// describe makes a bank of one bus and a pupil for each door, with a collection
// window that never closes.
func (b *scanBench) describe(dir string) error {
	file := filepath.Join(dir, "bank.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, benchBank, scanDoors/16, scanDoors), 0o600); err != nil {
		return err
	}
	var err error
	if b.cabinet, err = cabinet.Load(file, dir); err != nil {
		return err
	}
	directory := &locker.Directory{Version: 1, Badges: map[school.BadgeHash]locker.BadgeEntry{}, People: map[string]locker.Place{}}
	for n := 1; n <= scanDoors; n++ {
		var token school.Token
		binary.BigEndian.PutUint32(token[:], uint32(n))
		id := fmt.Sprintf("p-%03d", n)
		directory.Badges[token.Hash()] = locker.BadgeEntry{Person: id}
		directory.People[id] = locker.Place{Bank: "bench", Door: n}
		b.badges = append(b.badges, token.Badge())
	}
	today := time.Now()
	always := school.Window{Use: school.Collection, From: today.AddDate(0, 0, -1), Until: today.AddDate(0, 0, 1)}
	b.rules = locker.Rules{Directory: directory, Plan: school.Plan{Version: 1, Windows: []school.Window{always}}}
	return nil
}

func (b *scanBench) runBank(ctx context.Context) error {
	return bridge.Run(ctx, bridge.Config{
		Setup: b.cabinet.Setup, Rules: b.rules, Version: "bench", Log: b.log,
		Lines: b.cabinet.Lines(), Scanners: b.cabinet.Readers(), Now: b.now, Display: bridge.NewScreens(),
	})
}

func (b *scanBench) measure(ctx context.Context, o benchOptions) (benchResult, error) {
	scanner, err := b.world.Scanner("front")
	if err != nil {
		return benchResult{}, err
	}
	if err := wait.For(ctx, 2*shutWait); err != nil { // the doors are read first
		return benchResult{}, err
	}
	raw, err := boltlog.OpenRaw(o.dir)
	if err != nil {
		return benchResult{}, err
	}
	b.badges = b.badges[:o.doors]
	var got50, got99, put50, put99 []float64
	for range o.turns {
		scans, puts, err := b.turn(ctx, scanner, raw)
		if err != nil {
			return benchResult{}, errors.Join(err, raw.Close())
		}
		got50, got99 = append(got50, milliseconds(percentile(scans, 0.5))), append(got99, milliseconds(percentile(scans, 0.99)))
		put50, put99 = append(put50, milliseconds(percentile(puts, 0.5))), append(put99, milliseconds(percentile(puts, 0.99)))
	}
	return benchResult{Bench: "scan", Turns: o.turns, Figures: []figure{
		atMost("scan to frame, p50", median(got50), median(put50), "ms", 2),
		atMost("scan to frame, p99", median(got99), median(put99), "ms", 3),
	}}, raw.Close()
}

// turn opens every door once, a plain put between one scan and the next, and
// shuts them again.
func (b *scanBench) turn(ctx context.Context, scanner *world.Scanner, raw *boltlog.Raw) (scans, puts []time.Duration, err error) {
	for i, badge := range b.badges {
		began := time.Now()
		if err := raw.Put(); err != nil {
			return nil, nil, err
		}
		puts = append(puts, time.Since(began))
		if err := wait.For(ctx, scanPace/2); err != nil {
			return nil, nil, err
		}
		took, err := b.scan(ctx, scanner, badge, i+1)
		if err != nil {
			return nil, nil, err
		}
		scans = append(scans, took)
		if err := wait.For(ctx, scanPace/2); err != nil {
			return nil, nil, err
		}
	}
	return scans, puts, b.shutAll(ctx)
}

// scan holds one badge before the scanner and waits for its door's frame.
func (b *scanBench) scan(ctx context.Context, scanner *world.Scanner, badge string, door int) (time.Duration, error) {
	began := time.Now()
	if !scanner.Badge(ctx, badge) {
		return 0, errs.New(errs.Unavailable, "The scanner's line is not open.", "Run the bench again.")
	}
	select {
	case f := <-b.frames:
		if f.door != door {
			return 0, errs.New(errs.Internal, fmt.Sprintf("Door %d opened for the badge of door %d.", f.door, door), "")
		}
		return f.at.Sub(began), nil
	case <-time.After(scanAnswer):
		return 0, errs.New(errs.Internal, fmt.Sprintf("Door %d did not open.", door), "Run the bench again on an idle machine.")
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// shutAll pushes every door shut and waits until the next scan of each badge
// is a new visit.
func (b *scanBench) shutAll(ctx context.Context) error {
	if err := wait.For(ctx, shutWait); err != nil {
		return err
	}
	for n := 1; n <= scanDoors; n++ {
		if _, err := b.world.Push(n); err != nil {
			return err
		}
	}
	return wait.For(ctx, locker.SecondScan)
}
