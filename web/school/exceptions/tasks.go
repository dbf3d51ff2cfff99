package exceptions

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// Action leads from a pupil's page to asking for an exception.
func Action() board.Action {
	return board.Action{Path: "exception", Text: "Ask for an exception", Permission: roles.AskException, When: func(p board.Pupil) bool { return p.OnRoll }}
}

// Tasks are what the start page says waits about exceptions. It names nobody and
// no kind, for it may hang on a wall.
func (cfg Config) Tasks() []board.Task {
	waiting, due, passed := 0, 0, 0
	for _, e := range cfg.Book.All() {
		s := cfg.Book.State(e)
		if s == exception.Waiting || s.Open() && e.Renewal != nil {
			waiting++
			continue
		}
		switch cfg.Book.Due(e) {
		case exception.Passed:
			passed++
		case exception.Soon, exception.Close:
			due++
		}
	}
	var list []board.Task
	add := func(key, what, next string, n int) {
		if n > 0 {
			list = append(list, board.Task{Key: "exceptions-" + key, What: fmt.Sprintf(what, n), Next: next, Href: "/exceptions", Link: "Exceptions"})
		}
	}
	add("passed", "Exceptions past their review: %d. They go on until somebody decides.", "The headteacher or a safeguarding lead looks at each: extend it, or end it.", passed)
	add("due", "Exceptions due for review within four weeks: %d.", "Ask to extend those that are still needed.", due)
	add("waiting", "Exceptions waiting for a decision: %d.", "The headteacher approves or refuses.", waiting)
	return list
}
