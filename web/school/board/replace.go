package board

import (
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// badgeAsking asks before a badge is replaced.
type badgeAsking struct {
	asking
	Why    badges.Why
	Serial int  // of the badge that works now
	Spare  bool // a spare can be given instead
}

// badgeMade says that it was.
type badgeMade struct {
	line
	Serial int
	File   template.URL // the new badge as a PDF, "" when it was handed over before
}

func (o *pages) badgeAsking(c echo.Context) (badgeAsking, error) {
	a, err := o.asking(c)
	if err != nil {
		return badgeAsking{}, err
	}
	a.Field = "why"
	if n := o.liveBadge(a.ID); n != 0 {
		return badgeAsking{asking: a, Serial: n, Spare: o.offers(sparePath)}, nil
	}
	return badgeAsking{}, errs.New(errs.Conflict, "They have no badge to replace.", "Print one on the page of badges.")
}

// liveBadge is the serial of the badge of theirs that works, 0 for none.
func (o *pages) liveBadge(person string) int {
	for _, b := range o.Badges.Of(person) {
		if b.State == badges.Live {
			return b.Serial
		}
	}
	return 0
}

func (o *pages) replaceForm(c echo.Context) error {
	a, err := o.badgeAsking(c)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "badge", "Replace badge", a)
}

// replacements are the reasons for a new badge.
var replacements = []badges.Why{badges.Lost, badges.Damaged, badges.Other}

// replaceBadge ends the badge that the form names, and no other: sent twice, or
// from a page left open, it finds that one ended and makes nothing. The file is in
// the answer itself, so that it lies nowhere on the server.
func (o *pages) replaceBadge(c echo.Context) error {
	a, err := o.badgeAsking(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get("serial") != number(a.Serial) {
		return o.Page(c, http.StatusConflict, "badge-made", "Badge made", badgeMade{line: a.line, Serial: a.Serial})
	}
	if a.Why = badges.Why(form.Get("why")); !slices.Contains(replacements, a.Why) {
		a.Fault = "Choose why the badge is replaced"
		return o.Page(c, http.StatusUnprocessableEntity, "badge", "Error: Replace badge", a)
	}
	pdf, err := o.BadgeDesk.Replace(c.Request().Context(), o.Who(c).Account, a.ID, a.Why)
	if err != nil {
		p := ui.ProblemOf(err)
		if p.Code == errs.Internal {
			return err
		}
		a.Fault, a.Next = p.Detail, p.Hint
		return o.Page(c, p.Status, "badge", "Error: Replace badge", a)
	}
	o.changed()
	c.Response().Header().Set("Cache-Control", "no-store, private")
	file := template.URL("data:application/pdf;base64," + base64.StdEncoding.EncodeToString(pdf)) // printed by us
	return o.Page(c, http.StatusOK, "badge-made", "Badge made", badgeMade{a.line, o.liveBadge(a.ID), file})
}
