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
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
)

// classTray is one class's day with its tray. One pupil of the first class is in the
// choir when the phones are given back.
type classTray struct {
	demo  *demo
	form  string
	by    desk.By
	pupil []world.Pupil
	choir bool
	id    string
}

// withTrays is the day of a school whose class teachers take the phones in.
func (d *demo) withTrays(day school.Date) (list [][]world.Errand) {
	bells, open := d.school.Calendar.Day(day)
	if !open {
		return nil
	}
	var classes []*classTray
	for _, p := range d.byHand {
		person, _ := d.server.People.Person(p.ID)
		n := slices.IndexFunc(classes, func(t *classTray) bool { return t.form == person.Form })
		switch {
		case n >= 0:
			classes[n].pupil = append(classes[n].pupil, p)
		case slices.Contains(phoneYears, person.Year):
			classes = append(classes, &classTray{demo: d, form: person.Form, by: d.classTeacher(person.Form), pupil: []world.Pupil{p}, choir: len(classes) == 0})
		}
	}
	for _, t := range classes {
		list = append(list, t.day(bells))
	}
	return append(list, []world.Errand{
		{At: bells.Register.Add(6 * time.Minute), Do: d.says("The class trays are counted and put away.")},
		{At: bells.Collect.Add(16 * time.Minute), Do: d.says("The class trays are given back; what is left over is at the office.")},
	})
}

// day is what the class does with its tray from bell to bell.
func (t *classTray) day(bells school.Day) []world.Errand {
	list := []world.Errand{{At: bells.Gate, Do: t.take}}
	for n, p := range t.pupil {
		at := bells.Gate.Add(time.Duration(n+1) * handedInEvery)
		list = append(list, world.Errand{At: at, Do: func(ctx context.Context) error { return t.tick(ctx, p) }})
	}
	return append(list, world.Errand{At: bells.Register.Add(5 * time.Minute), Do: t.putAway},
		world.Errand{At: bells.Collect, Do: t.getOut}, world.Errand{At: bells.Collect.Add(15 * time.Minute), Do: t.close})
}

// classTeacher is whoever teaches a class.
func (d *demo) classTeacher(form string) desk.By {
	by := desk.By{Actor: school.Actor{Account: "teacher"}, Roles: []roles.Assignment{{Role: roles.Teacher, Forms: []string{form}}}}
	for _, p := range d.server.People.People() {
		if p.Kind == register.Staff && (by.Person == "" || p.Form == form) {
			by.Person = p.ID
		}
	}
	return by
}

// done lets go on what somebody at the pages has done already, or otherwise.
func (t *classTray) done(ctx context.Context, err error) error {
	if code := errs.CodeOf(err); code == errs.Conflict || code == errs.Denied || code == errs.NotNow || code == errs.NotFound || code == errs.Invalid {
		return t.demo.says(fmt.Sprintf("The tray of %s is not as its teacher thinks. %v", t.form, err))(ctx)
	}
	return err
}

func (t *classTray) take(ctx context.Context) error {
	got, err := t.demo.server.Trays.Take(ctx, t.by, t.form)
	t.id = got.ID
	return t.done(ctx, err)
}

func (t *classTray) tick(ctx context.Context, p world.Pupil) error {
	line := tray.Line{Things: []desk.What{desk.Phone}}
	switch p.Habit {
	case world.Exempt:
		return nil
	case world.AbsentToday:
		line = tray.Line{Mark: tray.Absent}
	case world.NoPhone:
		line = tray.Line{Mark: tray.NoPhone}
	}
	_, err := t.demo.server.Trays.Tick(ctx, t.by, t.id, []tray.Tick{{ID: "in-" + p.ID, Pupil: p.ID, Part: tray.In, Line: line, At: t.demo.clock.Now()}})
	return t.done(ctx, err)
}

func (t *classTray) putAway(ctx context.Context) error {
	now, err := t.demo.server.Trays.Tray(t.id)
	if err == nil {
		err = t.demo.server.Trays.Lock(ctx, t.by, t.id, tray.Counted{Spot: spotsOf(t.demo.server)[0].ID, Count: now.Count()}, 0)
	}
	return t.done(ctx, err)
}

// getOut gets the tray out and gives everything back but to who is in the choir.
func (t *classTray) getOut(ctx context.Context) error {
	if err := t.demo.server.Trays.Fetch(ctx, t.by, t.id); err != nil {
		return t.done(ctx, err)
	}
	now, err := t.demo.server.Trays.Tray(t.id)
	if err != nil {
		return t.done(ctx, err)
	}
	away := t.choir
	for _, p := range t.pupil {
		here := now.Here(p.ID)
		if len(here) == 0 || away {
			away = away && len(here) == 0
			continue
		}
		if _, err := t.demo.server.Trays.Tick(ctx, t.by, t.id, []tray.Tick{{ID: "back-" + p.ID, Pupil: p.ID, Part: tray.Back, Line: tray.Line{Things: here}, At: t.demo.clock.Now()}}); err != nil {
			return t.done(ctx, err)
		}
	}
	return nil
}

func (t *classTray) close(ctx context.Context) error {
	now, err := t.demo.server.Trays.Tray(t.id)
	if err == nil {
		err = t.demo.server.Trays.Close(ctx, t.by, t.id, spotsOf(t.demo.server)[0].ID, now.Count())
	}
	return t.done(ctx, err)
}
