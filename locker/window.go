package locker

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Window is a collection window that staff opened because nobody knew the time.
// It is measured by the monotonic clock of one boot and does not outlive it.
// The zero value is shut.
type Window struct {
	Boot  string
	Until time.Duration // since that boot
}

// Open reports whether the window is open.
func (w Window) Open(now school.Instant) bool {
	return w.Boot != "" && w.Boot == now.Boot && now.Mono < w.Until
}

// menuFor is Menu for one of them.
func menuFor(s *State, e StaffEntry, now school.Instant) Screen {
	menu := Menu(s, now)
	menu.Map = e.Technician && !s.Evacuation.On()
	if e.Technician && s.Approvers.Set.Empty() && s.Approvers.Offered != nil {
		menu.Learn = s.Approvers.Offered.Fingerprint()
	}
	return menu
}

// Menu is what a kiosk offers to a staff member who has given badge and PIN.
func Menu(s *State, now school.Instant) Screen {
	menu := Screen{Word: StaffMenu, Has: s.Classes(), Fire: WishEvacuate}
	switch {
	case s.Evacuation.On():
		menu.Has, menu.Fire = Classes{}, WishAllClear
	case !menu.Has.Pupil: // nobody collects here
	case s.Window.Open(now):
		menu.Offer = WishEnd
	case !now.Trusted:
		menu.Offer = WishWindow
	}
	return menu
}
