package trays

import (
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// Tasks are what the start page says waits about trays. They name nobody.
func (cfg Config) Tasks(now time.Time) []board.Task {
	if cfg.Trays == nil {
		return nil
	}
	unsettled, late, left := 0, 0, 0
	var since time.Time
	for _, t := range cfg.Trays.Trays() {
		over := t.Day.Before(school.DateOf(now))
		if end, day := cfg.ends(now); !over && day {
			over = now.After(end.Add(graceAfterEnd))
		}
		switch {
		case t.Closed():
			if left += len(t.Left); len(t.Left) > 0 && t.Place.Since.After(since) {
				since = t.Place.Since
			}
		case over:
			late++
		case len(t.Conflicts()) > 0 || t.Recount():
			unsettled++
		}
	}
	var list []board.Task
	add := func(n int, key, one, many, next, href, link string, p roles.Permission) {
		if n == 1 {
			many = one
		}
		if n > 0 {
			list = append(list, board.Task{Key: key, What: fmt.Sprintf(many, n), Next: next, Href: href, Link: link, Permission: p})
		}
	}
	add(left, "trays-left", "%d device was left over in a class tray today, and is at the office.", "%d devices were left over in class trays today, and are at the office.",
		"See whose they are.", "/desk", "At the desk", roles.DepositAtDesk)
	add(late, "trays-late", "%d class tray is not closed, and the school day is over.", "%d class trays are not closed, and the school day is over.",
		"Ask who has it.", Path, "Class trays", roles.KeepTray)
	add(unsettled, "trays-unsettled", "In %d class tray two tablets differ, or ticks came after the count.", "In %d class trays two tablets differ, or ticks came after the count.",
		"Ask the class teacher to settle it.", Path, "Class trays", roles.KeepTray)
	for i := range list {
		if list[i].Key == "trays-left" {
			list[i].Since = since
		}
	}
	return list
}

// graceAfterEnd is how long after the end of the school day trays are given back.
const graceAfterEnd = 30 * time.Minute

// ends is when the school day of a moment is over.
func (cfg Config) ends(now time.Time) (end time.Time, school bool) {
	if cfg.Ends == nil {
		return time.Time{}, false
	}
	return cfg.Ends(now)
}
