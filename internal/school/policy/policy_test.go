package policy

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"pgregory.net/rapid"
)

// paths are the keys that a value's fields have in files.
func paths(t reflect.Type, under string) []string {
	var list []string
	for f := range t.Fields() {
		name := under + strings.TrimSuffix(f.Tag.Get("yaml"), ",omitempty")
		if f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[Month]() {
			list = append(list, paths(f.Type, name+".")...)
			continue
		}
		list = append(list, name)
	}
	return list
}

// A rule without a key could be set by nobody, and flipping it would be tested
// nowhere.
func TestEveryRuleHasOneKey(t *testing.T) {
	var names []string
	for _, k := range Keys {
		names = append(names, k.Name)
		if k.Title == "" || !slices.Contains(Groups, k.Group) || len(k.Others(Default())) == 0 && k.Name != "" {
			t.Errorf("%s has no title, no group, or only one value", k.Name)
		}
	}
	want := paths(reflect.TypeFor[Rules](), "")
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("the keys are\n%q, the fields\n%q", names, want)
	}
}

// Setting a key changes that key alone, and words tell its values apart.
func TestFlips(t *testing.T) {
	for _, k := range Keys {
		seen := map[string]string{k.Words(Default()): "the default"}
		for _, v := range k.Others(Default()) {
			r := Default()
			if err := k.Set(&r, v); err != nil {
				t.Errorf("%s = %q: %v", k.Name, v, err)
				continue
			}
			if d := Diff(Default(), r); len(d) != 1 || d[0].Key.Name != k.Name || k.Value(r) != v {
				t.Errorf("%s = %q changes %v", k.Name, v, d)
			}
			if other, twice := seen[k.Words(r)]; twice {
				t.Errorf("%s: %q reads like %s: %s", k.Name, v, other, k.Words(r))
			}
			seen[k.Words(r)] = v
		}
	}
}

func TestRefusedValues(t *testing.T) {
	for _, c := range []struct{ key, value string }{
		{"deposit_point", "drawer"}, {"deposit_point", ""}, {"head_own_permission_countersigned", "yes"},
		{"leavers_percent", "0"}, {"leavers_percent", "51"}, {"leavers_percent", "5.0"}, {"leavers_percent", "05"}, {"review.next", "September 2018"}, {"review.next", "2018-13"},
		{"filter_breach_action", ""}, {"filter_breach_action", "two\nlines"}, {"filter_breach_action", strings.Repeat("x", 121)},
		{"search.statutory", "Mrs Smith"}, {"linked_policies", strings.Repeat("x", 121)}, {"notify.safeguarding", ""}, {"notify.safeguarding", "the milkman"},
		{"linked_policies", strings.Join(strings.Split("abcdefghijklmnopqrstuvwxyzABCDE", ""), "\n")},
	} {
		k, ok := Find(c.key)
		r := Default()
		err := k.Set(&r, c.value)
		if !ok || errs.CodeOf(err) != errs.Invalid || errs.All(err)[0].Field != c.key || len(Diff(r, Default())) > 0 {
			t.Errorf("%s = %.50q: %v", c.key, c.value, err)
		}
	}
}

// any draws rules with a few keys set to something else.
func anyRules(t *rapid.T, name string) Rules {
	r := Default()
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(Keys)-1), 0, 6).Draw(t, name) {
		if err := Keys[i].Set(&r, rapid.SampledFrom(Keys[i].Others(Default())).Draw(t, Keys[i].Name)); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// Rules survive the ledger, a copy shares nothing, and what differs can be put
// back key by key.
func TestRulesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyRules(t, "a"), anyRules(t, "b")
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Read(data)
		if err != nil || len(Diff(a, back)) > 0 {
			t.Fatalf("%s came back with %v, %v", data, Diff(a, back), err)
		}
		c := a.Copy()
		for _, change := range Diff(a, b) {
			if err := change.Key.Set(&c, change.Key.Value(b)); err != nil {
				t.Fatal(err)
			}
		}
		if len(Diff(c, b)) > 0 || len(Diff(a, back)) > 0 {
			t.Fatalf("not put back: %v; or a has changed", Diff(c, b))
		}
	})
}

func TestReadRefuses(t *testing.T) {
	for _, text := range []string{"", "[]", `{"deposit_point":"drawer"}`, `{"leavers_percent":"5"}`, `{"review":{"next":"soon"}}`} {
		if _, err := Read([]byte(text)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

func FuzzRead(f *testing.F) {
	data, err := json.Marshal(Default())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"notify":{"safeguarding":[]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(data)
		if err != nil {
			return
		}
		for _, k := range Keys {
			if err := k.Set(&r, k.Value(r)); err != nil {
				t.Errorf("%s was read, but %v", data, err)
			}
		}
	})
}

func TestLoosens(t *testing.T) {
	for _, c := range []struct {
		key, before, after string
		want               bool
	}{
		{"confiscated_release_to", "parent_or_carer", "pupil", true},
		{"confiscated_release_to", "pupil", "parent_or_carer", false},
		{"search.by", "head", "leadership", true},
		{"search.consent", "parent", "pupil_or_parent", true},
		{"search.statutory", "", "s-1", true},
		{"search.statutory", "s-1", "", false},
		{"search.statutory", "s-1", "s-2", true},
		{"hold_end_approvers.second", "dsl", "deputy_dsl|chair_of_governors", true},
		{"curriculum_activity", "none", "staff_consent+head_approval", true},
		{"head_own_permission_countersigned", "true", "false", true},
		{"head_own_permission_countersigned", "false", "true", false},
		{"leavers_percent", "5", "20", true},
		{"leavers_percent", "20", "5", false},
		{"notify.safeguarding", "dsl", "head", true}, // the lead hears no more
		{"notify.safeguarding", "dsl", "head\ndsl", false},
		{"notify.policy_breach", "office", "head", false},
		{"deposit_point", "bank", "office", false},
		{"social_media_school_devices", "never", "controlled", true},
		{"filter_change_consent", "leadership", "none", true},
	} {
		k, _ := Find(c.key)
		a, b := Default(), Default()
		if err := k.Set(&a, c.before); err != nil {
			t.Fatal(err)
		}
		if err := k.Set(&b, c.after); err != nil {
			t.Fatal(err)
		}
		if got := k.Loosens(a, b); got != c.want {
			t.Errorf("%s from %q to %q: %v", c.key, c.before, c.after, got)
		}
	}
}

func TestWarnings(t *testing.T) {
	today := school.Date{Year: 2026, Month: 11, Day: 23}
	for _, c := range []struct {
		key    string
		change func(*Rules)
	}{
		{"review.next", func(r *Rules) { r.Review.Next = Month{2018, 9} }},
		{"review.next", func(r *Rules) { r.Review.Next = Month{2026, 10} }},
		{"review.contradictory", func(r *Rules) { r.Review.Contradictory = true }},
		{"dp_law_text", func(r *Rules) { r.DPLaw = "DPA 1998" }},
		{"dp_law_text", func(r *Rules) { r.DPLaw = "GDPR" }},
		{"kcsie_year", func(r *Rules) { r.GuidanceYear = 2025 }},
		{"dsl_governor_meetings_per_year_min", func(r *Rules) { r.GovernorMeetings = 0 }},
		{"roles.dsl", func(r *Rules) { r.Roles.DSL = IsHead }},
		{"curriculum_activity", func(r *Rules) { r.Curriculum = StaffAndHead }},
		{"confiscated_release_to", func(r *Rules) { r.ReleaseTo = ToPupil }},
		{"search.statutory", func(r *Rules) { r.Search.Statutory, r.Jurisdiction = []string{"s-1"}, Wales }},
	} {
		r := Default()
		r.GovernorMeetings = 2
		if w := Warnings(r, today); len(w) > 0 {
			t.Fatalf("a good policy is warned of: %v", w)
		}
		c.change(&r)
		if w := Warnings(r, today); len(w) != 1 || w[0].Key != c.key || w[0].Text == "" || w[0].Next == "" {
			t.Errorf("%s: %+v", c.key, w)
		}
	}
	calm := Default()
	calm.GovernorMeetings, calm.Review.Next = 2, Month{2026, 11}
	if w := Warnings(calm, today); len(w) > 0 {
		t.Errorf("in the month of the review: %v", w)
	}
}

// A rule of two people is never satisfied by one.
func TestContradictions(t *testing.T) {
	for _, c := range []struct {
		dsl           Holder
		first, second Approver
		want          int
	}{
		{OwnPerson, ApproverHead, ApproverDSL, 0},
		{OwnPerson, ApproverDSL, ApproverDSL, 1},
		{IsHead, ApproverHead, ApproverDSL, 1},
		{IsHead, ApproverHead, ApproverDeputyOrChair, 0},
		{IsHead, ApproverDSL, ApproverChair, 0},
	} {
		r := Default()
		r.Roles.DSL, r.HoldEnd = c.dsl, HoldEnd{c.first, c.second}
		if got := Contradictions(r); len(got) != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
