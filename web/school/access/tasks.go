package access

import (
	"fmt"

	"github.com/bellkeep/bellkeep/web/school/board"
)

// Tasks are what the start page says waits about accounts. It names nobody, for it
// may hang on a wall.
func (cfg Config) Tasks() []board.Task {
	times, from := 0, ""
	besieged := cfg.Accounts.Besieged()
	for _, r := range besieged {
		times += r.Times
		if since := r.From.In(cfg.Zone).Format("15:04 on 2 January"); from == "" {
			from = since
		}
	}
	if len(besieged) == 0 {
		return nil
	}
	what := "The sign-in of an account that opens doors or gives roles was refused %d times since %s."
	if len(besieged) > 1 {
		what = fmt.Sprintf("The sign-ins of %d accounts that open doors or give roles were refused", len(besieged)) + " %d times since %s."
	}
	return []board.Task{{Key: "sign-in-refused", What: fmt.Sprintf(what, times, from),
		Next: "Ask the holder. If it was not them, the headteacher looks at the record, and they choose another password.",
		Href: "/audit?kind=accounts", Link: "Record"}}
}
