package main

import (
	"fmt"
	"testing"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/attendance"
)

// The demonstration's register says of everybody what they do, and leaves a few to
// ask: here, with a phone, and not at the bank.
func TestDemonstrationsRegister(t *testing.T) {
	var pupils []world.Pupil
	for i, habit := range []world.Habit{world.Ordinary, world.AbsentToday, world.AbsentToday, world.AbsentToday, world.NoPhone, world.Late, world.Exempt} {
		pupils = append(pupils, world.Pupil{ID: fmt.Sprint("p-", i), Habit: habit})
	}
	here, without, late := marks(pupils)
	want := map[string]attendance.Mark{"p-0": attendance.Present, "p-1": attendance.Absent, "p-2": attendance.Absent, "p-3": attendance.Present,
		"p-4": attendance.Present, "p-6": attendance.Present}
	if fmt.Sprint(here) != fmt.Sprint(want) || fmt.Sprint(without) != "map[p-4:no-phone]" || fmt.Sprint(late) != "map[p-5:late]" {
		t.Errorf("here %v, without a phone %v, late %v", here, without, late)
	}
}
