package policy

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// Tasks are what the start page says of rules that are not kept here yet, so that
// nobody takes a figure for what it is not.
func (cfg Config) Tasks(now time.Time) []board.Task {
	if v, ok := cfg.Versions.VersionAt(now); !ok || v.Rules.DepositPoint != policy.AtClass {
		return nil
	}
	return []board.Task{{Key: "policy-trays", What: "Class teachers take phones in, and their trays are not recorded here yet: such phones count as not handed in.",
		Next: "Ask the class teacher.", Href: "/policy", Link: "Rules"}}
}
