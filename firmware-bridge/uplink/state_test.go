package uplink

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// What to print when the bank dies: whose phone and which item lies where, and
// what opens for nobody. Doors that are free and shut need no line.
func TestBriefNamesItemsAndHolds(t *testing.T) {
	noon := school.Instant{Wall: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	s := locker.NewState(locker.Setup{Bank: "a", Doors: []int{1, 2}, Confiscation: []int{3}, Evidence: []int{4}})
	for i, e := range []locker.Event{
		{Kind: locker.Surveyed, At: noon},
		{Kind: locker.Intent, At: noon, Door: 1, Purpose: locker.Deposit, Body: locker.Body{Person: "p-1", Attempt: 1}},
		{Kind: locker.Outcome, At: noon, Door: 1, Body: locker.Body{Person: "p-1", Of: 1, Result: locker.Opened}},
		{Kind: locker.Deposited, At: noon, Door: 1, Body: locker.Body{Person: "p-1", Of: 1}},
		{Kind: locker.Intent, At: noon, Door: 3, Purpose: locker.PutItem, Body: locker.Body{Item: "i-1", Attempt: 1}},
		{Kind: locker.Outcome, At: noon, Door: 3, Body: locker.Body{Item: "i-1", Of: 4, Result: locker.Unverified}},
		{Kind: locker.HoldPlaced, At: noon, Door: 4, Body: locker.Body{By: "s-1"}},
	} {
		s.Apply(uint64(i), e)
	}
	r := openRig(t)
	var lines []string
	for _, d := range r.brief(s, locker.Rules{Directory: &locker.Directory{}}).Doors {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s%s unsure %v held %v", d.Door, d.Person, d.Item, d.Unsure, d.Held)))
	}
	if want := "1 p-1 unsure false held false, 3 i-1 unsure true held false, 4  unsure false held true"; strings.Join(lines, ", ") != want {
		t.Errorf("%q, want %q", strings.Join(lines, ", "), want)
	}
}

// What is the matter with the bank's computer goes up, boundedly.
func TestBriefTellsOfTheComputer(t *testing.T) {
	r := openRig(t)
	r.Health = func() []health.Problem {
		return slices.Repeat([]health.Problem{{Code: health.Hot}}, 2*health.MaxProblems)
	}
	b := r.brief(locker.NewState(locker.Setup{Bank: "a", Doors: []int{1}}), locker.Rules{Directory: &locker.Directory{}})
	if len(b.Problems) != health.MaxProblems || b.Problems[0].Code != health.Hot {
		t.Errorf("%+v", b.Problems)
	}
}
