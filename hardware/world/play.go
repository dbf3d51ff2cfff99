package world

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Play plays a plan and returns when everybody in it is done, with nil, or
// earlier when ctx or the world ended, with the cause.
func (w *World) Play(ctx context.Context, plan Plan) error {
	if err := w.checkPlan(plan); err != nil {
		return err
	}
	for _, door := range plan.Jam {
		if err := w.SetFaults(door, Faults{Latch: LatchJammed}); err != nil {
			return err
		}
	}
	c := w.newCrowd(ctx)
	for _, v := range plan.Visits {
		c.at(v.At, func() error { return c.keep(v) })
	}
	for _, errands := range plan.Errands {
		c.inTurn(errands)
	}
	return c.wait()
}

// inTurn runs errands by their times, each when the one before is done, however late.
func (c *crowd) inTurn(errands []Errand) {
	before := make(chan struct{})
	close(before)
	for _, e := range slices.SortedStableFunc(slices.Values(errands), func(a, b Errand) int { return a.At.Compare(b.At) }) {
		earlier, done := before, make(chan struct{})
		c.at(e.At, func() error {
			defer close(done)
			select {
			case <-earlier:
				return e.Do(c.ctx)
			case <-c.ctx.Done():
				return context.Cause(c.ctx)
			}
		})
		before = done
	}
}

// Rush lets everybody deposit as fast as the kiosks take them, then collect,
// and so on for the rounds given. The next pupil sets out gap of machine time
// after the one before. Habits are left at home, but for having no phone and
// staying away.
func (w *World) Rush(ctx context.Context, rounds int, gap time.Duration) error {
	for range rounds {
		if err := w.HandIn(ctx, gap); err != nil {
			return err
		}
		if err := w.Collect(ctx, gap); err != nil {
			return err
		}
	}
	return nil
}

// HandIn is the first half of a rush.
func (w *World) HandIn(ctx context.Context, gap time.Duration) error {
	return w.wave(ctx, Deposit, gap)
}

// Collect is the other half of a rush.
func (w *World) Collect(ctx context.Context, gap time.Duration) error {
	return w.wave(ctx, Collect, gap)
}

// AwaitKiosk waits until a kiosk's screen asks for badges: nobody queues before
// a dark one.
func (w *World) AwaitKiosk(ctx context.Context, name string) error {
	for _, k := range w.kiosks {
		for k.name == name {
			v, err := k.look(ctx, 0)
			if err == nil && v.Word != SayStarting {
				break
			}
			if err := rest(ctx, darkPause); err != nil {
				return err
			}
		}
	}
	return nil
}

var errNoKiosk = errs.New(errs.Invalid, "Nobody can scan a badge: the world has no kiosk.", "Configure a kiosk.")

func (w *World) wave(ctx context.Context, aim Aim, gap time.Duration) error {
	if len(w.kiosks) == 0 {
		return errNoKiosk
	}
	c := w.newCrowd(ctx)
	for _, p := range w.cfg.Pupils {
		if p.Habit == AbsentToday {
			continue
		}
		p.Habit = Ordinary
		c.run(func() error {
			k := c.newWalk(p, aim)
			k.brisk = true
			return k.walk(c.ctx)
		})
		if rest(c.ctx, gap) != nil {
			break // wait gives the cause
		}
	}
	return c.wait()
}

// NextAt gives the school time of the next thing planned, when nobody is
// doing anything until then. Quiet hours may be skipped up to it.
func (w *World) NextAt() (time.Time, bool) { return w.agenda.next() }

// Busy reports whether anybody is doing anything.
func (w *World) Busy() bool { return w.agenda.busy() }

func (w *World) checkPlan(plan Plan) error {
	if len(w.kiosks) == 0 {
		return errNoKiosk
	}
	for _, v := range plan.Visits {
		if _, known := w.people[v.Pupil]; !known {
			return errs.New(errs.NotFound, fmt.Sprintf("The plan names pupil %q, whom the world does not know.", v.Pupil),
				"Plan the day with the pupils of the world.")
		}
	}
	return nil
}

// crowd is people acting at the same time. The first failure ends them all.
type crowd struct {
	*World
	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	stop   func() bool
}

func (w *World) newCrowd(ctx context.Context) *crowd {
	c := &crowd{World: w}
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	c.stop = context.AfterFunc(w.ctx, func() { c.cancel(context.Cause(w.ctx)) })
	return c
}

// run lets somebody act now.
func (c *crowd) run(do func() error) {
	c.wg.Go(func() {
		if err := do(); err != nil {
			c.cancel(err)
		}
	})
}

// at lets somebody act at a school time.
func (c *crowd) at(t time.Time, do func() error) {
	entry := c.agenda.enter(t)
	c.run(func() error {
		defer c.agenda.leave(entry)
		if err := c.cfg.Sleep(c.ctx, t.Sub(c.cfg.Now())); err != nil {
			return err
		}
		c.agenda.begin(entry)
		return do()
	})
}

// wait waits for everybody.
func (c *crowd) wait() error {
	c.wg.Wait()
	c.stop()
	err := context.Cause(c.ctx)
	c.cancel(nil)
	return err
}
