package exceptions

import (
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/exception"
)

func kindWords(k exception.Kind) string {
	switch k {
	case exception.Medical:
		return "Medical"
	case exception.Disability:
		return "Disability or special educational need"
	case exception.YoungCarer:
		return "Young carer"
	case exception.Safeguarding:
		return "Safeguarding"
	case exception.Travel:
		return "Travel to or from school"
	case exception.ParentContact:
		return "Contact with a parent or carer"
	case exception.Staff:
		return "Staff: own phone in lessons"
	case exception.Curriculum:
		return "Class use in one lesson"
	}
	return "Not kept any more"
}

func settingWords(s exception.Setting) string {
	switch s {
	case exception.Camera:
		return "Camera"
	case exception.Bluetooth:
		return "Bluetooth"
	case exception.Share:
		return "Sharing with devices nearby"
	}
	return string(s)
}

// stateWords names a state, and the colour of its tag.
func stateWords(s exception.State) (words, colour string) {
	switch s {
	case exception.Waiting:
		return "Waits for a decision", "yellow"
	case exception.Refused:
		return "Refused", "red"
	case exception.Withdrawn:
		return "Taken back", "grey"
	case exception.Ahead:
		return "Approved, not begun", "blue"
	case exception.InForce:
		return "In force", "green"
	case exception.Lapsed:
		return "Review overdue, still in force", "red"
	case exception.Over:
		return "Over", "grey"
	case exception.Ended:
		return "Ended", "grey"
	case exception.Barred:
		return "Not allowed by the school’s rules", "grey"
	}
	return string(s), "grey"
}

const dayForm = "Mon 2 Jan 2006"

// dates says from when until when, as people count days: the last one belongs
// to it.
func (p *pages) dates(t exception.Terms) string {
	from, until := t.From.In(p.Calendar.Zone), t.Until.In(p.Calendar.Zone)
	if t.Scope == exception.Once {
		return from.Format(dayForm+", 15:04") + " to " + until.Format("15:04")
	}
	return from.Format(dayForm) + " to " + p.lastDay(t.Until)
}

// lastDay is the day that ends at t.
func (p *pages) lastDay(t time.Time) string {
	return t.Add(-time.Nanosecond).In(p.Calendar.Zone).Format(dayForm)
}

func (p *pages) moment(t time.Time) string {
	return t.In(p.Calendar.Zone).Format("Mon 2 Jan, 15:04")
}

// scopeWords says what the exception lets somebody do.
func scopeWords(t exception.Terms) string {
	switch {
	case t.Kind == exception.Staff && t.Scope == exception.AllDay:
		return "Their own phone in lessons"
	case t.Scope == exception.AllDay:
		return "Keeps the phone all day, in every place"
	case t.Scope == exception.Daily:
		return "Has the phone every school day from " + t.Start.String() + " to " + t.End.String()
	}
	return "Has the phone for that time only"
}

// allowed names what is freed on school devices.
func allowed(t exception.Terms) string {
	var words []string
	for _, s := range t.Allow {
		words = append(words, strings.ToLower(settingWords(s)))
	}
	return strings.Join(words, ", ")
}
