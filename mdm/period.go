package mdm

import "time"

// Mode is the kind of a period, and so what a device is for during it.
type Mode string

// The modes every school has; a school may name others.
const (
	Lesson Mode = "lesson"
	Break  Mode = "break"
	Home   Mode = "home" // no period: evenings, weekends, holidays
)

// Period is one period of a day: From belongs to it, Until does not.
type Period struct {
	Kind        Mode
	Name        string // as on the timetable: P1
	From, Until time.Time
}
