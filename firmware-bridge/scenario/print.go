package scenario

import (
	"fmt"
	"io"
	"strings"
)

// Print writes a report: with all every step, without it only those that differ.
func (r Report) Print(out io.Writer, all bool) {
	verdict := "as expected"
	if r.Differs() {
		verdict = "DIFFERENT"
	}
	fmt.Fprintf(out, "%s at %s: %d steps, %s\n", r.Script.Name, r.School, len(r.Steps), verdict)
	for _, p := range r.Steps {
		if !all && len(p.Differences) == 0 {
			continue
		}
		fmt.Fprintf(out, "  %s  line %d  %s\n", p.At.Format("2006-01-02 15:04:05"), p.Line, p.words())
		if all && p.Did != "" {
			fmt.Fprintf(out, "      %s\n", p.Did)
		}
		for _, d := range p.Differences {
			fmt.Fprintf(out, "    - %s\n", d)
		}
	}
	for _, d := range r.Rest {
		fmt.Fprintf(out, "    - %s\n", d)
	}
}

// words tells what a step is: O1 release (of P; to mother).
func (s Step) words() string {
	words := strings.TrimSpace(s.Who + " " + s.Does)
	if with := (call{with: s.With}).String(); with != "" {
		words += " (" + with + ")"
	}
	return words
}
