package api

import (
	"errors"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// NewException is asked for somebody, or with the kind curriculum for a class in one
// lesson. Somebody else decides.
type NewException struct {
	Kind      string    `json:"kind" enum:"medical,disability,young-carer,safeguarding,travel,parent-contact,staff,curriculum"`
	Person    string    `json:"person,omitempty" doc:"whose it is to be"`
	Form      string    `json:"form,omitempty" doc:"or for which class"`
	Scope     string    `json:"scope" enum:"all-day,daily,once"`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"`
	Review    time.Time `json:"review" doc:"when somebody looks at it again, within a year; of a lesson its end"`
	Start     string    `json:"start,omitempty" doc:"with daily: a time of day such as 08:40"`
	End       string    `json:"end,omitempty" doc:"with daily: a time of day"`
	Allow     []string  `json:"allow,omitempty" doc:"what is freed on school devices: camera, bluetooth, share"`
	Group     string    `json:"group,omitempty" doc:"of school devices, with curriculum"`
	Why       string    `json:"why"`
	Evidence  string    `json:"evidence,omitempty" doc:"where proof is"`
	Departure string    `json:"departure,omitempty" doc:"with curriculum: why national guidance is departed from"`
}

// Longer asks for a later end and review.
type Longer struct {
	Until  time.Time `json:"until"`
	Review time.Time `json:"review"`
	Why    string    `json:"why"`
}

// Reason says why.
type Reason struct {
	Why string `json:"why" doc:"needed to refuse, and to end what would go on by itself"`
}

// decisionOperations are for people: asking and deciding take two of them, and a
// program is nobody.
func (a *api) decisionOperations() []operation {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	wanted := NewException{Kind: "medical", Person: "p-0012", Scope: "all-day", From: day, Until: day.AddDate(1, 0, 0), Review: day.AddDate(0, 6, 0), Why: "Glucose monitor", Evidence: "IHP on file"}
	longer := Longer{day.AddDate(1, 0, 0), day.AddDate(1, 0, 0), "Still needed."}
	list := []operation{
		change("/exceptions", roles.AskException, created, "Ask for an exception", wanted, a.ask),
		change("/exceptions/:id/approve", roles.ApproveException, ok, "Approve an exception, or its extension, that somebody else asked for", Nothing{}, decide(a, a.approve)),
		change("/exceptions/:id/countersign", roles.Countersign, ok, "Approve what a head asked for as a member of staff, where the rules say so", Nothing{}, decide(a, a.approve)),
		change("/exceptions/:id/refuse", roles.ApproveException, ok, "Refuse an exception, or its extension", Reason{"The rules give another way."}, decide(a, a.refuse)),
		change("/exceptions/:id/withdraw", roles.AskException, ok, "Take back one's own request", Nothing{}, decide(a, a.takeBack)),
		change("/exceptions/:id/extend", roles.AskException, ok, "Ask for a later end and review; somebody else decides", longer, decide(a, a.extend)),
		change("/exceptions/:id/end", roles.EndException, ok, "End an exception at once", Reason{"The monitor is no longer worn."}, decide(a, a.end)),
	}
	for i := range list {
		list[i] = list[i].by(kit.ForPeople)
	}
	return list
}

// approver is whoever asks, and whether they approve exceptions.
func (a *api) approver(c echo.Context) exceptions.By {
	return exceptions.By{Actor: a.Who(c).Actor, Head: a.May(c, roles.ApproveException, roles.Target{})}
}

func (a *api) ask(c echo.Context, in NewException) (ExceptionFile, error) {
	t := exception.Terms{Kind: exception.Kind(in.Kind), Person: in.Person, Form: in.Form, Scope: exception.Scope(in.Scope), Group: in.Group, From: in.From, Until: in.Until, Review: in.Review}
	var faults [2]error
	t.Start, faults[0] = clockOf("start", in.Start)
	t.End, faults[1] = clockOf("end", in.End)
	if err := errors.Join(faults[:]...); err != nil {
		return ExceptionFile{}, err
	}
	for _, s := range in.Allow {
		t.Allow = append(t.Allow, exception.Setting(s))
	}
	id, err := a.Exceptions.Ask(c.Request().Context(), a.approver(c), t, exception.Paper{Why: in.Why, Evidence: in.Evidence, Departure: in.Departure})
	if err != nil {
		return ExceptionFile{}, err
	}
	e, _ := a.Exceptions.Exception(id)
	return a.exceptionFileOf(c, e), nil
}

// clockOf reads a time of day that may be left out.
func clockOf(field, text string) (t school.Clock, err error) {
	if text != "" {
		if t, err = school.ParseClock(text); err != nil {
			err = errs.At(field, "That is no time of day.", "Write it as 08:40.")
		}
	}
	return t, err
}

// decide does something with the exception in the path, if it is the caller's to
// see, and gives it as it is then.
func decide[In any](a *api, do func(c echo.Context, id string, in In) error) func(echo.Context, In) (ExceptionFile, error) {
	return func(c echo.Context, in In) (ExceptionFile, error) {
		e, err := a.visible(c)
		if err == nil {
			err = do(c, e.ID, in)
		}
		if err == nil {
			e, err = a.visible(c)
		}
		if err != nil {
			return ExceptionFile{}, err
		}
		return a.exceptionFileOf(c, e), nil
	}
}

func (a *api) approve(c echo.Context, id string, _ Nothing) error {
	return a.Exceptions.Approve(c.Request().Context(), a.approver(c), id)
}

func (a *api) refuse(c echo.Context, id string, in Reason) error {
	return a.Exceptions.Refuse(c.Request().Context(), a.approver(c), id, in.Why)
}

func (a *api) takeBack(c echo.Context, id string, _ Nothing) error {
	return a.Exceptions.Withdraw(c.Request().Context(), a.approver(c), id)
}

func (a *api) extend(c echo.Context, id string, in Longer) error {
	return a.Exceptions.Extend(c.Request().Context(), a.approver(c), id, in.Until, in.Review, in.Why)
}

func (a *api) end(c echo.Context, id string, in Reason) error {
	return a.Exceptions.End(c.Request().Context(), a.approver(c), id, in.Why)
}
