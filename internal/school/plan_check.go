package school

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// maxWindows bounds a plan: more than a year of days with many waves.
const maxWindows = 10_000

// Validate checks a plan that came from outside. Errors: invalid.
func (p Plan) Validate() error {
	switch {
	case len(p.Windows) > maxWindows:
		return badPlan("it has %d windows, more than %d", len(p.Windows), maxWindows)
	case !p.Mode.known():
		return badPlan("there is no mode %.40q", p.Mode)
	}
	for i, w := range p.Windows {
		switch {
		case w.Use != Deposit && w.Use != Collection:
			return badPlan("window %d is for %.40q", i, w.Use)
		case w.Wave != "" && !ValidID(w.Wave):
			return badPlan("window %d is for wave %.40q", i, w.Wave)
		case !w.From.Before(w.Until):
			return badPlan("window %d ends before it begins", i)
		case i > 0 && w.From.Before(p.Windows[i-1].From):
			return badPlan("window %d begins before the one ahead of it", i)
		}
	}
	return nil
}

func (m Mode) known() bool {
	return m == Normal || m == Exam || m == Evacuation || m == Closed
}

func badPlan(format string, args ...any) error {
	return errs.New(errs.Invalid, "That is not a plan: "+fmt.Sprintf(format, args...)+".", "Publish the plan again from the school server.")
}
