package main

import (
	"context"
	"crypto/rand"
	mathrand "math/rand/v2"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/register"
)

// cast is who does what at one bank: ordinary pupils, and those who make a
// morning interesting.
type cast struct {
	pupils []world.Pupil
	jam    []int // doors whose latch is jammed
}

// demoHabits are what some of every 60 pupils do differently.
var demoHabits = []world.Habit{
	world.AbsentToday, world.AbsentToday, world.Late, world.Late, world.DoubleScan, world.Forgetful,
	world.LeavesOpen, world.ShutsEarly, world.DamagedCode, world.Scribbler, world.NoPhone,
}

const habitsFor = 60 // pupils

// castBank casts the pupils of a bank for a day, from the seed. exempt may keep
// their phones and stopped are sent to the office.
func (d *demo) castBank(ctx context.Context, bank string, seed uint64, exempt, stopped map[string]bool) (cast, error) {
	var c cast
	for _, p := range d.server.People.People() {
		if p.Kind != register.Pupil || p.Bank != bank {
			continue
		}
		w := world.Pupil{ID: p.ID, Badge: d.cards[p.ID].Badge(), Phones: []string{phoneOf(p.ID)}, OwnDoor: p.Door}
		if exempt[p.ID] {
			w.Habit = world.Exempt
		}
		c.pupils = append(c.pupils, w)
	}
	random := mathrand.New(mathrand.NewPCG(seed, 0xbe11))
	lost := c.pick(random, func(p world.Pupil) bool { return p.Habit == world.Ordinary && !stopped[p.ID] })
	if lost != nil {
		if err := d.loseBadge(ctx, lost); err != nil {
			return c, err
		}
	}
	var habits []world.Habit
	for range max(1, len(c.pupils)/habitsFor) {
		habits = append(habits, demoHabits...)
	}
	c.pupils = world.Cast(seed, c.pupils, habits...)
	if p := c.pick(random, func(p world.Pupil) bool { return p.Habit == world.Ordinary && p.OwnDoor != 0 && !stopped[p.ID] }); p != nil {
		c.jam = append(c.jam, p.OwnDoor)
	}
	return c, nil
}

// loseBadge lets a pupil come with a replacement badge; somebody will try the
// old one.
func (d *demo) loseBadge(ctx context.Context, p *world.Pupil) error {
	fresh, err := d.server.Badges.Replace(ctx, demoUser, p.ID, badges.Lost)
	if err != nil {
		return err
	}
	d.cards[p.ID] = fresh.Token
	p.Habit, p.OldBadge, p.Badge = world.LostBadge, p.Badge, fresh.Token.Badge()
	return nil
}

func (c *cast) pick(random *mathrand.Rand, suits func(world.Pupil) bool) *world.Pupil {
	for _, i := range random.Perm(len(c.pupils)) {
		if suits(c.pupils[i]) {
			return &c.pupils[i]
		}
	}
	return nil
}

// wired is how the pretend cabinet of a bank is wired. It is written down here
// a second time on purpose, make and order of its boards included: were the
// bank's own file wrong, the comparison would show it.
type wired struct {
	lines []world.Bus
	each  int // doors on each line
}

var wiring = map[string]map[string]wired{
	"mill-lane": {
		"a": {lines: []world.Bus{{Name: "left", Boards: 2}, {Name: "right", Boards: 2, Personality: world.Personality{OneIsOpen: true, HighFirst: true}}}, each: 32},
	},
	"ash-cartwright-kelsey": {"a": officeCabinet},
	"northbourne":           {"a": officeCabinet},
	"elmfield": {
		"a": {lines: tenBoards(world.Personality{}, world.Personality{OneIsOpen: true, HighFirst: true}), each: 150},
		"b": {lines: tenBoards(world.Personality{OneIsOpen: true}, world.Personality{HighFirst: true}), each: 150},
		"c": {lines: tenBoards(world.Personality{OneIsOpen: true, HighFirst: true}, world.Personality{}), each: 150},
		"d": {lines: []world.Bus{{Name: "confiscation", Boards: 1}}, each: 12},
		"e": {lines: []world.Bus{{Name: "evidence", Boards: 1, Personality: world.Personality{OneIsOpen: true}}}, each: 4},
	},
}

// officeCabinet keeps what primary schools take from pupils.
var officeCabinet = wired{lines: []world.Bus{{Name: "office", Boards: 1}}, each: 16}

func tenBoards(left, right world.Personality) []world.Bus {
	return []world.Bus{{Name: "left", Boards: 10, Personality: left}, {Name: "right", Boards: 10, Personality: right}}
}

// doors numbers the locks in order from the first door on, so many a line.
func (w wired) doors(first int) []world.Wire {
	var wires []world.Wire
	for i, line := range w.lines {
		for _, wire := range world.Lay([]world.Bus{line}, w.each) {
			wire.Door += first - 1 + i*w.each
			wires = append(wires, wire)
		}
	}
	return wires
}

func bootID() string { return rand.Text() }
