package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// phoneYears are the years of a primary school whose pupils have phones.
var phoneYears = []string{"5", "6"}

// handHabits are what some pupils do differently where no bank is for pupils.
var handHabits = []world.Habit{world.AbsentToday, world.AbsentToday, world.AbsentToday, world.AbsentToday, world.Late, world.Late}

// castByHand casts the pupils of a school whose lockers are not for them. exempt may
// keep their phones.
func (d *demo) castByHand(seed uint64, exempt map[string]bool) []world.Pupil {
	if len(d.pupilBanks()) > 0 {
		return nil
	}
	var cast []world.Pupil
	for _, p := range d.server.People.People() {
		if p.Kind != register.Pupil {
			continue
		}
		w := world.Pupil{ID: p.ID}
		switch {
		case exempt[p.ID]:
			w.Habit = world.Exempt
		case !slices.Contains(phoneYears, p.Year):
			w.Habit = world.NoPhone
		}
		cast = append(cast, w)
	}
	return world.Cast(seed, cast, handHabits...)
}

// The office takes one device in after the other, and gives them back so.
const (
	handedInEvery  = 8 * time.Second
	givenBackEvery = 6 * time.Second
)

// withoutBank is the day of those pupils: the register, and at a school whose office
// takes devices in, that; at one whose class teachers do, their trays.
func (d *demo) withoutBank(day school.Date) [][]world.Errand {
	list := [][]world.Errand{d.register(d.byHand, day)}
	bells, open := d.school.Calendar.Day(day)
	switch at := d.server.Policy.Now().DepositPoint; {
	case at == policy.AtClass && len(d.byHand) > 0:
		return append(list, d.withTrays(day)...)
	case !open || at != policy.AtOffice:
		return list
	}
	n := 0
	for _, p := range d.byHand {
		if p.Habit != world.Ordinary && p.Habit != world.Late {
			continue
		}
		h := &handedIn{demo: d, pupil: p.ID, n: n}
		in := bells.Gate.Add(time.Duration(n) * handedInEvery)
		if p.Habit == world.Late {
			in = bells.Register.Add(10 * time.Minute)
		}
		list = append(list, []world.Errand{{At: in, Do: h.take}, {At: bells.Collect.Add(time.Duration(n) * givenBackEvery), Do: h.giveBack}})
		n++
	}
	return append(list, []world.Errand{
		{At: bells.Gate.Add(time.Duration(n) * handedInEvery), Do: d.says("The office has taken the phones in.")},
		{At: bells.Collect.Add(time.Duration(n) * givenBackEvery), Do: d.says("The office has given the phones back.")},
	})
}

func (d *demo) says(what string) func(context.Context) error {
	return func(context.Context) error {
		fmt.Fprintf(d.out, "%s: %s\n", d.clock.Now().Format("15:04:05"), what)
		return nil
	}
}

// handedIn is one pupil's phone at the office.
type handedIn struct {
	demo  *demo
	pupil string
	n     int
	item  string
}

// conditions are what the office notes, one phone after the other.
var conditions = []string{"No marks.", "Crack at the top left.", "In a blue case.", "No marks.", "Screen protector lifts at a corner."}

func (h *handedIn) take(ctx context.Context) error {
	spots := spotsOf(h.demo.server)
	item, err := h.demo.server.Custody.Take(ctx, h.demo.by(demoUser), desk.Intake{
		What: desk.Phone, Why: desk.GivenIn, Whose: h.pupil, Place: desk.At(spots[h.n%len(spots)].ID), Condition: conditions[h.n%len(conditions)],
	})
	h.item = item.ID
	return err
}

func (h *handedIn) giveBack(ctx context.Context) error {
	err := h.demo.server.Custody.GiveBack(ctx, h.demo.by(demoUser), h.item, desk.ToOwner)
	switch errs.CodeOf(err) {
	case errs.Denied, errs.Conflict: // a stop, or somebody at the pages was quicker
		return h.demo.says("The office did not give a phone back. " + err.Error())(ctx)
	}
	return err
}
