package sim

import (
	"slices"

	"github.com/bellkeep/bellkeep/locker"
)

// secondScans finds the scans that are second ones, and what they must be told.
func (s *sim) secondScans(scans []scan) map[string]locker.Screen {
	expected := map[string]locker.Screen{}
	for _, scan := range scans {
		p := scan.pupil
		if p == nil || !p.good(scan.line) || p.barred(s.instant()) || !s.bank.State().Ready || len(s.auditor.leaving) > 0 {
			continue
		}
		if t := s.auditor.visits[p.id]; t != nil && !t.failed && s.instant().Within(locker.SecondScan, t.began) {
			expected[p.id] = t.screen
		}
	}
	return expected
}

// checkSecondScans holds to ruleSecond, unless the first came to nothing in the
// same breath.
func (s *sim) checkSecondScans(h *handling, expected map[string]locker.Screen) {
	for _, scan := range h.scans {
		want, second := locker.Screen{}, false
		if scan.pupil != nil {
			want, second = expected[scan.pupil.id]
		}
		if !second || h.touched[scan.pupil.id] {
			continue
		}
		if got := h.shown[scan.kiosk.name]; h.began[scan.pupil.id] || got != want {
			s.violated(ruleSecond, scan.pupil, want.Door, "%s scans again, was told %v and is told %v.", scan.pupil.id, want, got)
		}
	}
}

// checkAnswers holds to ruleAnswered.
func (s *sim) checkAnswers(h *handling) {
	for _, scan := range h.scans {
		if _, ok := h.shown[scan.kiosk.name]; !ok {
			s.violated(ruleAnswered, scan.pupil, 0, "The kiosk %s shows nothing.", scan.kiosk.name)
		}
		if h.shown[scan.kiosk.name].Word == locker.Full {
			s.checkFull(scan.pupil)
		}
	}
}

// checkScreens holds to ruleOwnScreen.
func (s *sim) checkScreens(h *handling) {
	for _, k := range s.kiosks {
		screen, changed := h.shown[k.name]
		scanned := slices.ContainsFunc(h.scans, func(s scan) bool { return s.kiosk == k })
		idle := screen.Word == locker.Scan || screen.Word == locker.Starting || screen.Word == locker.LeaveNow // no door can be asked, or some can again
		staff := s.deed != nil && s.deed.kiosk == k
		if changed && !scanned && !idle && !staff && (k.user == nil || !h.touched[k.user.id]) {
			s.violated(ruleOwnScreen, k.user, screen.Door, "The kiosk %s changes to %v.", k.name, screen)
		}
	}
}

// checkFull holds to ruleFull.
func (s *sim) checkFull(p *pupil) {
	state := s.bank.State()
	for _, d := range s.doors {
		b := state.Doors[d.number]
		owned := s.setup.Allotment == locker.Fixed && d.number < s.doors[len(s.doors)-s.spares].number
		if d.number != p.own && owned || state.HoldingAt(d.number) != nil || state.VisitAt(d.number) != nil {
			continue
		}
		if s.auditor.justFailed(d.number) {
			continue
		}
		if b.Contact == locker.Closed && !b.Jammed && !s.office.doorBarred(d.number, s.instant()) {
			s.violated(ruleFull, p, d.number, "%s is told that no door is free; door %d is.", p.id, d.number)
		}
	}
}
