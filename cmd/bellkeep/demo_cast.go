package main

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"path/filepath"
	"slices"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// cast is who does what on the day: ordinary pupils, and one each of those who
// make a morning interesting.
type cast struct {
	pupils   []world.Pupil
	jam      []int                   // doors whose latch is jammed
	replaced map[string]school.Token // new badges of those who lost theirs
}

// demoHabits are what the pupils of a demonstration do differently.
var demoHabits = []world.Habit{
	world.AbsentToday, world.AbsentToday, world.Late, world.Late, world.DoubleScan, world.Forgetful,
	world.LeavesOpen, world.ShutsEarly, world.DamagedCode, world.Scribbler, world.NoPhone,
}

// castDay casts the school's pupils for a day, from the seed.
func castDay(s roster.School, seed uint64) cast {
	c := cast{replaced: map[string]school.Token{}}
	random := mathrand.New(mathrand.NewPCG(seed, 0xbe11))
	badges := map[string]school.Token{}
	for _, b := range s.Badges {
		if !b.Revoked {
			badges[b.Person] = b.Token
		}
	}
	for _, p := range s.Pupils {
		c.pupils = append(c.pupils, world.Pupil{ID: p.ID, Badge: badges[p.ID].Badge(), Phones: []string{"phone-" + p.ID}, OwnDoor: p.Door, Habit: knownHabit(s, p.ID)})
	}
	c.loseBadge(random, seed)
	c.pupils = world.Cast(seed, c.pupils, demoHabits...)
	if p := c.pick(random, func(p world.Pupil) bool { return p.Habit == world.Ordinary && p.OwnDoor != 0 && !barred(s, p.ID) }); p != nil {
		c.jam = append(c.jam, p.OwnDoor)
	}
	return c
}

// knownHabit is what the school's own rules make of a pupil.
func knownHabit(s roster.School, id string) world.Habit {
	if slices.ContainsFunc(s.Grants, func(g locker.Grant) bool { return g.Person == id && g.Kind == locker.MayKeep }) {
		return world.Exempt
	}
	return world.Ordinary
}

func barred(s roster.School, id string) bool {
	return slices.ContainsFunc(s.Bars, func(b locker.Bar) bool { return b.Subject.Person == id })
}

// loseBadge lets one pupil come with a replacement badge.
func (c *cast) loseBadge(random *mathrand.Rand, seed uint64) {
	p := c.pick(random, func(p world.Pupil) bool { return p.Habit == world.Ordinary })
	if p == nil {
		return
	}
	var key [32]byte
	copy(key[:], fmt.Sprintf("replacement badge %d", seed))
	token, err := school.NewToken(mathrand.NewChaCha8(key))
	if err != nil {
		return // a generator in memory cannot fail
	}
	c.replaced[p.ID] = token
	p.Habit, p.OldBadge, p.Badge = world.LostBadge, p.Badge, token.Badge()
}

func (c *cast) pick(random *mathrand.Rand, suits func(world.Pupil) bool) *world.Pupil {
	for _, i := range random.Perm(len(c.pupils)) {
		if suits(c.pupils[i]) {
			return &c.pupils[i]
		}
	}
	return nil
}

// replaceBadges revokes the lost badges and lists their replacements.
func (c cast) replaceBadges(s roster.School) roster.School {
	s.Badges = slices.Clone(s.Badges)
	for i, b := range s.Badges {
		if _, lost := c.replaced[b.Person]; lost {
			s.Badges[i].Revoked = true
		}
	}
	for person, token := range c.replaced {
		s.Badges = append(s.Badges, roster.Badge{Person: person, Token: token})
	}
	return s
}

// openWorld builds the pretend school. Its wiring and the make of its boards
// are written down here a second time on purpose: were the bank's file wrong,
// the comparison would show it.
func openWorld(ctx context.Context, d *demo, devices string) (*world.World, error) {
	buses := []world.Bus{
		{Name: "left", Boards: 2},
		{Name: "right", Boards: 2, Personality: world.Personality{OneIsOpen: true, HighFirst: true}},
	}
	w, err := world.Open(ctx, world.Config{
		Dir: devices, Truth: filepath.Join(d.data, "truth.jsonl"),
		Buses: buses, Wiring: world.Lay(buses, 64), Kiosks: []string{"front"},
		Pupils: d.cast.pupils, Seed: d.seed, Now: d.clock.Now, Sleep: d.clock.Sleep,
	})
	if err != nil {
		return nil, err
	}
	front := d.station.Screens.Kiosk("front")
	eyes := world.LookFunc(func(ctx context.Context, after uint64) (world.View, error) {
		n, s, err := front.Next(ctx, after)
		return world.View{N: n, Word: world.Word(s.Word), Door: s.Door}, err
	})
	return w, w.Watch("front", eyes)
}

func bootID() string { return rand.Text() }
