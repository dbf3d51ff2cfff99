package main

import (
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/school"
)

// When the pretend office brings the register in, and again for those who came
// late.
var (
	registerAt = school.Clock{Hour: 8, Minute: 52}
	lateAt     = school.Clock{Hour: 9, Minute: 40}
)

// oneInBag is how many pupils that stay away from a bank are at school all the
// same, with their phone: one of so many.
const oneInBag = 3

// register is what the office knows of the day of a bank's pupils beside the
// bank: who is here, so that whoever is missing is somebody to ask.
func (d *demo) register(pupils []world.Pupil, day school.Date) []world.Errand {
	if len(pupils) == 0 {
		return nil
	}
	zone := d.school.Calendar.Zone
	here, without, late := marks(pupils)
	mark := func(how attendance.How, list map[string]attendance.Mark) func(context.Context) error {
		return func(ctx context.Context) error {
			if len(list) == 0 {
				return nil
			}
			_, err := d.server.Attendance.Mark(ctx, demoUser, day, how, list)
			return err
		}
	}
	return []world.Errand{
		{At: day.At(registerAt, zone), Do: func(ctx context.Context) error {
			err := mark(attendance.ByFile, here)(ctx)
			if err == nil {
				fmt.Fprintf(d.out, "%s: The office brought the register of %d pupils in.\n", d.clock.Now().Format("15:04:05"), len(here))
			}
			return err
		}},
		{At: day.At(registerAt, zone), Do: mark(attendance.ByHand, without)},
		{At: day.At(lateAt, zone), Do: mark(attendance.ByFile, late)},
	}
}

// marks are what a register says of pupils by their habits: of those who will come
// late nothing, until they have come.
func marks(pupils []world.Pupil) (here, without, late map[string]attendance.Mark) {
	here, without, late = map[string]attendance.Mark{}, map[string]attendance.Mark{}, map[string]attendance.Mark{}
	away := 0
	for _, p := range pupils {
		here[p.ID] = attendance.Present
		switch p.Habit {
		case world.AbsentToday:
			if away++; away%oneInBag != 0 {
				here[p.ID] = attendance.Absent
			}
		case world.NoPhone:
			without[p.ID] = attendance.NoPhone
		case world.Late:
			delete(here, p.ID)
			late[p.ID] = attendance.Late
		}
	}
	return here, without, late
}
