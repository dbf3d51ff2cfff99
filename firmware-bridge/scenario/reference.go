package scenario

import (
	"fmt"
	"strings"
)

// expectation is a word under expect, explained.
type expectation struct{ name, about string }

// expectations are all of them, in the order they are explained.
var expectations = []expectation{
	{"records", "all records since the last step with this word: ledger (school, a bank's id, or banks for all of them together), kind, number; {} for none. An answer or a result follows its kind: turned barred, outcome opened"},
	{"screen", "what the kiosk showed to whoever did it: a word, and a door where one is meant: put-in own P"},
	{"opened", "the doors that sprang open, all of them; [] for none"},
	{"open", "the doors that stand open now, all of them"},
	{"place", "where a pupil's device really is, which must be where the records have it: hands of M, own door, door d/1001, spot safe, gone to mother"},
	{"refused", "that the product says no: code (denied, invalid, not_now, conflict, not_found, unavailable), and says, part of its sentence. Without this word a refusal is a difference"},
	{"counts", "figures of the school's board: in, out, not-yet, exempt"},
	{"missing", "how many are here and have not handed in"},
	{"missing-are", "who they are, all of them"},
	{"problems", "the lines of the board that somebody should see to, all of them: left-open own Q, turned-away P"},
	{"notices", "what became of notices, by contact, all of them: prepared, queued, printed"},
	{"exceptions", "how the newest exception of somebody stands, and how urgent its review is: in-force, lapsed passed"},
	{"papers", "how exams stand, by their titles: missing 2, unclear (nobody is missing, and it is not marked clear), clear, over"},
	{"in-force", "the banks that have the newest rules, all of them"},
	{"behind", "the banks of whose records some have not reached the school, all of them"},
}

// Reference explains every word of a script, in Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString("### What somebody may do\n\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "- `%s`: %s", v.name, v.about)
		if v.who != "" {
			fmt.Fprintf(&b, " `who` is %s.", v.who)
		}
		b.WriteString("\n")
		for _, p := range v.params {
			fmt.Fprintf(&b, "  - `%s` (%s)%s: %s\n", p.name, p.takes(), map[bool]string{true: ", needed"}[p.needed], p.about)
		}
	}
	b.WriteString("\n### What may be expected\n\n")
	for _, e := range expectations {
		fmt.Fprintf(&b, "- `%s`: %s.\n", e.name, e.about)
	}
	return b.String()
}

func (p param) takes() string {
	if p.kind == aChoice {
		return string(p.kind) + " " + strings.Join(p.among, ", ")
	}
	return string(p.kind)
}
