package policy

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/reviews"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Tasks are what the start page says of prompts that wait for the leadership.
func (cfg Config) Tasks() []board.Task {
	if cfg.Reviews == nil {
		return nil
	}
	open := cfg.Reviews.Open()
	if len(open) == 0 {
		return nil
	}
	what := "A technical change asks for a look at the school’s policy."
	if len(open) > 1 {
		what = fmt.Sprintf("%d technical changes ask for a look at the school’s policy.", len(open))
	}
	return []board.Task{{Key: "policy-reviews", What: what, Next: "Say whether the policy stands, or is revised.", Href: "/policy/reviews", Link: "Prompts to review",
		Permission: roles.ReviewPolicy, Since: open[0].At}}
}

// answerLine is an answer in words.
type answerLine struct{ At, By, Outcome, Text string }

type reviewsData struct {
	*kit.Form
	Open    []kit.Option
	Answers []answerLine
	May     bool
}

// Outcomes are the choices.
func (reviewsData) Outcomes() []kit.Option {
	return []kit.Option{{Value: string(reviews.Stands), Text: "The policy stands"}, {Value: string(reviews.Revised), Text: "The policy is being revised"}}
}

func promptWords(p reviews.Prompt) string {
	switch p.What {
	case reviews.Bank:
		return kit.BankName(p.Of) + " came, or its doors were changed"
	case reviews.Machine:
		return "Another computer took the place of that of " + kit.BankName(p.Of)
	case reviews.DeviceRules:
		return "The rules of school devices were changed"
	}
	if p.Of == "school" {
		return "The school’s server runs another version, " + p.Now
	}
	return kit.BankName(p.Of) + " runs another version, " + p.Now
}

func (o *pages) reviewsData(c echo.Context, f *kit.Form) reviewsData {
	d := reviewsData{Form: f, May: o.May(c, roles.ReviewPolicy, roles.Target{})}
	if o.Reviews == nil {
		return d
	}
	zone := o.Now().Location()
	for _, p := range o.Reviews.Open() {
		d.Open = append(d.Open, kit.Option{Value: strconv.FormatUint(p.Seq, 10), Text: promptWords(p), Hint: p.At.In(zone).Format("2 January 2006, 15:04")})
	}
	for _, a := range o.Reviews.Answers() {
		line := answerLine{At: a.At.In(zone).Format("2 January 2006"), Text: a.Text, Outcome: "The policy stands"}
		if a.Outcome == reviews.Revised {
			line.Outcome = "The policy is being revised"
		}
		line.By, _, _ = o.People.Name(a.Person)
		if line.By == "" {
			line.By = a.By
		}
		d.Answers = append(d.Answers, line)
	}
	return d
}

func (o *pages) reviews(c echo.Context) error {
	start := url.Values{}
	d := o.reviewsData(c, o.NewForm(c, start))
	return o.Page(c, http.StatusOK, "policy-reviews", "Prompts to review", d)
}

func (o *pages) answer(c echo.Context) error {
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) {
		said := reviews.Said{Outcome: reviews.Outcome(f.Get("outcome")), Text: f.Get("text")}
		for _, text := range f.Values["prompts"] {
			seq, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				return "", errs.At("prompts", "Choose which changes you have looked at", "")
			}
			said.Prompts = append(said.Prompts, seq)
		}
		return "/policy/reviews", o.Reviews.Answer(c.Request().Context(), o.Who(c).Actor, said)
	})
	if err != nil {
		return o.Refuse(c, f, err, "policy-reviews", "Prompts to review", o.reviewsData(c, f))
	}
	return nil
}
