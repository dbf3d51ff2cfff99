package office

import (
	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// markWords says a mark to a person.
func markWords(m attendance.Mark) string {
	switch m {
	case attendance.Present:
		return "Present"
	case attendance.Late:
		return "Late"
	case attendance.Absent:
		return "Absent"
	case attendance.Left:
		return "Left early"
	case attendance.NoPhone:
		return "No phone with them"
	case attendance.Phone:
		return "Has a phone after all"
	}
	return "Not marked"
}

// registerMarks are the choices of a register.
func registerMarks() []kit.Option {
	list := []kit.Option{{Value: "", Text: "Not marked"}}
	for _, m := range []attendance.Mark{attendance.Present, attendance.Late, attendance.Absent, attendance.Left} {
		list = append(list, kit.Option{Value: string(m), Text: markWords(m)})
	}
	return list
}

// phoneWords says how somebody stands with their phone, in a register.
func phoneWords(t today, person string) string {
	switch t.standing(person) {
	case view.In, view.StillIn, view.Unsure:
		return "Handed in"
	case view.Out:
		return "Collected"
	case view.AtDoor:
		return "At the door now"
	case view.Exempt:
		return "May keep it"
	}
	if t.atDesk[person] {
		return "At the desk"
	}
	if words := trayWords(t.trays[person]); words != "" {
		return words
	}
	return "Not handed in"
}

// trayWords says how somebody stands to their class's tray; "" when it says nothing
// of them.
func trayWords(s tray.Standing) string {
	switch {
	case s.Unsure:
		return "Tray of " + s.Form + ": two tablets say different things"
	case len(s.Here) > 0:
		return "In the tray of " + s.Form
	case s.In:
		return "Back from the tray of " + s.Form
	case s.Mark == tray.NoPhone:
		return "No phone, says the tray of " + s.Form
	case s.Mark == tray.Absent:
		return "Absent, says the tray of " + s.Form
	}
	return ""
}

// leaveReasons are the choices of an early leave.
var leaveReasons = []kit.Option{
	{Value: string(attendance.Appointment), Text: "Appointment"},
	{Value: string(attendance.Ill), Text: "Ill"},
	{Value: string(attendance.Family), Text: "Family"},
	{Value: string(attendance.Visit), Text: "Sport, trip or work experience"},
	{Value: string(attendance.OtherReason), Text: "Another reason"},
}

func reasonWords(r attendance.Reason) string { return textOf(leaveReasons, string(r)) }

// whats are the kinds of device.
var whats = []kit.Option{
	{Value: "phone", Text: "Phone"}, {Value: "watch", Text: "Watch"}, {Value: "earbuds", Text: "Earbuds"},
	{Value: "second-phone", Text: "Second phone"}, {Value: "tracker", Text: "Tracker"}, {Value: "other", Text: "Something else"},
}

func whatWords(what string) string { return textOf(whats, what) }

// whyWords says how a device came to the desk.
func whyWords(w Why) string {
	switch w {
	case GivenIn:
		return "Given in"
	case Found:
		return "Found"
	case LeftOver:
		return "Left over"
	}
	return "Confiscated"
}

// where says where a device is.
func (cfg Config) where(p Place) string {
	switch {
	case p.Gone == ToOwner:
		return "given back to its owner"
	case p.Gone == ToPolice:
		return "given to the police"
	case p.Gone != "":
		return "given to a parent or carer"
	case p.Door != 0:
		return kit.BankName(p.Bank) + ", door " + number(p.Door)
	case p.Hands != "":
		return "in the hands of " + cfg.called(p.Hands)
	}
	for _, s := range cfg.Spots {
		if s.ID == p.Spot {
			return s.Name
		}
	}
	return p.Spot
}

func textOf(options []kit.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Text
		}
	}
	return "Device"
}

// plural counts something in words.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}
