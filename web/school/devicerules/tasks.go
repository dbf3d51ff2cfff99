package devicerules

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// Tasks are what the start page says waits about device rules. It names nobody.
func (cfg Config) Tasks() []board.Task {
	changes, moves, overtaken, untold := 0, 0, 0, 0
	waits := func(count *int, about string) {
		*count++
		if cfg.Told == nil || !cfg.Told(about) {
			untold++
		}
	}
	for _, r := range cfg.Requests.Requests() {
		if r.State == change.Waiting {
			waits(&changes, r.ID)
		}
	}
	for _, m := range cfg.Moves.Moves() {
		if m.State == change.Waiting {
			waits(&moves, m.ID)
			if cfg.Moves.MayMove(m) != nil {
				overtaken++
			}
		}
	}
	if changes+moves == 0 {
		return nil
	}
	what := fmt.Sprintf("Changes of device rules that wait for somebody to agree: %d.", changes)
	switch {
	case changes == 0:
		what = fmt.Sprintf("Moves of devices to where another filter holds that wait for somebody to agree: %d.", moves)
	case moves > 0:
		what = fmt.Sprintf("Waiting for somebody to agree: %d changes of device rules, %d moves of devices.", changes, moves)
	}
	next := "Those who look after devices and those who know pupils decide. Until then everything stays as it is."
	if untold > 0 {
		next = "Nobody was told by e-mail: tell somebody who may agree. " + next
	}
	if overtaken > 0 {
		next = fmt.Sprintf("Moves that were overtaken, which nobody can agree to any more: %d. IT asks for them again, or cancels them. ", overtaken) + next
	}
	return []board.Task{{Key: "device-changes", What: what, Next: next,
		Href: "/device-rules", Link: "Device rules", Permission: roles.SeeDeviceRules}}
}
