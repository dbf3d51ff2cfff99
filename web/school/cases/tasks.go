package cases

import (
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// belongs says where a device goes that may be evidence.
func (cfg Config) belongs() string {
	if slices.ContainsFunc(cfg.Banks.Banks(), func(b banks.Status) bool { return len(b.Setup.Evidence) > 0 }) {
		return "It belongs behind an evidence door"
	}
	return "It is locked away in the safe"
}

// remindAfter is after how many school days the office is told that a device has
// not been collected, and again after the last notice. Nothing is ever disposed
// of by itself.
const remindAfter = 3

// Tasks are what the start page says waits about confiscated devices. It names
// nobody, for it may hang on a wall; what concerns safeguarding is for those alone
// who may see why a pupil is treated differently.
func (cfg Config) Tasks(now time.Time) []board.Task {
	var list []board.Task
	for _, p := range cfg.Custody.Problems(now) {
		t := board.Task{Key: string(p.Code) + "-" + p.Case, Href: "/cases/" + p.Case, Link: "The case", Permission: roles.SeeReasons, Grave: true, Since: p.Since}
		switch p.Code {
		case desk.TellDSL:
			t.What, t.Next = "A confiscated device may hold an indecent image. It is on hold.", "Nobody looks at it. "+cfg.belongs()+"; then decide with the safeguarding team."
		case desk.TurnedAway:
			t.What, t.Next = "Somebody with a restriction asked for a confiscated device. Nothing was handed over.", "Look at the case and take note."
		default:
			continue
		}
		list = append(list, t)
	}
	n := 0
	for _, file := range cfg.Custody.Cases() {
		if days, remind := cfg.uncollected(file, now); days > 0 && remind {
			n++
		}
	}
	if n > 0 {
		list = append(list, board.Task{Key: "uncollected", What: fmt.Sprintf("Confiscated devices that nobody collected within %d school days, without a notice since: %d.", remindAfter, n),
			Next: "Prepare a reminder to a parent from each case.", Href: "/cases#for-adult", Link: "Waiting for a parent", Permission: roles.SendNotice})
	}
	return list
}

// uncollected is for how many school days a device has waited for an adult, 0 for
// fewer than remindAfter, and whether no notice about it has gone out or been
// prepared in as many.
func (cfg Config) uncollected(file desk.Case, now time.Time) (days int, remind bool) {
	item, err := cfg.Custody.Item(file.Item)
	if err != nil || !file.Open() || file.Release != nil || file.Facts.Reason.Restricted() || cfg.Custody.Stands(item) {
		return 0, false
	}
	if days = cfg.SchoolDays(file.Opened, now); days < remindAfter {
		return 0, false
	}
	if cfg.Notices == nil {
		return days, true
	}
	for _, n := range cfg.Notices.Of(file.ID) {
		if cfg.SchoolDays(n.PreparedAt, now) < remindAfter {
			return days, false
		}
	}
	return days, true
}
