package alerts

import (
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
)

// A visitor's breach is told to the safeguarding lead, whomever the rules name
// besides; where there is no lead, to whoever stands in.
func TestBreachesAreTold(t *testing.T) {
	h, teller := newHouse()
	h.breaches = []visit.Challenge{{ID: "v-1", Visit: "x-v-1", Recorded: monday, Text: "Filmed Sana Iqbal."}}
	for _, c := range []struct {
		hears []policy.Hears
		dsl   policy.Holder
		want  string
	}{
		{[]policy.Hears{policy.HearsDSL}, policy.OwnPerson, "s-dsl"},
		{nil, policy.OwnPerson, "s-dsl"},
		{[]policy.Hears{policy.HearsParents}, policy.OwnPerson, "s-dsl"},
		{[]policy.Hears{policy.HearsOffice, policy.HearsHead}, policy.OwnPerson, "s-dsl s-office s-head"},
		{[]policy.Hears{policy.HearsLeadership}, policy.IsHead, "s-dsl s-head s-leader"},
	} {
		h.policy.Notify.Visitor, h.policy.Roles.DSL = c.hears, c.dsl
		due := teller.Due()
		if got := h.whom(due); got != c.want {
			t.Errorf("with %v and the lead %s told are %s, want %s", c.hears, c.dsl, got, c.want)
		}
		for _, a := range due {
			if strings.Contains(a.What, "Sana") || a.About != "v-1" || a.Template != breachTemplate {
				t.Errorf("it says %+v", a)
			}
		}
		if link := due[0].Link; link != "https://bellkeep.example/visitors/breaches" {
			t.Errorf("the lead is led to %s", link)
		}
	}
	h.policy = policy.Default()
	h.accounts = slices.DeleteFunc(h.accounts, func(a accounts.Account) bool { return a.ID == "dsl" })
	if got := h.whom(teller.Due()); got != "s-head" {
		t.Errorf("without a lead told are %s", got)
	}
	if h.breaches = nil; len(teller.Due()) > 0 {
		t.Error("of what the lead has seen somebody is told")
	}
}
