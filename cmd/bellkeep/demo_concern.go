package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

// When a pretend teacher is told of a picture on a phone, the office puts that behind
// an evidence door, and the safeguarding lead takes it on.
var (
	tappedAt = school.Clock{Hour: 11, Minute: 26}
	keptAt   = school.Clock{Hour: 11, Minute: 33}
	inHandAt = school.Clock{Hour: 11, Minute: 35}
)

// concern is a device that may be evidence, on the first day of the demonstration, at
// a bank that has doors for it. It stays there: two people would have to end its hold.
func (d *demo) concern(b *demoBank, day school.Date) []world.Errand {
	pupil := d.another()
	if len(b.config.Setup.Evidence) == 0 || pupil == "" {
		return nil
	}
	c := &worry{demo: d, bank: b, pupil: pupil}
	zone := d.school.Calendar.Zone
	return []world.Errand{{At: day.At(tappedAt, zone), Do: c.tap}, {At: day.At(keptAt, zone), Do: c.keep}, {At: day.At(inHandAt, zone), Do: c.takeOn}}
}

// another is a pupil other than the one whose phone is confiscated; "" for none.
func (d *demo) another() string {
	taken, _, _ := d.family()
	for _, p := range d.banks[0].cast.pupils {
		if p.ID != taken {
			return p.ID
		}
	}
	return ""
}

// worry is one concern on its way.
type worry struct {
	demo  *demo
	bank  *demoBank
	pupil string
	file  concern.File
}

func (c *worry) tap(ctx context.Context) (err error) {
	c.file, err = c.demo.server.Concerns.Raise(ctx, c.demo.by(demoTeacher), concern.Raised{
		Category: concern.Imagery, About: []string{c.pupil}, Text: "Another pupil says that there is a picture of somebody in their year on it. Nobody has looked.",
		Device: concern.Device{In: concern.InHand, Whose: c.pupil, What: desk.SecondPhone, Zone: desk.Corridor},
		Seized: concern.Seizure{Power: concern.On, Lock: concern.Yes, Percent: 62},
	})
	if err == nil {
		fmt.Fprintf(c.demo.out, "%s: A teacher raised a concern; a device is held.\n", c.demo.clock.Now().Format("15:04:05"))
	}
	return err
}

func (c *worry) keep(ctx context.Context) error {
	o, err := c.demo.server.Custody.Put(ctx, c.demo.by(demoUser), c.file.Items[0], c.bank.id, locker.ClassEvidence)
	if err != nil {
		return err
	}
	return c.demo.orders(ctx, c.bank, o.Order, c.bank.world.PutIn)
}

func (c *worry) takeOn(ctx context.Context) error {
	by, book := c.demo.by("dsl"), c.demo.server.Concerns
	if err := book.Acknowledge(ctx, by, c.file.ID); err != nil {
		return err
	}
	if err := book.Set(ctx, by, c.file.ID, "police", concern.Done, time.Time{}, "46/123456/26, by telephone on 101", ""); err != nil {
		return err
	}
	return book.Write(ctx, by, c.file.ID, concern.Police, "They ask us to keep it for them; an officer will come.", "46/123456/26")
}
