package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker"
)

const (
	kioskPace   = time.Second     // between two badges at one kiosk
	kioskAnswer = 5 * time.Second // a screen that takes longer never comes
	kioskBar    = 300             // milliseconds, p99
	kioskScans  = 20              // a minute at each kiosk
	kioskOpen   = 14              // doors at once, over all kiosks
	dashboards  = 3
)

// benchKiosk lets pupils hand in at all kiosks at once, each leaving the door
// open until a few more have come, while dashboards watch.
func benchKiosk(ctx context.Context, o benchOptions) (result benchResult, err error) {
	err = inElmfield(ctx, o, func(ctx context.Context, d *demo) error {
		watching, stop := context.WithCancel(ctx)
		group, watching := errgroup.WithContext(watching)
		for n := range dashboards {
			page := []string{"page=day", "page=bank&id=a", "page=devices"}[n%3]
			group.Go(func() error { return watchDashboard(watching, d.pages.url(), page) })
		}
		group.Go(func() (err error) {
			defer stop()
			result, err = benchAtKiosks(watching, d, o)
			return err
		})
		return group.Wait()
	})
	return result, err
}

func benchAtKiosks(ctx context.Context, d *demo, o benchOptions) (benchResult, error) {
	var queues []*queue
	banks := d.pupilBanks()
	for i, b := range banks {
		if err := b.world.AwaitKiosk(ctx, "front"); err != nil {
			return benchResult{}, err
		}
		// Together the queues leave kioskOpen doors open, and one more each while
		// the next is on its way.
		q, err := newQueue(b, (kioskOpen+i)/len(banks)+1)
		if err != nil {
			return benchResult{}, err
		}
		queues = append(queues, q)
	}
	filling, coming := errgroup.WithContext(ctx) // doors stand open before anything counts
	for _, q := range queues {
		filling.Go(func() error {
			_, err := q.play(coming, q.leave)
			return err
		})
	}
	if err := filling.Wait(); err != nil {
		return benchResult{}, err
	}
	var p50, p99, rate, open []float64
	for n := range o.turns {
		t, err := kioskTurn(ctx, queues, o.scans)
		if err != nil {
			return benchResult{}, err
		}
		p50, p99 = append(p50, milliseconds(percentile(t.took, 0.5))), append(p99, milliseconds(percentile(t.took, 0.99)))
		rate, open = append(rate, t.rate), append(open, t.open)
		o.say("turn %d: p99 %.0f ms, %.0f doors open", n, p99[n], t.open)
	}
	return benchResult{Bench: "kiosk", Turns: o.turns, Figures: []figure{
		shown("scan to screen, p50", median(p50), "ms"),
		within("scan to screen, p99", median(p99), kioskBar, "ms"),
		atLeast("scans of the slowest kiosk", median(rate), kioskScans, "/min", 1),
		atLeast("doors open, at least", slices.Min(open), kioskOpen, "", 1),
	}}, nil
}

// turnAtKiosks is what one turn showed.
type turnAtKiosks struct {
	took []time.Duration // of every scan at every kiosk
	rate float64         // scans a minute of the slowest kiosk
	open float64         // fewest doors open at once
}

func kioskTurn(ctx context.Context, queues []*queue, scans int) (turnAtKiosks, error) {
	t := turnAtKiosks{open: kioskOpen}
	began := time.Now()
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, q := range queues {
		group.Go(func() error {
			took, err := q.play(ctx, scans)
			mu.Lock()
			defer mu.Unlock()
			t.took = append(t.took, took...)
			return err
		})
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		for wait.For(ctx, kioskPace/4) == nil {
			mu.Lock()
			t.open = min(t.open, doorsOpen(queues))
			mu.Unlock()
		}
	}()
	err := group.Wait() // ends ctx too
	<-over
	t.rate = float64(scans) / time.Since(began).Minutes()
	return t, err
}

func doorsOpen(queues []*queue) (n float64) {
	for _, q := range queues {
		n += float64(q.standing())
	}
	return n
}

// queue is the pupils in front of one kiosk.
type queue struct {
	bank    *demoBank
	scanner *world.Scanner
	eyes    world.Eyes
	pupils  []world.Pupil
	leave   int // doors left open

	mu   sync.Mutex
	open []int // doors, oldest first
}

func newQueue(b *demoBank, leave int) (*queue, error) {
	q := &queue{bank: b, leave: leave}
	s, _ := b.current()
	q.eyes = world.HTTPEyes(s.KioskURL())
	for _, p := range b.cast.pupils {
		stopped := slices.ContainsFunc(b.demo.server.Desk.Bars(), func(bar locker.Bar) bool { return bar.Subject.Person == p.ID })
		if p.Habit == world.Ordinary && p.OwnDoor != 0 && !stopped {
			q.pupils = append(q.pupils, p)
		}
	}
	var err error
	q.scanner, err = b.world.Scanner("front")
	return q, err
}

func (q *queue) standing() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, door := range q.open {
		if q.bank.world.Door(door).Open {
			n++
		}
	}
	return n
}

// play lets so many pupils come, one after the other, and tells how long each
// waited for the screen.
func (q *queue) play(ctx context.Context, n int) ([]time.Duration, error) {
	if n > len(q.pupils) {
		return nil, fmt.Errorf("bank %s has no more pupils", q.bank.id)
	}
	var list []time.Duration
	ticks := time.NewTicker(kioskPace)
	defer ticks.Stop()
	for _, p := range q.pupils[:n] {
		took, err := q.come(ctx, p)
		if err != nil {
			return list, err
		}
		list = append(list, took)
		if err := q.shutOldest(); err != nil {
			return list, err
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return list, ctx.Err()
		}
	}
	q.pupils = q.pupils[n:]
	return list, nil
}

// come holds a badge before the scanner and waits for the screen to name the
// pupil's door.
func (q *queue) come(ctx context.Context, p world.Pupil) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, kioskAnswer)
	defer cancel()
	screen, err := q.eyes.Look(ctx, 0)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if !q.scanner.Badge(ctx, p.Badge) {
		return 0, fmt.Errorf("the scanner of bank %s is not connected", q.bank.id)
	}
	for screen.Door != p.OwnDoor {
		if screen, err = q.eyes.Look(ctx, screen.N); err != nil {
			return 0, fmt.Errorf("the kiosk of bank %s did not name door %d: %w", q.bank.id, p.OwnDoor, err)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open = append(q.open, p.OwnDoor)
	return time.Since(began), nil
}

// shutOldest pushes doors shut until only as many stand open as are to.
func (q *queue) shutOldest() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.open) > q.leave {
		if _, err := q.bank.world.Push(q.open[0]); err != nil {
			return err
		}
		q.open = q.open[1:]
	}
	return nil
}
