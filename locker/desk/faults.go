package desk

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// faults gathers what is wrong with what somebody filled in at now.
type faults struct {
	now  time.Time
	list []error
}

func (f *faults) when(wrong bool, field, message, hint string) {
	if wrong {
		f.list = append(f.list, errs.At(field, message, hint))
	}
}

// text wants a few words.
func (f *faults) text(field, value string) {
	f.when(value == "", field, "This is empty.", "Write a few words.")
	if len(value) > MaxText {
		f.list = append(f.list, tooLong(field))
	}
}

// past wants a moment of the last days.
func (f *faults) past(field string, at time.Time) {
	f.when(!f.recent(at), field, "This time is missing, or not within the last 7 days.", "Give date and time.")
}

func (f *faults) recent(at time.Time) bool {
	return !at.IsZero() && !at.After(f.now.Add(watchAhead)) && f.now.Sub(at) <= recordWithin
}

// consent wants to know who gave it, how and when, or a lawful basis without it.
func (f *faults) consent(c Consent, by, how string, at time.Time, authorised bool) {
	switch {
	case c == Statutory && authorised:
	case c == Statutory:
		f.when(true, "consent", "The school's rules do not authorise you to do this without consent.", "Get consent first, or ask the headteacher.")
	case c == PupilsConsent || c == ParentsConsent:
		f.text("consent_by", by)
		f.text("consent_how", how)
		f.past("consent_at", at)
	default:
		f.when(true, "consent", "It is not said who consented.", "Choose who consented.")
	}
}
