package registers

import (
	"fmt"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// Tasks are what the leadership’s start page says waits in registers: titles, for it may
// hang on a wall. What is about a member of staff is not counted there.
func (cfg Config) Tasks() []board.Task {
	var titles []string
	for _, k := range cfg.Book.Registers() {
		if cfg.Book.Standing(k, "").Needs() {
			titles = append(titles, k.Title)
		}
	}
	if len(titles) == 0 {
		return nil
	}
	more := ""
	if n := len(titles) - mostTitles; n > 0 {
		titles, more = titles[:mostTitles], fmt.Sprintf(" and %d more", n)
	}
	return []board.Task{{Key: "registers", What: "Registers that need something: " + strings.Join(titles, ", ") + more + ".",
		Next: "Whoever keeps them looks at each. They hold up nothing else.", Href: "/registers", Link: "Registers", Permission: roles.SeeFigures}}
}

// mostTitles are named on the start page.
const mostTitles = 3
