package exam

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// model is who must get nothing back, said once more and as simply as can be.
type model struct {
	start, clear time.Time // clear: when first marked; zero before
	gone         bool      // cancelled
	late, away   [4]bool
	done, off    [4]bool
}

// keeps reports whether the door of candidate n must stay shut at now. Who came late
// and has handed nothing in may still do so.
func (m *model) keeps(n int, now time.Time, holds bool) bool {
	begun := !now.Before(m.start) || !m.clear.IsZero() && !now.Before(m.clear)
	return begun && !m.gone && !m.off[n] && !m.away[n] && !m.done[n] && (!m.late[n] || holds)
}

// cabinet is bank A, with a door for each candidate, a collection that never ends, a
// permission for everybody, and no fault.
type cabinet struct {
	state *locker.State
	seq   uint64
}

func (c *cabinet) apply(e locker.Event) {
	c.seq++
	c.state.Apply(c.seq, e)
}

// carryOut takes what was decided to its end: the door opens, and is shut again.
func (c *cabinet) carryOut(d locker.Decision, now school.Instant) {
	c.apply(d.Event)
	if d.Event.Kind != locker.Intent {
		return
	}
	c.apply(locker.Conclude(c.state.VisitAt(d.Event.Door), locker.Opened, locker.Open, now))
	if e, ok := locker.Observe(c.state, d.Event.Door, locker.Closed, locker.NoSensor, now); ok {
		c.apply(e)
	}
}

func badge(n int) school.Token { return school.Token{byte(n)} }

// rulesOf are a bank's rules by the book as it is now.
func rulesOf(h *hall) locker.Rules {
	dir := &locker.Directory{Badges: map[school.BadgeHash]locker.BadgeEntry{}, People: map[string]locker.Place{}, Staff: map[string]locker.StaffEntry{"s-1": {}},
		Bars: h.Bars(school.Instant(h.now)), Grants: h.Grants(h.now.Wall)}
	for n := 1; n <= 3; n++ {
		person := fmt.Sprintf("p-%d", n)
		dir.Badges[badge(n).Hash()] = locker.BadgeEntry{Person: person}
		dir.People[person] = locker.Place{Bank: "a", Door: n}
		dir.Grants = append(dir.Grants, locker.Grant{ID: "g-" + person, Kind: locker.MayCollect, Person: person, From: eight.Add(-time.Hour), Until: eight.Add(24 * time.Hour)})
	}
	return locker.Rules{Directory: dir, Plan: school.Plan{Windows: []school.Window{{Use: school.Collection, From: eight.Add(-time.Hour), Until: eight.Add(24 * time.Hour)}}}}
}

// decide asks the bank for candidate n's door in one of the ways there are.
func decide(c *cabinet, h *hall, way, n int) locker.Decision {
	now, rules := school.Instant(h.now), rulesOf(h)
	switch way {
	case 0:
		return locker.Decide(c.state, rules, badge(n).Badge(), now)
	case 1:
		return locker.DecideOrder(c.state, rules, locker.Order{ID: fmt.Sprintf("o-%d", c.seq), Kind: locker.OpenDoor, Person: fmt.Sprintf("p-%d", n), By: "head"}, now)
	case 2:
		return locker.DecideOrder(c.state, rules, locker.Order{ID: fmt.Sprintf("o-%d", c.seq), Kind: locker.OpenDoor, Door: n, By: "head"}, now)
	}
	return locker.DecideStaff(c.state, rules, "s-1", locker.Wish{Kind: locker.WishDoor, Door: n, Reason: locker.LateBus}, now)
}

// Between the start of a paper and their own finish nothing opens a candidate's door:
// no badge in an open collection with a permission, no order of the head's, no staff
// at the kiosk, whatever else is done about the paper meanwhile.
func TestNoCollectionInOnesOwnPaper(t *testing.T) {
	steps := 0
	defer func() { t.Logf("%d steps", steps) }()
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(t)
		s := h.maths(t)
		m := &model{start: s.Start}
		c := &cabinet{state: locker.NewState(locker.Setup{Bank: "a", Doors: []int{1, 2, 3}})}
		c.apply(locker.Event{Kind: locker.Surveyed, At: school.Instant(h.now)})
		for i := range rapid.IntRange(0, 3).Draw(t, "in before") {
			c.carryOut(decide(c, h, 0, i+1), school.Instant(h.now))
		}
		h.now.Wall, h.now.Mono = nine.Add(-20*time.Minute), 40*time.Minute
		n := rapid.IntRange(1, 3)
		holds := func(n int) bool { return c.state.Holdings[fmt.Sprintf("p-%d", n)] != nil }
		done := func(err error, note func()) {
			if err != nil {
				return
			}
			before := *m
			note()
			for n := 1; n <= 3; n++ {
				if now := h.now.Wall; holds(n) && before.keeps(n, now, true) && !m.keeps(n, now, true) && m.done == before.done {
					t.Fatalf("candidate %d is let out of the paper without a finish", n)
				}
			}
		}
		say := func(t *rapid.T, how How, note func(n int)) {
			n := n.Draw(t, "line")
			done(h.Say(t.Context(), officer, s.ID, n, how, "s-teacher"), func() { note(n) })
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				steps++
				h.kept = map[string][]Kept{}
				for person, held := range c.state.Holdings {
					h.kept[person] = []Kept{{What: desk.Phone, Place: desk.Place{Kind: desk.Behind, Bank: "a", Door: held.Door}}}
				}
				for n := 1; n <= 3; n++ {
					if !m.keeps(n, h.now.Wall, holds(n)) {
						continue
					}
					for way := range 4 {
						if d := decide(c, h, way, n); d.Event.Kind == locker.Intent {
							t.Fatalf("at %s door %d opens for %s", h.now.Wall.Format("15:04"), d.Event.Door, d.Event.Purpose)
						}
					}
				}
			},
			"door": func(t *rapid.T) {
				n := n.Draw(t, "door")
				d, now := decide(c, h, rapid.IntRange(0, 3).Draw(t, "way"), n), school.Instant(h.now)
				c.carryOut(d, now)
			},
			"wait": func(t *rapid.T) {
				d := time.Duration(rapid.SampledFrom([]int{1, 5, 30}).Draw(t, "minutes")) * time.Minute
				if h.now.Wall.Add(d).Before(eight.Add(15 * time.Hour)) {
					h.now.Wall, h.now.Mono = h.now.Wall.Add(d), h.now.Mono+d
				}
			},
			"clear": func(t *rapid.T) {
				done(h.Clear(t.Context(), officer, s.ID, true), func() {
					if m.clear.IsZero() {
						m.clear = h.now.Wall
					}
				})
			},
			"finish": func(t *rapid.T) {
				n := n.Draw(t, "line")
				done(h.Finish(t.Context(), head, s.ID, []int{n}, h.now.Wall, "withdrawn"), func() { m.done[n] = true })
			},
			"absent":   func(t *rapid.T) { say(t, SaidAbsent, func(n int) { m.away[n], m.late[n] = true, false }) },
			"late":     func(t *rapid.T) { say(t, SaidLate, func(n int) { m.away[n], m.late[n] = false, true }) },
			"admitted": func(t *rapid.T) { say(t, SaidAdmitted, func(n int) { m.late[n] = false }) },
			"none":     func(t *rapid.T) { say(t, SaidNone, func(int) {}) },
			"again":    func(t *rapid.T) { say(t, SaidAgain, func(int) {}) },
			"off":      func(t *rapid.T) { say(t, SaidOff, func(n int) { m.off[n] = true }) },
			"cancel":   func(t *rapid.T) { done(h.Cancel(t.Context(), head, s.ID), func() { m.gone = true }) },
			"move": func(t *rapid.T) {
				start := h.now.Wall.Add(time.Hour)
				done(h.Move(t.Context(), head, s.ID, start, 60), func() { m.start = start })
			},
			"restart": func(t *rapid.T) { h.Book = h.again(t) },
		})
	})
}

// The model's candidates are lines 1 to 3 of the paper.
func TestModelKnowsTheLines(t *testing.T) {
	h := newHall(t)
	if who := h.maths(t).Lines; !slices.EqualFunc(who, []string{"p-1", "p-2", "p-3"}, func(l Line, p string) bool { return l.Person == p }) {
		t.Errorf("%+v", who)
	}
}
