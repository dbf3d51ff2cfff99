package alerts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// shelf is the registers of a house, with entries that one person must not know of.
type shelf struct {
	kinds   []registers.Kind
	entries []registers.Entry
	about   string // who must not know of them
}

func (r *shelf) Registers() []registers.Kind { return r.kinds }

func (r *shelf) Entries(k registers.Kind, viewer string) []registers.Entry {
	if viewer == r.about {
		return nil
	}
	return r.entries
}

func (r *shelf) Standing(k registers.Kind, viewer string) registers.Standing {
	return registers.Standing{Kind: k, Late: len(r.Entries(k, viewer))}
}

// Whoever owns registers that need something is told of them once a week, by title.
func TestOwnersAreToldOnceAWeek(t *testing.T) {
	h, teller := newHouse()
	h.kinds = []registers.Kind{{ID: "checks", Title: "Filter checks", Owner: roles.IT}, {ID: "plan", Title: "Action plan", Owner: roles.IT}, {ID: "nobodys", Title: "Kettles"}}
	if due := teller.Due(); len(due) > 0 {
		t.Errorf("nothing is late, and told is %+v", due)
	}
	h.entries = []registers.Entry{{ID: "e-1", Said: registers.Said{Values: map[string]string{"pupil": "Sana"}}}}
	due := teller.Due()
	if len(due) != 1 || due[0].Staff != "s-it" || due[0].About != "registers-2026-w48" || due[0].What != "Filter checks, Action plan." || due[0].Link != "https://bellkeep.example/registers" {
		t.Errorf("%+v", due)
	}
	h.now = monday.AddDate(0, 0, 6)
	if again := teller.Due(); len(again) != 1 || again[0].About != due[0].About {
		t.Errorf("on Sunday %+v", again)
	}
	h.now = monday.AddDate(0, 0, 7)
	if next := teller.Due(); next[0].About != "registers-2026-w49" {
		t.Errorf("a week later %+v", next)
	}
	for n := range 60 {
		h.kinds = append(h.kinds, registers.Kind{ID: fmt.Sprint(n), Title: fmt.Sprintf("A register with a long name, number %d", n), Owner: roles.IT})
	}
	if what := teller.Due()[0].What; len(what) > notify.MaxWhat || !strings.HasSuffix(what, " more.") {
		t.Errorf("%d bytes: %s", len(what), what)
	}
}

// The safeguarding lead is told of every breach at once, without a word of it, and not
// of one about themselves.
func TestToldOfEachEntry(t *testing.T) {
	h, teller := newHouse()
	h.kinds = []registers.Kind{{ID: "breaches", Title: "Filter breaches", Tell: []roles.Role{roles.DSL, roles.Head}}}
	h.entries = []registers.Entry{{ID: "e-1", Person: "s-t1", At: monday.Add(-time.Minute), Said: registers.Said{Values: map[string]string{"url": "bad.example"}}}}
	due := teller.Due()
	if got := h.whom(due); got != "s-dsl s-head" || due[0].About != "e-1" || strings.Contains(fmt.Sprint(due), "bad.example") || due[0].Link != "https://bellkeep.example/entries/e-1" {
		t.Errorf("told are %s: %+v", got, due)
	}
	h.about = "s-head"
	if got := h.whom(teller.Due()); got != "s-dsl" {
		t.Errorf("of an entry about the head told are %s", got)
	}
	h.about, h.entries[0].Person = "", "s-dsl"
	if got := h.whom(teller.Due()); got != "s-head" {
		t.Errorf("of one's own entry told are %s", got)
	}
	h.now = monday.Add(entryAge)
	if got := h.whom(teller.Due()); got != "" {
		t.Errorf("a week later told are %s", got)
	}
}
