package audit

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/locker"
)

// hand is one movement of a person's phone: into a door or out of it.
type hand struct {
	world.Line
	in bool
}

// custody follows each person's phone through the ledger and the truth.
func (c *comparison) custody() {
	moves := map[string][]hand{}
	for _, l := range c.truth {
		if l.What == world.Put || l.What == world.Took {
			moves[l.Pupil] = append(moves[l.Pupil], hand{l, l.What == world.Put})
		}
	}
	people := map[string][]claim{}
	for _, e := range c.events {
		list := people[e.Person]
		switch {
		case e.Kind == locker.Deposited, e.Kind == locker.Collected:
			people[e.Person] = append(list, claim{e, e.At.Wall})
		case e.Kind == locker.Rechecked && len(list) > 0:
			list[len(list)-1].by = e.At.Wall // what was left behind has been taken by now
		}
	}
	all := map[string]bool{}
	for id := range moves {
		all[id] = true
	}
	for id := range people {
		all[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		c.follow(id, people[id], moves[id])
	}
}

// claim is a record that says where a phone is by then. Records that are not
// sure of it claim nothing that could be wrong.
type claim struct {
	event
	by time.Time
}

// follow walks one person's records in order; each lets the truth catch up by
// one movement of its own kind, and must then hold.
func (c *comparison) follow(id string, claims []claim, moves []hand) {
	var last *hand
	inside := false
	advance := func(in bool, by time.Time) {
		if len(moves) > 0 && moves[0].in == in && !moves[0].T.After(by) {
			last, inside, moves = &moves[0], moves[0].in, moves[1:]
		}
	}
	for _, e := range claims {
		in := e.Kind == locker.Deposited
		advance(!in, e.by) // a movement in between that nobody saw to its end
		advance(in, e.by)
		agree := e.Unseen || e.Doubtful || holds(in, inside, last, e.Door)
		c.row(handLine(last), e.seq, agree, "%s: %s at door %d", id, e.Kind, e.Door)
	}
	for len(moves) > 0 {
		advance(moves[0].in, moves[0].T)
	}
	c.standing(id, last, inside)
}

// holds reports whether a phone is where a record says. A collection after a
// hand-in that nobody saw may find that nothing was ever in.
func holds(in, inside bool, last *hand, door int) bool {
	if last == nil {
		return !in
	}
	return inside == in && last.Door == door
}

// standing compares how a person stands at the end.
func (c *comparison) standing(id string, last *hand, inside bool) {
	h, v := c.state.Holdings[id], c.state.Visits[id]
	door := 0
	if inside {
		door = last.Door
	}
	switch {
	case h == nil:
		c.row(handLine(last), 0, !inside, "%s: nothing held; phone in door %d", id, door)
	case h.Unsure || !h.Secured || v.UnderWay():
		c.row(handLine(last), 0, !inside || door == h.Door, "%s: unsure about door %d; phone in door %d", id, h.Door, door)
	default:
		c.row(handLine(last), 0, inside && door == h.Door, "%s: held in door %d; phone in door %d", id, h.Door, door)
	}
}

func handLine(h *hand) uint64 {
	if h == nil {
		return 0
	}
	return h.N
}
