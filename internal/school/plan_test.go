package school

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestDepositTiming(t *testing.T) {
	plan := elmfield(t).PlanFor("a", 1, Date{2026, 11, 16}, 14)
	cases := []struct {
		at   string
		want Timing
	}{
		{"2026-11-23T08:14:59Z", Outside},
		{"2026-11-23T08:15:00Z", InWindow},
		{"2026-11-23T08:39:59Z", InWindow},
		{"2026-11-23T08:40:00Z", Late},
		{"2026-11-23T15:30:00Z", Late},
		{"2026-11-23T20:15:00Z", Outside},
		{"2026-11-22T09:00:00Z", Outside},
		{"1970-01-01T00:00:00Z", Outside},
	}
	for _, c := range cases {
		if got := plan.DepositTiming(moment(t, c.at)); got != c.want {
			t.Errorf("%s: %q, want %q", c.at, got, c.want)
		}
	}
}

func TestChanged(t *testing.T) {
	cal := elmfield(t)
	plan := func() Plan { return cal.PlanFor("a", 1, Date{2026, 11, 23}, 14) }
	cases := []struct {
		name   string
		change func(*Plan)
		want   bool
	}{
		{"nothing", func(*Plan) {}, false},
		{"the version", func(p *Plan) { p.Version = 9 }, false},
		{"the same moment elsewhere", func(p *Plan) { p.Windows[0].From = p.Windows[0].From.In(cal.Zone) }, false},
		{"the mode", func(p *Plan) { p.Mode = Exam }, true},
		{"a start", func(p *Plan) { p.Windows[0].From = p.Windows[0].From.Add(time.Minute) }, true},
		{"an end", func(p *Plan) { p.Windows[0].Until = p.Windows[0].Until.Add(time.Minute) }, true},
		{"a use", func(p *Plan) { p.Windows[0].Use = Collection }, true},
		{"a wave", func(p *Plan) { p.Windows[1].Wave = "" }, true},
		{"a window gone", func(p *Plan) { p.Windows = p.Windows[1:] }, true},
	}
	for _, c := range cases {
		p := plan()
		c.change(&p)
		if got := Changed(plan(), p); got != c.want {
			t.Errorf("%s: Changed = %v", c.name, got)
		}
	}
}

// A plan of today without waves has the fields it always had, so that a bank
// which refuses fields it does not know can read it.
func TestPlanAsJSON(t *testing.T) {
	from := moment(t, "2026-11-23T08:15:00Z")
	plan := Plan{Version: 7, Windows: []Window{{Use: Deposit, From: from, Until: from.Add(25 * time.Minute)}}}
	want := `{"version":7,"windows":[{"use":"deposit","from":"2026-11-23T08:15:00Z","until":"2026-11-23T08:40:00Z"}]}`
	if data, err := json.Marshal(plan); err != nil || string(data) != want {
		t.Errorf("%s, %v", data, err)
	}
	plan.Mode, plan.Windows[0].Wave = Exam, "year-11"
	data, err := json.Marshal(plan)
	if err != nil || !strings.Contains(string(data), `"mode":"exam"`) || !strings.Contains(string(data), `"wave":"year-11"`) {
		t.Errorf("%s, %v", data, err)
	}
	var back Plan
	if err := json.Unmarshal(data, &back); err != nil || Changed(plan, back) || back.Version != 7 {
		t.Errorf("%+v, %v", back, err)
	}
	if data, err := json.Marshal(elmfield(t).PlanFor("a", 1, Date{2026, 8, 1}, 3)); err != nil || string(data) != `{"version":1,"windows":[]}` {
		t.Errorf("holidays: %s, %v", data, err)
	}
}

func TestPlanValidate(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Plan)
		want   string // "" for a good plan
	}{
		{"as compiled", func(*Plan) {}, ""},
		{"exam", func(p *Plan) { p.Mode = Exam }, ""},
		{"mode", func(p *Plan) { p.Mode = "party" }, `mode "party"`},
		{"use", func(p *Plan) { p.Windows[2].Use = "lend" }, `window 2 is for "lend"`},
		{"wave", func(p *Plan) { p.Windows[1].Wave = "Year 11" }, `window 1 is for wave "Year 11"`},
		{"empty window", func(p *Plan) { p.Windows[3].Until = p.Windows[3].From }, "window 3 ends before"},
		{"order", func(p *Plan) { p.Windows[0], p.Windows[3] = p.Windows[3], p.Windows[0] }, "window 1 begins before"},
		{"too many", func(p *Plan) { p.Windows = make([]Window, maxWindows+1) }, "more than 10000"},
	}
	for _, c := range cases {
		p := elmfield(t).PlanFor("a", 1, Date{2026, 11, 23}, 14)
		c.change(&p)
		err := p.Validate()
		if c.want == "" && err != nil || c.want != "" && (errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
