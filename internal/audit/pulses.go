package audit

import (
	"maps"
	"slices"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/locker"
)

// intent is one order on the ledger and what became of it.
type intent struct {
	event
	result locker.Result // "" while it is under way
}

// frame is one unlock frame a board saw and what it did: opened, jammed, note
// (the door stood open already), or nothing before the world ended.
type frame struct {
	world.Line
	effect world.What
}

// pulses matches the frames of each door with its intents, in order.
func (c *comparison) pulses() {
	intents, frames := c.intentsByDoor(), c.framesByDoor(c.commissioning())
	c.report.Frames += len(frames[0])
	for _, f := range frames[0] {
		c.row(f.N, 0, false, "a board was told to open a channel that has no door")
	}
	doors := maps.Clone(frames)
	for door := range intents {
		doors[door] = nil
	}
	for _, door := range slices.Sorted(maps.Keys(doors)) {
		if door != 0 {
			c.report.Frames += len(frames[door])
			c.matchDoor(door, intents[door], frames[door])
		}
	}
}

func (c *comparison) matchDoor(door int, intents []intent, frames []frame) {
	for i, in := range intents {
		var f *frame
		if len(frames) > 0 && c.belongs(frames[0], intents, i) {
			f, frames = &frames[0], frames[1:]
		}
		c.matchIntent(door, in, f)
	}
	for _, f := range frames {
		c.row(f.N, 0, false, "door %d was told to open without an intent", door)
	}
}

// belongs reports whether a frame can be that of intents[i]: it came after the
// commit and, where the ledger knows of no frame, before the next intent for this
// door.
func (c *comparison) belongs(f frame, intents []intent, i int) bool {
	if f.T.Before(intents[i].At.Wall) {
		return false
	}
	sent := !slices.Contains([]locker.Result{locker.Unverified, locker.NotSent, ""}, intents[i].result)
	return sent || i+1 == len(intents) || f.T.Before(intents[i+1].At.Wall)
}

func (c *comparison) matchIntent(door int, in intent, f *frame) {
	switch in.result {
	case locker.NotSent:
		c.row(lineOf(f), in.seq, f == nil, "door %d: %s not sent", door, in.Purpose)
		return
	case locker.Unverified, "":
		c.report.Unsure++
		if f != nil {
			c.report.Sent++
		}
		c.row(lineOf(f), in.seq, true, "door %d: %s, nobody knows, frame seen: %v", door, in.Purpose, f != nil)
		c.report.Rows[len(c.report.Rows)-1].Open = true
		return
	}
	c.report.Openings++
	if f == nil {
		c.row(0, in.seq, false, "door %d: %s %s, but no board saw a frame", door, in.Purpose, in.result)
	} else {
		c.row(f.N, in.seq, fits(in.result, f.effect), "door %d: %s %s, latch: %s", door, in.Purpose, in.result, f.effect)
	}
}

// fits says whether the ledger's result is what the latch did.
func fits(result locker.Result, effect world.What) bool {
	switch effect {
	case world.Opened, world.Note:
		return result == locker.Opened
	case world.Jammed:
		return result == locker.NoEffect || result == locker.Jammed || result == locker.Stopped
	}
	return false
}

func lineOf(f *frame) uint64 {
	if f == nil {
		return 0
	}
	return f.N
}

func (c *comparison) intentsByDoor() map[int][]intent {
	byDoor := map[int][]intent{}
	type place struct {
		epoch int
		seq   uint64
	}
	results := map[place]locker.Result{}
	for _, e := range c.events {
		if e.Kind == locker.Outcome {
			results[place{e.epoch, e.Of}] = e.Result
		}
	}
	for _, e := range c.events {
		if e.Kind == locker.Intent {
			byDoor[e.Door] = append(byDoor[e.Door], intent{e, results[place{e.epoch, e.seq}]})
		}
	}
	return byDoor
}

func (c *comparison) framesByDoor(but map[uint64]bool) map[int][]frame {
	byDoor := map[int][]frame{}
	for i, l := range c.truth {
		if l.What == world.Frame && !but[l.N] {
			byDoor[l.Door] = append(byDoor[l.Door], frame{l, c.effectAfter(i)})
		}
	}
	return byDoor
}

// effectAfter finds what the frame on line i did to its own channel.
func (c *comparison) effectAfter(i int) world.What {
	f := c.truth[i]
	for _, l := range c.truth[i+1:] {
		if l.Bus != f.Bus || l.Board != f.Board || l.Lock != f.Lock {
			continue
		}
		switch l.What {
		case world.Opened, world.Jammed, world.Note:
			return l.What
		}
	}
	return ""
}
