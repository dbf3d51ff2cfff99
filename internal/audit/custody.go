package audit

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/locker"
)

// owner is whose device is followed: a person's, or an item. The truth knows an
// item as a phone that is no pupil's.
type owner struct{ person, item string }

func (o owner) String() string { return cmp.Or(o.person, o.item) }

func (o owner) compare(p owner) int {
	return cmp.Or(cmp.Compare(o.person, p.person), cmp.Compare(o.item, p.item))
}

func ownerOf(l world.Line) owner {
	if l.Pupil != "" {
		return owner{person: l.Pupil}
	}
	return owner{item: l.Phone}
}

// hand is one movement of a device: into a door or out of it.
type hand struct {
	world.Line
	in bool
}

// custody follows each person's phone, and each item, through the ledger and the
// truth.
func (c *comparison) custody() {
	moves := map[owner][]hand{}
	for _, l := range c.truth {
		if l.What == world.Put || l.What == world.Took {
			moves[ownerOf(l)] = append(moves[ownerOf(l)], hand{l, l.What == world.Put})
		}
	}
	claims := map[owner][]claim{}
	for _, e := range c.events {
		whose := owner{e.Person, e.Item}
		list := claims[whose]
		switch {
		case e.Kind == locker.Deposited, e.Kind == locker.Collected:
			claims[whose] = append(list, claim{e, e.At.Wall})
		case e.Kind == locker.Rechecked && len(list) > 0:
			list[len(list)-1].by = e.At.Wall // what was left behind has been taken by now
		}
	}
	all := map[owner]bool{}
	for whose := range moves {
		all[whose] = true
	}
	for whose := range claims {
		all[whose] = true
	}
	for _, whose := range slices.SortedFunc(maps.Keys(all), owner.compare) {
		c.follow(whose, claims[whose], moves[whose])
	}
}

// claim is a record that says where a phone is by then. Records that are not
// sure of it claim nothing that could be wrong.
type claim struct {
	event
	by time.Time
}

// follow walks one owner's records in order; each lets the truth catch up by
// one movement of its own kind, and must then hold.
func (c *comparison) follow(whose owner, claims []claim, moves []hand) {
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
		c.row(handLine(last), e.seq, agree, "%s: %s at door %d", whose, e.Kind, e.Door)
	}
	for len(moves) > 0 {
		advance(moves[0].in, moves[0].T)
	}
	c.standing(whose, last, inside)
}

// holds reports whether a phone is where a record says. A collection after a
// hand-in that nobody saw may find that nothing was ever in.
func holds(in, inside bool, last *hand, door int) bool {
	if last == nil {
		return !in
	}
	return inside == in && last.Door == door
}

// standing compares how an owner stands at the end.
func (c *comparison) standing(whose owner, last *hand, inside bool) {
	h, v := c.state.Holdings[whose.person], c.state.Visits[whose.person]
	if whose.item != "" {
		h, v = c.state.Items[whose.item], c.state.ItemVisits[whose.item]
	}
	door := 0
	if inside {
		door = last.Door
	}
	switch {
	case h == nil && c.lost[whose]:
		c.row(handLine(last), 0, true, "%s: the record was lost with a machine; phone in door %d", whose, door)
		c.report.Rows[len(c.report.Rows)-1].Open = true
	case h == nil:
		c.row(handLine(last), 0, !inside, "%s: nothing held; phone in door %d", whose, door)
	case h.Unsure || !h.Secured || v.UnderWay():
		c.row(handLine(last), 0, !inside || door == h.Door, "%s: unsure about door %d; phone in door %d", whose, h.Door, door)
	default:
		c.row(handLine(last), 0, inside && door == h.Door, "%s: held in door %d; phone in door %d", whose, h.Door, door)
	}
}

func handLine(h *hand) uint64 {
	if h == nil {
		return 0
	}
	return h.N
}
