package help

import (
	"net/http"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// papers are what a school has published.
type papers map[agreements.Kind]string

func (p papers) Current(k agreements.Kind) (agreements.Version, bool) {
	text, ok := p[k]
	return agreements.Version{Kind: k, N: 1, Text: text}, ok
}

type nobody struct{}

func (nobody) Name(string) (name, form string, ok bool) { return "", "", false }

func handler(t *testing.T, texts papers, rules *policy.Rules) http.Handler {
	t.Helper()
	k := kittest.Kit(kittest.People(), nobody{}, time.Now, nil)
	f, err := Pages(k, Config{Texts: texts, Rules: func() policy.Rules { return *rules }, Phone: "01632 960203",
		Leads: func() []Lead {
			return []Lead{{Role: "Safeguarding lead", Names: []string{"Dora Safe"}}, {Role: "Chair"}}
		}})
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, f)
}

// Everybody reads whom to tell; names of staff, and what concerns staff alone, only
// whoever is signed in.
func TestHelp(t *testing.T) {
	rules := policy.Default()
	v := kittest.Visit(t, handler(t, papers{agreements.Help: "Ask for Mr Ash."}, &rules), "teacher")
	v.Says(Path, "Ask for Mr Ash.", "Dora Safe", "whistleblowing", "complaints procedure", "01632 960203", "Nobody now", `href="/help/posters"`, "Report Remove", "report.iwf.org.uk", "999")
	if _, _, next := v.Post("/sign-out", nil); next == "" {
		t.Fatal("still signed in")
	}
	v.Says(Path, "Ask for Mr Ash.", "complaints procedure", "01632 960203", "-Dora Safe", "-whistleblowing", "-/help/posters")
	v.Says(NoticePath, Notice[0], Notice[1], Notice[2])
	if status, _, _ := v.Get(PosterPath); status != http.StatusSeeOther {
		t.Errorf("posters for whoever comes by: %d", status)
	}
}

// The notice is the school's own where it has one.
func TestNotice(t *testing.T) {
	rules := policy.Default()
	texts := papers{}
	if got := (Config{Texts: texts}).Short(); got != Notice[0]+" "+Notice[1] {
		t.Errorf("without one of its own: %q", got)
	}
	texts[agreements.Monitoring] = "We look at every site.\nIt can be traced to you."
	if got := (Config{Texts: texts}).Short(); got != "We look at every site." {
		t.Errorf("in short: %q", got)
	}
	v := kittest.Visit(t, handler(t, texts, &rules), "office")
	v.Says(NoticePath, "It can be traced to you.", "/agreements/sign/monitoring", "-"+Notice[0])
}

// Help and posters go by the school's rules.
func TestHelpFollowsTheRules(t *testing.T) {
	rules := policy.Default()
	v := kittest.Visit(t, handler(t, papers{}, &rules), "head")
	policytest.Watch(t, policy.Default(), func(r policy.Rules) string {
		rules = r
		return v.Page(http.StatusOK, Path)
	}, "ceop_button", "filter_breach_action", "vulnerable_pupil_lead", "cyberbullying_policy")
	policytest.Watch(t, policy.Default(), func(r policy.Rules) string {
		rules = r
		return v.Page(http.StatusOK, PosterPath)
	}, "deposit_point", "ceop_button", "filter_breach_action")
}

// A poster says the school's own agreement, and where nobody uses a phone.
func TestPosters(t *testing.T) {
	rules := policy.Default()
	v := kittest.Visit(t, handler(t, papers{agreements.Pupils: "We are kind online."}, &rules), "teacher")
	v.Says(PosterPath, "We are kind online.", "No phones in the toilets", "No phones in the changing rooms", "What is monitored", "Childline")
}

func TestInBrowser(t *testing.T) {
	t.Parallel()
	rules := policy.Default()
	base, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, papers{agreements.Help: "Tell Mr Ash, in the room beside the library.\nOr put a note into the blue box."}, &rules))
	for _, size := range []struct {
		name  string
		width int64
	}{{"320", 320}, {"1280", 1280}} {
		tab := axetest.Open(t).Apart(t, size.width, 700)
		tab.Go(base + Path)
		tab.Looks("help-public-" + size.name)
		tab.SignIn(base, "teacher", kittest.Password, Path)
		tab.Looks("help-" + size.name)
		tab.Go(base + PosterPath)
		tab.Looks("posters-" + size.name)
		tab.Go(base + NoticePath)
		tab.Looks("notice-" + size.name)
	}
}
