package fleet

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
)

func actor(name string) school.Actor {
	return school.Actor{Account: name, Person: "s-" + name, Changed: monday.Add(-48 * time.Hour)}
}

func (r *rig) code(what string, err error, want errs.Code) {
	r.t.Helper()
	if errs.CodeOf(err) != want {
		r.t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// evidence is a device of teacher's, in quarantine over what a third person is said
// to have done.
func evidence(t *testing.T) *rig {
	r := newRig(t)
	ctx := t.Context()
	r.must(r.List(ctx, "it", device(1), device(2)))
	r.must(r.Issue(ctx, "it", Handover{Device: "ipad-1", To: "s-teacher"}))
	r.must(r.Quarantine(ctx, actor("it"), "ipad-1", "An allegation was made on Friday.", "s-deputy"))
	return r
}

// While a device is evidence nobody changes anything about it, and its rules know.
func TestQuarantineKeepsADeviceAsItIs(t *testing.T) {
	r := evidence(t)
	ctx := t.Context()
	for what, err := range map[string]error{
		"retire":        r.Retire(ctx, "ipad-1", "it"),
		"replace":       r.Replace(ctx, "ipad-1", "it", Handover{Device: "ipad-2"}),
		"other groups":  r.List(ctx, "it", mdm.Device{ID: "ipad-1", Platform: "ipad"}),
		"wipe and such": r.MayAlter("ipad-1"),
	} {
		r.code(what, err, errs.Denied)
		if err == nil || !strings.Contains(err.Error(), "quarantine since 23 November 2026") || errs.HintOf(err) == "" {
			t.Errorf("%s is refused with %v", what, err)
		}
	}
	r.must(r.TakeBack(ctx, "ipad-1", "it")) // whoever seizes it takes it out of their hands
	r.code("issue it on", r.Issue(ctx, "it", Handover{Device: "ipad-1", To: "s-other"}), errs.Denied)
	if d := r.Devices(); !d[0].Quarantined || d[1].Quarantined {
		t.Errorf("devices are %+v", d)
	}
	r.code("twice", r.Quarantine(ctx, actor("it"), "ipad-1", "once more", ""), errs.Conflict)
	r.code("by whom it is about", r.Quarantine(ctx, actor("deputy"), "ipad-2", "nothing", "s-deputy"), errs.Denied)
	r.code("without a reason", r.Quarantine(ctx, actor("it"), "ipad-2", " ", ""), errs.Invalid)
	r.must(r.Lose(ctx, "ipad-1", "it"))
	if !reflect.DeepEqual(r.Listings(), r.again().Listings()) {
		t.Errorf("a restart finds %+v", r.again().Listings())
	}
}

// Two people end a quarantine, of the posts the school's rules name, neither of whom
// has a part in it, and not before the police's advice is on record.
func TestWhoEndsAQuarantine(t *testing.T) {
	head, dsl := as(roles.Head), as(roles.DSL)
	type turn struct {
		who  string
		as   []roles.Assignment
		want errs.Code
	}
	for name, c := range map[string]struct {
		turns []turn
		ended bool
	}{
		"head and safeguarding lead":        {[]turn{{"head", head, ""}, {"dsl", dsl, ""}}, true},
		"the other way round":               {[]turn{{"dsl", dsl, ""}, {"head", head, ""}}, true},
		"one person twice":                  {[]turn{{"head", head, ""}, {"head", dsl, errs.Denied}}, false},
		"two heads":                         {[]turn{{"head", head, ""}, {"acting", head, errs.Denied}}, false},
		"IT":                                {[]turn{{"it", as(roles.IT), errs.Denied}}, false},
		"whoever had it":                    {[]turn{{"teacher", head, errs.Denied}}, false},
		"whom it is about":                  {[]turn{{"deputy", dsl, errs.Denied}}, false},
		"whoever had it, as the second one": {[]turn{{"head", head, ""}, {"teacher", dsl, errs.Denied}}, false},
		"a new password":                    {[]turn{{"fresh", head, errs.Denied}}, false},
	} {
		r := evidence(t)
		ctx := t.Context()
		_, err := r.EndQuarantine(ctx, actor("head"), head, "ipad-1")
		r.code(name+", before the police advised", err, errs.NotNow)
		r.must(r.Advise(ctx, actor("head"), "ipad-1", "DC Example: keep it off, return it on Monday."))
		r.must(r.TakeBack(ctx, "ipad-1", "it")) // its holder then still has a part in it
		for _, turn := range c.turns {
			who := actor(turn.who)
			if turn.who == "fresh" {
				who.Changed = r.now
			}
			_, err := r.EndQuarantine(ctx, who, turn.as, "ipad-1")
			r.code(name+": "+turn.who, err, turn.want)
		}
		if l, _ := r.Device("ipad-1"); (l.Quarantine == nil) != c.ended {
			t.Errorf("%s: %+v", name, l.Quarantine)
		}
	}
}

// The first approval waits an hour for the second.
func TestEndOfQuarantineLapses(t *testing.T) {
	r := evidence(t)
	ctx := t.Context()
	r.must(r.Advise(ctx, actor("head"), "ipad-1", "Return it."))
	_, err := r.EndQuarantine(ctx, actor("head"), as(roles.Head), "ipad-1")
	r.must(err)
	r.now = r.now.Add(endLasts)
	ended, err := r.EndQuarantine(ctx, actor("dsl"), as(roles.DSL), "ipad-1")
	r.must(err)
	if ended {
		t.Error("it ended by an approval an hour old")
	}
	ended, err = r.EndQuarantine(ctx, actor("head"), as(roles.Head), "ipad-1")
	r.must(err)
	if !ended || r.MayAlter("ipad-1") != nil {
		t.Error("two agreed within the hour, and it has not ended")
	}
	r.code("advice after the end", r.Advise(ctx, actor("head"), "ipad-1", "late"), errs.NotFound)
}

// Reasons, advice and whom it is about are in the vault, and nowhere else.
func TestLedgerHoldsNoAllegation(t *testing.T) {
	r := evidence(t)
	r.must(r.Advise(t.Context(), actor("head"), "ipad-1", "DC Example said so."))
	r.code("advice by whom it is about", r.Advise(t.Context(), actor("deputy"), "ipad-1", "all is well"), errs.Denied)
	r.must(r.log.Read(t.Context(), 0, func(rec ledger.Record) error {
		for _, word := range []string{"allegation", "Friday", "s-deputy", "Example"} {
			if strings.Contains(string(rec.Leaf), word) {
				t.Errorf("%s says %s: %s", rec.Kind, word, rec.Leaf)
			}
		}
		return nil
	}))
	l, _ := r.again().Device("ipad-1")
	if q := l.Quarantine; q.About != "s-deputy" || q.Why != "An allegation was made on Friday." || len(q.Advice) != 1 || !q.Concerns("s-teacher") || q.Concerns("") {
		t.Errorf("a restart finds %+v", q)
	}
}

// Who ends it is the school's rule.
func TestEndersFollowTheRules(t *testing.T) {
	posts := []roles.Role{roles.Head, roles.DSL, roles.DeputyDSL, roles.Chair}
	pairs := func(rules policy.Rules) string {
		var found []string
		for _, first := range posts {
			for _, second := range posts {
				r := evidence(t)
				r.rules = rules
				r.must(r.Advise(t.Context(), actor("it"), "ipad-1", "Return it."))
				_, _ = r.EndQuarantine(t.Context(), actor("one"), as(first), "ipad-1")
				if ended, _ := r.EndQuarantine(t.Context(), actor("two"), as(second), "ipad-1"); ended {
					found = append(found, string(first)+"+"+string(second))
				}
			}
		}
		return strings.Join(found, " ")
	}
	base := policy.Default()
	base.HoldEnd = policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverChair}
	policytest.Watch(t, base, pairs, "hold_end_approvers.first", "hold_end_approvers.second")
}

func as(r roles.Role) []roles.Assignment { return []roles.Assignment{{Role: r}} }
