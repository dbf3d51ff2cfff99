package bridge

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// fakeBus is one bus of two boards with two doors each. Doors spring open when
// unlocked and are shut by hand.
type fakeBus struct {
	mu     sync.Mutex
	open   map[hardware.Channel]bool
	pulses map[hardware.Channel]int
	silent map[int]bool // boards that do not answer
	gone   bool         // the adapter was unplugged
	opens  int
	fire   *FireInput
	looks  map[int]int   // by board
	hangs  chan struct{} // closed when a driver that hangs may go on; nil: none hangs
}

func newFakeBus() *fakeBus {
	return &fakeBus{open: map[hardware.Channel]bool{}, pulses: map[hardware.Channel]int{}, silent: map[int]bool{}, looks: map[int]int{}}
}

func (b *fakeBus) line() Line {
	return Line{
		Name: "left", Poll: 50 * time.Millisecond, Fire: b.fire,
		Doors: map[int]hardware.Channel{1: {Board: 0, Index: 0}, 2: {Board: 0, Index: 1}, 3: {Board: 1, Index: 0}},
		Open: func(context.Context) (hardware.LockBus, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.opens++
			if b.gone {
				return nil, hardware.ErrGone
			}
			return b, nil
		},
	}
}

func (b *fakeBus) Unlock(_ context.Context, ch hardware.Channel) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		return hardware.ErrGone
	}
	b.pulses[ch]++
	b.open[ch] = true
	return nil
}

func (b *fakeBus) Read(_ context.Context, board int) ([]hardware.Reading, error) {
	b.mu.Lock()
	hangs := b.hangs
	b.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks[board]++
	if b.gone {
		return nil, hardware.ErrGone
	}
	if b.silent[board] {
		return nil, hardware.ErrTimeout
	}
	readings := make([]hardware.Reading, 2)
	for i := range readings {
		readings[i].Contact = hardware.Closed
		if b.open[hardware.Channel{Board: board, Index: i}] {
			readings[i].Contact = hardware.Open
		}
	}
	return readings, nil
}

func (b *fakeBus) Close() error { return nil }

func (b *fakeBus) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// fakeScanner hands on what a test scans.
type fakeScanner chan string

func (s fakeScanner) Scan(ctx context.Context) (string, error) {
	select {
	case line := <-s:
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (s fakeScanner) Close() error { return nil }

// signedLog gives memlog what a running bank asks of its ledger.
type signedLog struct{ *memlog.Log }

func (signedLog) Checkpoint(context.Context) ([]byte, error) { return nil, nil }

// running is a bank at work in a bubble of fake time.
type running struct {
	bus       *fakeBus
	scans     fakeScanner
	log       *memlog.Log
	screens   *Screens
	watch     *watchdog.Watch
	equipment *Equipment
	inputs    chan Input
	ended     chan error
	stop      context.CancelFunc
}

// work starts a bank and lets it read its doors; it must be called in a bubble.
func work(t *testing.T, prepare func(*fakeBus)) *running {
	t.Helper()
	r := &running{bus: newFakeBus(), scans: make(fakeScanner), screens: NewScreens(), watch: watchdog.New(), equipment: NewEquipment(), inputs: make(chan Input), ended: make(chan error, 1)}
	prepare(r.bus)
	var err error
	if r.log, err = memlog.New("a", time.Now); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	clock := func() school.Instant {
		return school.Instant{Wall: time.Now(), Trusted: true, Boot: "one", Mono: time.Since(start)}
	}
	dir := &locker.Directory{Version: 1,
		Badges: map[school.BadgeHash]locker.BadgeEntry{ann.Hash(): {Person: "ann"}, bob.Hash(): {Person: "bob"}},
		People: map[string]locker.Place{"ann": {Bank: "a", Door: 1}, "bob": {Bank: "a", Door: 3}}}
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	go func() {
		r.ended <- Run(ctx, Config{
			Setup: locker.Setup{Bank: "a", Doors: []int{1, 2, 3}, Allotment: locker.Fixed},
			Rules: locker.Rules{Directory: dir}, Log: signedLog{r.log}, Lines: []Line{r.bus.line()},
			Scanners: []Reader{{Kiosk: "front", Open: func(context.Context) (hardware.Scanner, error) { return r.scans, nil }}},
			Now:      clock, Display: r.screens, Inputs: r.inputs, Watch: r.watch, Equipment: r.equipment,
		})
	}()
	time.Sleep(3 * time.Second)
	return r
}

func (r *running) screen(t *testing.T) locker.Screen {
	t.Helper()
	_, s, err := r.screens.Kiosk("front").Next(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.ended; err != nil {
		t.Errorf("Run gave %v", err)
	}
}

func TestRunTakesADeposit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := work(t, func(*fakeBus) {})
		r.scans <- ann.Badge()
		time.Sleep(time.Second)
		if got := r.screen(t); got != (locker.Screen{Word: locker.PutIn, Door: 1}) {
			t.Errorf("the kiosk shows %v", got)
		}
		r.bus.set(func() { clear(r.bus.open) })
		time.Sleep(time.Second)
		if last := lastEvent(t, r.log); last.Kind != locker.Deposited || last.Person != "ann" {
			t.Errorf("last on the ledger: %+v", last)
		}
		r.end(t)
	})
}

// ask gives the bank an order with a nonce of its own, some time after that.
func (r *running) ask(id string, after time.Duration) OrderResult {
	nonces, results := make(chan string, 1), make(chan OrderResult, 1)
	r.inputs <- NonceAsked{Reply: func(n string) { nonces <- n }}
	o := locker.Order{ID: id, Nonce: <-nonces, Kind: locker.OpenDoor, Person: "ann", By: "s-1"}
	time.Sleep(after)
	r.inputs <- Ordered{o, func(a OrderResult) { results <- a }}
	return <-results
}

// An order opens its door at once; five seconds after its nonce it opens
// nothing.
func TestRunTakesAnOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := work(t, func(*fakeBus) {})
		r.scans <- ann.Badge()
		time.Sleep(time.Second)
		r.bus.set(func() { clear(r.bus.open) })
		time.Sleep(time.Minute)
		r.bus.set(func() { clear(r.bus.pulses) })
		if got := r.ask("o-1", OrderLife+time.Second); got.Answer != locker.TooLate {
			t.Errorf("a late order is answered %+v", got)
		}
		if got := r.ask("o-2", OrderLife-time.Second); got.Answer != "" {
			t.Errorf("an order is answered %+v", got)
		}
		time.Sleep(time.Second)
		r.bus.set(func() {
			if len(r.bus.pulses) != 1 || r.bus.pulses[hardware.Channel{}] != 1 {
				t.Errorf("pulses %v", r.bus.pulses)
			}
		})
		r.end(t)
	})
}

// A board that does not answer leaves the others at work, is declared unknown,
// and is asked less often.
func TestRunWithASilentBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := work(t, func(b *fakeBus) { b.silent[1] = true })
		r.scans <- bob.Badge() // his door is on the silent board
		time.Sleep(time.Second)
		if got := r.screen(t); got != (locker.Screen{Word: locker.PutIn, Door: 2}) {
			t.Errorf("the kiosk shows %v", got)
		}
		time.Sleep(time.Minute)
		r.bus.set(func() {
			if asked, others := r.bus.looks[1], r.bus.looks[0]; asked > others/10 || asked < 10 {
				t.Errorf("the silent board was asked %d times, the other one %d times", asked, others)
			}
		})
		r.end(t)
	})
}

// An adapter that is pulled out makes its doors unknown; no order outlives it;
// plugged in again it is picked up by itself.
func TestRunWithAnUnpluggedBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := work(t, func(*fakeBus) {})
		r.bus.set(func() { r.bus.gone = true })
		time.Sleep(10 * time.Second)
		r.scans <- ann.Badge()
		time.Sleep(time.Second)
		if got := r.screen(t).Word; got != locker.Full {
			t.Errorf("the kiosk shows %v", got)
		}
		r.bus.set(func() { r.bus.gone = false })
		time.Sleep(10 * time.Second)
		r.bus.set(func() {
			if r.bus.opens > 20 {
				t.Errorf("the bus was opened %d times", r.bus.opens)
			}
			if len(r.bus.pulses) != 0 {
				t.Errorf("pulses %v without a scan", r.bus.pulses)
			}
		})
		r.scans <- ann.Badge()
		time.Sleep(time.Second)
		if got := r.screen(t); got != (locker.Screen{Word: locker.PutIn, Door: 1}) {
			t.Errorf("the kiosk shows %v", got)
		}
		r.end(t)
	})
}

// An order that waited longer than it may live opens nothing.
func TestOwnerLetsOldOrdersDie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := newFakeBus()
		log, err := memlog.New("a", time.Now)
		if err != nil {
			t.Fatal(err)
		}
		receipts, err := log.Append(t.Context(), intentEntry(t))
		if err != nil {
			t.Fatal(err)
		}
		inputs := make(chan Input, 100)
		o := newOwner(bus.line(), NewGate("a", log), inputs, nil, nil)
		o.orders <- Order{Door: 1, Purpose: locker.Deposit, Receipt: receipts[0]}
		time.Sleep(OrderLife + time.Millisecond)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := o.serve(ctx, bus); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if len(bus.pulses) != 0 {
			t.Errorf("pulses %v", bus.pulses)
		}
		close(inputs)
		refused := 0
		for in := range inputs {
			if s, ok := in.(Sent); ok && s.Err != nil {
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("%d refusals were reported", refused)
		}
	})
}

// One coil at a time: two orders on one bus keep the gap of its power supply.
func TestOwnerKeepsThePulseGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, err := memlog.New("a", time.Now)
		if err != nil {
			t.Fatal(err)
		}
		bus := newFakeBus()
		line := bus.line()
		line.PulseGap = 300 * time.Millisecond
		inputs := make(chan Input, 100)
		o := newOwner(line, NewGate("a", log), inputs, nil, nil)
		for _, door := range []int{1, 2} {
			e := intentEntry(t)
			e.Door = door
			receipts, err := log.Append(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			o.orders <- Order{Door: door, Purpose: locker.Deposit, Receipt: receipts[0]}
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_, _ = o.serve(ctx, bus) // it ends with ctx
		close(inputs)
		var sent []time.Time
		for in := range inputs {
			if s, ok := in.(Sent); ok && s.Err == nil {
				sent = append(sent, s.At)
			}
		}
		if len(sent) != 2 || sent[1].Sub(sent[0]) < line.PulseGap {
			t.Errorf("frames left at %v", sent)
		}
	})
}
