package board

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// asking is a page that asks before something is done.
type asking struct {
	line
	Held  []place
	Fault string // why it was not done; "" at first
	Next  string
	Field string // id of the field at fault
}

func (o *pages) asking(c echo.Context) (asking, error) {
	s := o.scene(0)
	l, ok := s.person(c.Param("id"))
	if !ok {
		return asking{}, errNobody
	}
	return asking{line: l, Held: s.heldAt(l.ID), Field: "on"}, nil
}

// ask shows the named form about a person.
func (o *pages) ask(c echo.Context, name, title string) error {
	a, err := o.asking(c)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, name, title, a)
}

func (o *pages) stopForm(c echo.Context) error { return o.ask(c, "stop", "Send to the office") }
func (o *pages) holdForm(c echo.Context) error { return o.ask(c, "hold", "Hold") }

func (o *pages) placeStop(c echo.Context) error {
	a, err := o.asking(c)
	if err != nil {
		return err
	}
	return o.place(c, a, "stop", "Send to the office", desk.Stop, locker.Subject{Person: a.ID})
}

// placeHold places a hold on what was chosen: the person, or a door that holds
// their device now.
func (o *pages) placeHold(c echo.Context) error {
	a, err := o.asking(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	on, ok := a.subject(form.Get("on"))
	if !ok {
		a.Fault = "Choose what the hold is on"
		return o.Page(c, http.StatusUnprocessableEntity, "hold", "Error: Hold", a)
	}
	return o.place(c, a, "hold", "Hold", desk.Hold, on)
}

// subject finds what a choice stands for.
func (a asking) subject(choice string) (locker.Subject, bool) {
	if choice == "person" {
		return locker.Subject{Person: a.ID}, true
	}
	for _, p := range a.Held {
		if choice == p.Choice() {
			return locker.Subject{Bank: p.Bank.ID, Door: p.Door.Number}, true
		}
	}
	return locker.Subject{}, false
}

// Choice names the place in a form.
func (p place) Choice() string { return "door-" + number(p.Door.Number) }

// Words names the place to a person.
func (p place) Title() string { return "door " + number(p.Door.Number) + " of " + p.Bank.lower() }

func (o *pages) place(c echo.Context, a asking, page, title string, kind desk.Kind, on locker.Subject) error {
	bar, err := o.Desk.Place(c.Request().Context(), o.Who(c).Account, kind, on)
	if err != nil {
		return o.refused(c, page, title, &a, err)
	}
	o.changed()
	return c.Redirect(http.StatusSeeOther, "/bar/"+url.PathEscape(bar.ID))
}

// refused shows a form again with why it was not done. What is broken inside
// becomes a failure page.
func (o *pages) refused(c echo.Context, page, title string, a *asking, err error) error {
	p := ui.ProblemOf(err)
	if p.Code == errs.Internal {
		return err
	}
	a.Fault, a.Next = p.Detail, p.Hint
	return o.Page(c, p.Status, page, "Error: "+title, *a)
}

// readForm reads what was posted.
func readForm(c echo.Context) (url.Values, error) {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, errs.Wrap(err, errs.Invalid, "The form could not be read.", "Go back and try again.")
	}
	return r.PostForm, nil
}
