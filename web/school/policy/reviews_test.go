package policy

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/reviews"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// drawer is a book of prompts in memory.
type drawer struct {
	open    []reviews.Prompt
	answers []reviews.Answer
}

func (d *drawer) Open() []reviews.Prompt    { return d.open }
func (d *drawer) Answers() []reviews.Answer { return d.answers }

func (d *drawer) Answer(_ context.Context, who school.Actor, s reviews.Said) error {
	if len(s.Text) < 5 {
		return errs.At("text", "Say why, or what will be revised", "")
	}
	d.open = slices.DeleteFunc(d.open, func(p reviews.Prompt) bool { return slices.Contains(s.Prompts, p.Seq) })
	d.answers = append(d.answers, reviews.Answer{At: monday, By: who.Account, Person: who.Person, Outcome: s.Outcome, Text: s.Text})
	return nil
}

func newDrawer() *drawer {
	return &drawer{open: []reviews.Prompt{{Seq: 7, At: monday, What: reviews.Machine, Of: "a"}, {Seq: 9, At: monday, What: reviews.Software, Of: "school", Now: "1.4"},
		{Seq: 11, At: monday, What: reviews.DeviceRules}}}
}

// The leadership answers what a technical change asks; others see that it waits.
func TestReviews(t *testing.T) {
	d := newDrawer()
	h := handler(t, Config{Versions: fixed{policy.Default()}, Reviews: d})
	v := kittest.Visit(t, h, "office")
	v.Says("/policy/reviews", "Another computer took the place of that of Bank A", "The school’s server runs another version, 1.4", "A member of the leadership team answers them", "-Answer</button>")
	if status, _, _ := v.Post("/policy/reviews", url.Values{"prompts": {"7"}, "outcome": {"stands"}, "text": {"The same kind."}}); status != http.StatusForbidden {
		t.Errorf("the office answers: %d", status)
	}
	v.SignIn("leadership")
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"no reason": {url.Values{"prompts": {"7"}, "outcome": {"stands"}}, "Say why"},
		"no number": {url.Values{"prompts": {"x"}, "outcome": {"stands"}, "text": {"The same kind."}}, "Choose which"},
	} {
		kittest.Has(t, name, v.Answer(http.StatusUnprocessableEntity, "/policy/reviews", c.form), c.want)
	}
	v.Sent("/policy/reviews", url.Values{"prompts": {"7", "9"}, "outcome": {"revised"}, "text": {"Section 7 is rewritten by Friday."}})
	v.Says("/policy/reviews", "Section 7 is rewritten by Friday.", "The policy is being revised", "The rules of school devices were changed", "-Another computer")
}

// The start page says how many wait, to whoever may answer.
func TestReviewTasks(t *testing.T) {
	d := newDrawer()
	cfg := Config{Reviews: d}
	if list := cfg.Tasks(); len(list) != 1 || list[0].What != "3 technical changes ask for a look at the school’s policy." || list[0].Permission != roles.ReviewPolicy {
		t.Errorf("%+v", list)
	}
	d.open = nil
	if list := cfg.Tasks(); len(list) != 0 {
		t.Errorf("when all are answered: %+v", list)
	}
}

func TestReviewsInBrowser(t *testing.T) {
	t.Parallel()
	base, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, Config{Versions: fixed{policy.Default()}, Reviews: newDrawer()}))
	for _, size := range []struct {
		name  string
		width int64
	}{{"320", 320}, {"1280", 1280}} {
		tab := axetest.Open(t).Apart(t, size.width, 700)
		tab.SignIn(base, "head", kittest.Password, "/policy/reviews")
		tab.Looks("policy-reviews-" + size.name)
		tab.Do(chromedp.Click("#answer"))
		tab.Wait(`document.querySelector(".govuk-error-summary")`)
		tab.Looks("policy-reviews-wrong-" + size.name)
	}
}
