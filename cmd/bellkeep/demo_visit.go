package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// When a pretend visitor signs the agreement and leaves a phone at the office, and when
// they ask for it back with their slip.
var (
	visitedAt = school.Clock{Hour: 10, Minute: 5}
	leavingAt = school.Clock{Hour: 13, Minute: 40}
)

// guest is somebody from outside, on the first day of the demonstration.
type guest struct {
	demo *demo
	item string
	slip string
}

// visitor is their day, where the school has published its agreement for visitors
// and has a place for what they leave.
func (d *demo) visitor(day school.Date) []world.Errand {
	if _, published := d.server.Agreements.Current(agreements.Visitors); !published || len(spotsOf(d.server)) == 0 {
		return nil
	}
	v, zone := &guest{demo: d}, d.school.Calendar.Zone
	return []world.Errand{{At: day.At(visitedAt, zone), Do: v.comes}, {At: day.At(leavingAt, zone), Do: v.goes}}
}

func (v *guest) comes(ctx context.Context) error {
	by := v.demo.by(demoUser)
	agreement, _ := v.demo.server.Agreements.Current(agreements.Visitors) // asked before
	visit, err := v.demo.server.Agreements.Receive(ctx, by.Actor, agreement.N, agreements.Guest{Name: "Vera Visitor", Organisation: "Boilers & Sons", Host: v.demo.actor(demoTeacher).Person})
	if err != nil {
		return err
	}
	deposit, token, err := v.demo.server.Visits.Take(ctx, by, visit.ID, desk.Intake{What: desk.Phone, Place: desk.At(spotsOf(v.demo.server)[0].ID), Condition: "Black, no marks."})
	if err != nil {
		return err
	}
	v.item, v.slip = deposit.Item, token.Badge()
	fmt.Fprintf(v.demo.out, "%s: A visitor left a phone at the office.\n", v.demo.clock.Now().Format(time.TimeOnly))
	return nil
}

func (v *guest) goes(ctx context.Context) error {
	return v.demo.server.Visits.Give(ctx, v.demo.by(demoUser), v.item, v.slip, false)
}
