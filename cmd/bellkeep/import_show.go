package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/register"
)

// fewLines is how many people of a kind are listed unless all are asked for.
const fewLines = 20

// printChanges shows a person at the terminal what differs, names included.
func printChanges(w io.Writer, c register.Changes, all bool) {
	section(w, all, "New", len(c.New), func(i int) string { return who(c.New[i].Details) + ", " + string(c.New[i].Kind) })
	section(w, all, "Changed", len(c.Changed), func(i int) string { return who(c.Changed[i].Person.Details) + differing(c.Changed[i]) })
	section(w, all, "Back on the roll", len(c.Returned), func(i int) string { return who(c.Returned[i].Person.Details) + differing(c.Returned[i]) })
	section(w, all, "Leaving", len(c.Left), func(i int) string { return who(c.Left[i].Details) + ", " + string(c.Left[i].Kind) })
	changed := slices.DeleteFunc(slices.Clone(c.Contacts), func(c register.ContactChange) bool { return len(c.Before) == 0 })
	fmt.Fprintf(w, "Contacts new: of %d pupils\n", len(c.Contacts)-len(changed))
	section(w, all, "Contacts changed", len(changed), func(i int) string {
		return fmt.Sprintf("%s: %d before, %d now", changed[i].MIS, len(changed[i].Before), len(changed[i].After))
	})
	fmt.Fprintf(w, "Unchanged: %d\n", c.Unchanged)
	if len(c.Notes) > 0 {
		fmt.Fprintln(w, "To be looked at:")
	}
	for _, n := range c.Notes {
		fmt.Fprintf(w, "  %s\n", n)
	}
}

func section(w io.Writer, all bool, title string, n int, line func(i int) string) {
	fmt.Fprintf(w, "%s: %d\n", title, n)
	shown := n
	if !all {
		shown = min(n, fewLines)
	}
	for i := range shown {
		fmt.Fprintf(w, "  %s\n", line(i))
	}
	if shown < n {
		fmt.Fprintf(w, "  and %d more; --all lists them\n", n-shown)
	}
}

func who(d register.Details) string {
	text := d.MIS + " " + d.Name()
	if d.Form != "" {
		text += ", " + d.Form
	}
	return text
}

func differing(c register.Change) string {
	var text strings.Builder
	for _, f := range c.Fields() {
		fmt.Fprintf(&text, "; %s: %q, now %q", f.Name, f.Before, f.After)
	}
	return text.String()
}

func printDoors(w io.Writer, done imported, banks bool) {
	if !banks {
		fmt.Fprintln(w, "Doors: none given out; name the school's folder with --school to do so.")
		return
	}
	given := 0
	for _, p := range done.placed {
		if p.Bank != "" {
			given++
		}
	}
	fmt.Fprintf(w, "Doors: %d given out, %d of leavers taken back\n", given, len(done.placed)-given)
	if n := len(done.without); n > 0 {
		fmt.Fprintf(w, "  %d pupils have none: the banks are full. Once the leavers' doors have been seen empty, import again with --doors-empty.\n", n)
	}
}

// count shows work whose end is not known yet; elsewhere than on a terminal it
// says nothing.
func (p *progress) count(what string, done uint64) {
	if p.terminal {
		fmt.Fprintf(p.w, "\r%s: %d records", what, done)
		p.shown = true
	}
}
