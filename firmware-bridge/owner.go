package bridge

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// Line is one bus of a bank: how to open it and which door hangs on which of
// its channels.
type Line struct {
	Name     string
	Open     func(ctx context.Context) (hardware.LockBus, error)
	Doors    map[int]hardware.Channel
	Poll     time.Duration // pause between rounds of status reads
	PulseGap time.Duration // least time between two pulses: one coil at a time
	Mapped   bool          // a map says what a contact's bit means
	Fire     *FireInput    // nil: none is on it
}

const (
	orderQueue  = 64
	reopenFirst = 250 * time.Millisecond
	reopenLast  = 5 * time.Second

	// A board that does not answer holds its bus up for 400 ms, so it is asked
	// in every round only until it counts as unknown, then in one of so many.
	silentRounds = 30

	// Contacts that mean the opposite of what a map says make every door of a bus read
	// open. Fewer doors than this may well stand open all at once.
	fewDoors  = 3
	unfitHint = "Shut the doors. If they are shut, the map is not that of these boards; run: bellkeep-bank commission"

	// Every step of an owner is bounded: an exchange by its driver, a pause by
	// reopenLast. One that takes longer than this hangs.
	ownerBound = 15 * time.Second
)

// owner is the one goroutine that talks on a bus. It polls the boards in turn
// and lets orders pass through the gate between two polls.
type owner struct {
	Line
	gate      *Gate
	inputs    chan<- Input
	orders    chan Order
	loop      *watchdog.Loop
	equipment *Equipment

	boards    [][]int // doors by board
	silent    []int   // polls in a row without an answer, by board
	calm      calm
	alarm     alarm
	fits      bool // the contacts can mean what the map says
	lastPulse time.Time
}

func newOwner(line Line, gate *Gate, inputs chan<- Input, watch *watchdog.Watch, equipment *Equipment) *owner {
	o := &owner{Line: line, gate: gate, inputs: inputs, orders: make(chan Order, orderQueue), equipment: equipment, loop: watch.Loop("bus "+line.Name, ownerBound)}
	for _, door := range sortedKeys(line.Doors) {
		board := line.Doors[door].Board
		for len(o.boards) <= board {
			o.boards = append(o.boards, nil)
		}
		o.boards[board] = append(o.boards[board], door)
	}
	for line.Fire != nil && len(o.boards) <= line.Fire.Channel.Board {
		o.boards = append(o.boards, nil)
	}
	o.silent = make([]int, len(o.boards))
	return o
}

// run owns the bus until ctx ends, reopening it whenever it goes away.
func (o *owner) run(ctx context.Context) {
	defer o.loop.End()
	pause := reopenFirst
	for ctx.Err() == nil {
		o.loop.Round()
		bus, err := o.Open(ctx)
		if err == nil {
			var answered bool
			answered, err = o.serve(ctx, bus)
			if closeErr := bus.Close(); closeErr != nil && err == nil {
				err = closeErr
			}
			if answered {
				pause = reopenFirst
			}
		}
		if ctx.Err() != nil {
			return
		}
		o.equipment.lostBus(o.Name)
		slog.Warn("bus not available, trying again", "bus", o.Name, "in", pause.String(), "err", err, "next", errs.HintOf(err))
		for range missedPolls {
			o.tell(ctx, Missed{Doors: sortedKeys(o.Doors)})
		}
		_ = wait.For(ctx, pause)
		pause = min(2*pause, reopenLast)
	}
}

// serve works an open bus until it fails as a whole. One round of looks comes
// before the first order is let through.
func (o *owner) serve(ctx context.Context, bus hardware.LockBus) (answered bool, err error) {
	lock := wired{bus, o.Doors}
	o.calm, o.fits = calm{since: time.Now()}, !o.Mapped || len(o.Doors) < fewDoors
	for ready, round := false, 0; ctx.Err() == nil; ready, round = answered, round+1 {
		for board, doors := range o.boards {
			if len(doors) == 0 && !o.hasFire(board) || (o.silent[board] >= missedPolls && round%silentRounds != 0) {
				continue
			}
			if ready {
				o.passOne(ctx, lock)
			}
			err := o.look(ctx, bus, board, doors)
			o.loop.Round()
			if err != nil && !errors.Is(err, hardware.ErrTimeout) {
				return answered, err
			}
			answered = answered || err == nil
		}
		if answered && !ready && !o.fits {
			slog.Error("every door on a bus reads open: none of it opens until one reads shut", "bus", o.Name, "next", unfitHint)
		}
		o.rest(ctx, lock, ready)
		o.loop.Round()
	}
	return answered, ctx.Err()
}

// look polls one board. A board that does not answer in time leaves the others
// alone; any other error means that the bus itself is gone.
func (o *owner) look(ctx context.Context, bus hardware.Sensors, board int, doors []int) error {
	readings, err := bus.Read(ctx, board)
	now := time.Now()
	o.calm.looked(bus, err, now)
	switch {
	case o.calm.noisy(now):
		o.equipment.lost(busNoisy(o.Name))
	case o.calm.yet():
		o.equipment.found(busNoisy(o.Name))
	}
	if err != nil {
		if o.silent[board]++; o.silent[board] >= missedPolls {
			o.equipment.lost(boardSilent(o.Name, board))
		}
		o.tell(ctx, Missed{Doors: doors})
		return err
	}
	o.silent[board] = 0
	o.equipment.found(boardSilent(o.Name, board))
	o.equipment.found(busLost(o.Name))
	seen := make(map[int]hardware.Reading, len(doors))
	for _, door := range doors {
		if i := o.Doors[door].Index; i < len(readings) {
			seen[door] = readings[i]
			o.fits = o.fits || readings[i].Contact == hardware.Closed
		}
	}
	if o.hasFire(board) {
		o.listen(ctx, readings)
	}
	o.tell(ctx, Looked{At: time.Now(), Doors: seen})
	return nil
}

func (o *owner) hasFire(board int) bool { return o.Fire != nil && o.Fire.Channel.Board == board }

// listen tells of the fire alarm.
func (o *owner) listen(ctx context.Context, readings []hardware.Reading) {
	i := o.Fire.Channel.Index
	if i >= len(readings) || readings[i].Contact == hardware.Unknown {
		return
	}
	if sounds := readings[i].Contact == o.Fire.On; o.alarm.look(sounds, time.Now()) {
		o.tell(ctx, FireHeard{Sounds: sounds})
	}
}

// rest waits for the next round, or for an order that may pass now.
func (o *owner) rest(ctx context.Context, lock Lock, ready bool) {
	timer := time.NewTimer(o.Poll)
	defer timer.Stop()
	orders := o.orders
	if !ready || !o.mayPulse() {
		orders = nil
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case order := <-orders:
		o.pass(ctx, lock, order)
	}
}

// passOne lets at most one order pass: doors are looked at between two pulses,
// however many wait.
func (o *owner) passOne(ctx context.Context, lock Lock) {
	if !o.mayPulse() {
		return
	}
	select {
	case order := <-o.orders:
		o.pass(ctx, lock, order)
	default:
	}
}

// mayPulse reports whether the power supply has had its pause, and whether an
// order need not wait for the bus to calm down.
func (o *owner) mayPulse() bool {
	return (o.lastPulse.IsZero() || time.Since(o.lastPulse) >= o.PulseGap) && (o.calm.yet() || o.calm.hopeless(time.Now()))
}

// pass brings one order to the gate, unless the bus would not carry it safely.
func (o *owner) pass(ctx context.Context, lock Lock, order Order) {
	if !o.fits {
		o.tell(ctx, Sent{Order: order, At: time.Now(), Err: errs.New(errs.Denied, "Every door on the bus reads open, so the door was not opened.", unfitHint)})
		return
	}
	if !o.calm.yet() {
		o.tell(ctx, Sent{Order: order, At: time.Now(), Err: errs.New(errs.Denied, "There is noise on the bus, so the door was not opened.", noisyHint)})
		return
	}
	err := o.gate.Open(ctx, order, lock, time.Now())
	o.lastPulse = time.Now()
	o.silent[o.Doors[order.Door].Board] = 0 // whatever it did, look at it
	if err != nil {
		slog.Warn("order not carried out", "bus", o.Name, "door", order.Door, "seq", order.Receipt.Seq(), "err", err, "next", errs.HintOf(err))
	}
	o.tell(ctx, Sent{Order: order, At: o.lastPulse, Err: err})
}

func (o *owner) tell(ctx context.Context, in Input) {
	select {
	case o.inputs <- in:
	case <-ctx.Done():
	}
}

// wired is a bus seen as doors.
type wired struct {
	bus   hardware.Unlocker
	doors map[int]hardware.Channel
}

func (w wired) Unlock(ctx context.Context, door int) error {
	ch, ok := w.doors[door]
	if !ok {
		return errs.New(errs.Denied, "That door is not on this bus.", "Run: bellkeep-bank check")
	}
	return w.bus.Unlock(ctx, ch)
}
