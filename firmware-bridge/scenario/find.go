package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// found is what there is to see after a step. It is put together once and then
// compared, so that comparing changes nothing.
type found struct {
	err        error
	records    map[string]map[string]int
	screen     string // "" when no kiosk changed
	opened     []string
	open       []string
	counts     map[string]int
	problems   []string
	inForce    []string
	behind     []string
	missing    []string
	notices    map[string]string
	exceptions map[string]string
	papers     map[string]string
}

func (w *world) find(err error) found {
	f := found{err: err, records: map[string]map[string]int{}, opened: slices.Sorted(slices.Values(w.opened)), counts: map[string]int{}, notices: map[string]string{}, exceptions: map[string]string{}, papers: w.papers()}
	for name, kinds := range w.written {
		f.records[name] = maps.Clone(kinds)
	}
	if w.screen.Word != "" {
		f.screen = showing(w.screen)
	}
	newest := w.given.Current().Directory.Version
	for _, b := range w.banks {
		f.open = append(f.open, b.openDoors()...)
		if b.core.State().Ready && b.rules.Directory.Version == newest {
			f.inForce = append(f.inForce, b.id)
		}
		if b.sent < b.log.Size() {
			f.behind = append(f.behind, b.id)
		}
		w.addBoard(&f, b)
	}
	for _, p := range w.books.Custody.Problems(w.now) {
		f.problems = append(f.problems, strings.TrimSpace(string(p.Code)+" "+w.whose(p.Item)))
	}
	slices.Sort(f.problems)
	for _, n := range w.books.Notices.List() {
		for _, p := range w.people {
			if p.is == oneContact && p.id == n.Contact {
				f.notices[p.name] = string(n.State)
			}
		}
	}
	f.missing = w.missing()
	for _, e := range w.books.Exceptions.All() {
		f.exceptions[w.nameOf(e.Person)] = strings.TrimSpace(string(w.books.Exceptions.State(e)) + " " + string(w.books.Exceptions.Due(e)))
	}
	return f
}

// showing is a screen as scripts name it: its word, and the door where one is
// meant.
func showing(s locker.Screen) string {
	if s.Door == 0 {
		return string(s.Word)
	}
	return fmt.Sprintf("%s %d", s.Word, s.Door)
}

// addBoard adds what the school sees of a bank.
func (w *world) addBoard(f *found, b *bank) {
	board := b.board.Board(w.given.Current(), w.instant("school"), w.zone)
	f.counts["in"] += board.Counts.In
	f.counts["out"] += board.Counts.Out
	f.counts["not-yet"] += board.Counts.NotYet
	f.counts["exempt"] += board.Counts.Exempt
	for _, p := range board.Problems {
		f.problems = append(f.problems, problem(b.id, p))
	}
}

// problem is a line of the board as scripts name it.
func problem(bank string, p view.Problem) string {
	if p.Door == 0 {
		return string(p.Code) + " " + bank
	}
	return string(p.Code) + " " + door{bank, p.Door}.String()
}

// tell says in words what came of a step.
func (w *world) tell(f found) string {
	var parts []string
	if f.err != nil {
		parts = append(parts, fmt.Sprintf("refused (%s): %s", errs.CodeOf(f.err), f.err.Error()))
	}
	if f.screen != "" {
		parts = append(parts, "screen "+f.screen)
	}
	if n := len(f.opened); n > 5 {
		parts = append(parts, fmt.Sprintf("%d doors opened", n))
	} else if n > 0 {
		parts = append(parts, "opened "+strings.Join(f.opened, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(f.records)) {
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(f.records[name])) {
			kinds = append(kinds, fmt.Sprintf("%d %s", f.records[name][kind], kind))
		}
		if len(kinds) > 0 {
			parts = append(parts, "on "+name+": "+strings.Join(kinds, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// whose is the name of an item's owner.
func (w *world) whose(item string) string {
	if p := w.items[item]; p != nil {
		return p.name
	}
	return ""
}
