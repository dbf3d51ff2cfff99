// Package democlock is school time for a demonstration: it runs at a chosen
// speed, can be jumped forward over quiet hours, and never goes back. One
// Clock is shared by everything in a process that plays the day; serial
// deadlines and pulses stay on package time.
package democlock

import (
	"context"
	"math"
	"sync"
	"time"
)

// longestNap bounds one machine-time wait, so that a speed close to zero
// cannot overflow a time.Duration.
const longestNap = time.Hour

// Clock tells school time. It is safe for concurrent use.
type Clock struct {
	start time.Time

	mu      sync.Mutex
	school  time.Time     // school time at the anchor
	anchor  time.Time     // machine time at the anchor
	speed   float64       // school seconds in one machine second, at least 0
	changed chan struct{} // closed when school, anchor or speed was set anew
}

// New starts a clock at start that runs speed times as fast as the machine.
// A speed of zero, or anything below, stands still.
func New(start time.Time, speed float64) *Clock {
	start = start.Round(0) // school time carries no machine reading
	return &Clock{
		start: start, school: start, anchor: time.Now(),
		speed: usable(speed), changed: make(chan struct{}),
	}
}

// usable makes a number below zero, or none at all, mean standing still.
func usable(speed float64) float64 {
	if speed > 0 && !math.IsInf(speed, 1) {
		return speed
	}
	return 0
}

// Now gives school time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// Mono gives the school time that went by since the start, jumps included.
func (c *Clock) Mono() time.Duration { return c.Now().Sub(c.start) }

// Speed gives school seconds per machine second.
func (c *Clock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// SetSpeed lets school time go on from now at another speed.
func (c *Clock) SetSpeed(speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(c.now(), usable(speed))
}

// Skip jumps to a later school time and wakes every sleeper whose time has
// come. A time that has already passed changes nothing.
func (c *Clock) Skip(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now()) {
		c.set(to.Round(0).In(c.start.Location()), c.speed)
	}
}

// Sleep waits until d of school time has gone by. It returns early only when
// ctx ends, with the cause.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	until := c.Now().Add(d)
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		nap, changed := c.untilNext(until)
		if nap <= 0 {
			return nil
		}
		if err := wait(ctx, nap, changed); err != nil {
			return err
		}
	}
}

// wait passes nap of machine time, less when the clock is changed.
func wait(ctx context.Context, nap time.Duration, changed <-chan struct{}) error {
	timer := time.NewTimer(nap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-changed:
	case <-timer.C:
	}
	return nil
}

// untilNext gives the machine time left until a school time, at most
// longestNap, and the channel that closes when that answer is out of date.
func (c *Clock) untilNext(until time.Time) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := until.Sub(c.now())
	switch {
	case left <= 0:
		return 0, c.changed
	case c.speed == 0:
		return longestNap, c.changed
	}
	nap := math.Ceil(float64(left) / c.speed)
	return time.Duration(min(nap, float64(longestNap))), c.changed
}

// now is Now for callers that hold the lock.
func (c *Clock) now() time.Time {
	return c.school.Add(time.Duration(float64(time.Since(c.anchor)) * c.speed))
}

// set anchors school time and speed and wakes all sleepers to reckon again.
func (c *Clock) set(school time.Time, speed float64) {
	c.school, c.anchor, c.speed = school, time.Now(), speed
	close(c.changed)
	c.changed = make(chan struct{})
}
