package exceptions

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
)

// What kind an exception was, and why, is erased once that has been kept as long as
// the rules say after its end; that there was one stays. What still binds is kept: a
// medical one goes on after its time until somebody ends it.
func TestForget(t *testing.T) {
	d := newDesk(t)
	d.rules.Curriculum = policy.StaffAndHead
	class := d.granted(t, lesson(1), survey)
	care := d.granted(t, medical(), because1)
	refused := must(d.Ask(t.Context(), teacher, lesson(2), survey))(t)
	ok(t, d.Refuse(t.Context(), head, refused, "Not that week."))
	erased := func(id string) bool {
		t.Helper()
		e, _ := d.Exception(id)
		return e.Kind == "" && e.Why == ""
	}
	forget := func(at time.Time, want ...bool) {
		t.Helper()
		d.now = at
		for range 2 {
			ok(t, d.Forget(t.Context()))
		}
		if got := []bool{erased(class), erased(care), erased(refused)}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: erased are %v, want %v", at, got, want)
		}
		if again := d.again(t); !reflect.DeepEqual(again.byID, d.byID) {
			t.Errorf("%s: a restart finds others", at)
		}
	}
	forget(monday.AddDate(0, 0, 3), false, false, false)
	forget(lesson(1).Until.AddDate(1, 0, 0).Add(-time.Minute), false, false, true)
	forget(lesson(1).Until.AddDate(1, 0, 0), true, false, true)
	forget(monday.AddDate(20, 0, 0), true, false, true)
	ok(t, d.End(t.Context(), head, care, "Has another device."))
	d.Held = func(person string) bool { return person == "p-1" }
	forget(d.now.AddDate(1, 0, 0), true, false, true)
	d.Held = nil // two people have ended the hold
	forget(d.now, true, true, true)
	if e, _ := d.Exception(care); e.Person != "p-1" || e.Gone == nil || e.Gone.Why != "" || len(d.papers) != 0 {
		t.Errorf("what stays is %+v, and %d papers", e, len(d.papers))
	}
}

// How long exceptions are kept goes by the rules.
func TestKeepingFollowsTheRules(t *testing.T) {
	policytest.Watch(t, policy.Default(), func(r policy.Rules) string {
		d := newDesk(t)
		id := d.granted(t, exception.Terms{Kind: exception.Travel, Person: "p-1", Scope: exception.AllDay, From: monday, Until: monday.AddDate(0, 0, 5), Review: monday.AddDate(0, 0, 5)}, exception.Paper{Why: "The train."})
		d.rules = r
		var gone []int
		for years := range 30 {
			d.now = monday.AddDate(years, 0, 6)
			ok(t, d.Forget(t.Context()))
			if e, _ := d.Exception(id); e.Why == "" {
				gone = append(gone, years)
			}
		}
		return fmt.Sprint(gone)
	}, "retention.exception_years")
}
