package teacher

import (
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/locker/view"
)

// pupil is one line. Where the reader may see more of the pupil, Href leads there.
type pupil struct {
	Name, Href string
	State      state
}

// state is how a pupil of a form stands, as a teacher needs it.
type state string

// The states in the order they are shown: who is to be asked comes first.
const (
	missing   state = "Not handed in"
	out       state = "Collected"
	noPhone   state = "No phone today"
	exemptNow state = "May keep it"
	in        state = "Handed in"
	away      state = "Away"
)

func (s state) order() int {
	return slices.Index([]state{missing, out, exemptNow, noPhone, in, away}, s)
}

// Sign is the state's name in styles.
func (s state) Sign() string { return strings.ReplaceAll(strings.ToLower(string(s)), " ", "-") }

func stateOf(at view.Standing, exempt, without, notHere bool) state {
	switch {
	case at == view.In || at == view.StillIn || at == view.AtDoor || at == view.Unsure:
		return in
	case exempt || at == view.Exempt:
		return exemptNow
	case at == view.Out:
		return out
	case notHere:
		return away
	case without:
		return noPhone
	}
	return missing
}

// withTray is a state with what the class's tray says: a thing in it counts, whoever
// may keep theirs; that there is none counts where nothing else is known.
func withTray(s state, t tray.Standing) state {
	switch {
	case len(t.Here) > 0:
		return in
	case s != missing:
		return s
	case t.In:
		return out
	case t.Mark == tray.NoPhone:
		return noPhone
	case t.Mark == tray.Absent:
		return away
	}
	return s
}
