package audit

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// Whose a routine hand-in was is told and found for as long as the rules say, and
// longer of whoever is under a hold; what staff did is told always.
func TestRoutineIsForgotten(t *testing.T) {
	a := newAcademy(t)
	for _, days := range []int{0, 1, 20, 90, 91, 400} {
		a.add(t, "a", "deposited", monday.AddDate(0, 0, -days), 7, object{"person": "p-1", "of": 3, "item": "none"})
	}
	a.add(t, "a", "intent", monday.AddDate(0, 0, -400), 8, object{"item": "i-1"})
	a.add(t, "school", "case-opened", monday.AddDate(0, 0, -400), 0, object{"by": "office", "person": "s-office", "case": "c-1", "whose": "p-1"})
	rules, held := policy.Default(), ""
	k := kittest.Kit(kittest.People(), pupils{}, func() time.Time { return monday }, nil)
	f, err := Pages(k, Config{Ledgers: a, People: pupils{}, Things: a, Reasons: a, Corrections: a.Book,
		Routine: func() int { return rules.Retention.RoutineDays }, Held: func(person string) bool { return person == held }})
	must(t, err)
	v := kittest.Visit(t, kittest.Serve(t, k, f), "dsl")
	about := func() int { return strings.Count(v.Page(http.StatusOK, "/audit?who=ada"), "/audit/") }
	if n := about(); n != 5 { // three hand-ins, the opening for a case, the case
		t.Errorf("%d records are about her", n)
	}
	if held = "p-1"; about() != 8 {
		t.Errorf("under a hold %d records are about her", about())
	}
	held = ""
	policytest.Watch(t, rules, func(r policy.Rules) string {
		rules = r
		return v.Page(http.StatusOK, "/audit?who=ada")
	}, "retention.routine_days")
}
