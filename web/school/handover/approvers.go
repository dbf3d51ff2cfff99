package handover

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/consent"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// approversData is the page of whose passkeys count where.
type approversData struct {
	Form  *kit.Form
	Print string // fingerprint of the school's own list
	Keys  []fact // whose they are
	Banks []bankLine
	Few   bool // fewer than two people have one
}

// bankLine is whose passkeys one bank knows.
type bankLine struct {
	ID, Name string
	Online   bool
	Evidence bool
	Print    string
	Known    []fact // who, and since when
	Offered  string // fingerprint of what waits for a technician at its kiosk
	Same     bool   // it knows the school's own list
	Alone    bool   // fewer than two people of the list are known to it: only its own computer can help
	Few      bool
	Join     string // of those known to it who are on the list no more
}

func (p *pages) approversData(f *kit.Form) approversData {
	set := p.Approvers()
	d := approversData{Form: f, Print: set.Fingerprint(), Few: len(set.People()) < 2}
	for _, person := range set.People() {
		d.Keys = append(d.Keys, fact{p.person(person), fmt.Sprint(keysOf(set, person))})
	}
	for _, b := range p.Banks.Banks() {
		d.Banks = append(d.Banks, p.bankLine(b, set))
	}
	return d
}

func keysOf(set passkey.Set, person string) (n int) {
	for _, k := range set.Keys {
		if k.Person == person {
			n++
		}
	}
	return n
}

func (p *pages) bankLine(b banks.Status, school passkey.Set) bankLine {
	known := b.Board.Approvers
	line := bankLine{ID: b.Setup.Bank, Name: kit.BankName(b.Setup.Bank), Online: b.Online, Evidence: len(b.Setup.Evidence) > 0, Print: known.Set.Fingerprint(),
		Same: known.Set.ID() == school.ID() && !known.Set.Empty(), Few: len(known.Set.People()) < 2}
	if known.Offered != nil {
		line.Offered = known.Offered.Fingerprint()
	}
	for _, person := range known.Set.People() {
		line.Known = append(line.Known, fact{p.person(person), p.since(known, person, slices.Contains(b.Board.Approving, person))})
	}
	can := slices.DeleteFunc(slices.Clone(b.Board.Approving), func(person string) bool { return !slices.Contains(school.People(), person) })
	line.Alone = !known.Set.Empty() && len(can) < 2
	return line
}

// since says when a bank learned the first key of somebody, and when it counts.
func (p *pages) since(known locker.Approvers, person string, counts bool) string {
	var first time.Time
	for _, k := range known.Set.Keys {
		if at := known.Since[k.Name()].At.Wall; k.Person == person && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if counts {
		return "since " + p.at(first)
	}
	return "since " + p.at(first) + ", counts from " + p.at(first.Add(locker.NewFor))
}

func (p *pages) approvers(c echo.Context) error {
	return p.Page(c, http.StatusOK, "approvers", "Approvers", p.approversData(p.NewForm(c, url.Values{})))
}

// tell has a bank learn the school's list: two people whom it knows sign that; a bank
// that knows nobody keeps it for a technician at its kiosk.
func (p *pages) tell(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		b, ok := p.bank(param(c, "bank"))
		set := p.Approvers()
		switch {
		case !ok:
			return "", errs.New(errs.NotFound, "There is no such bank.", "")
		case len(set.People()) < 2:
			return "", errs.New(errs.Conflict, "Fewer than two approvers have a passkey.", "Let each of them sign in and add one under: Your account.")
		case !b.Board.Approvers.Set.Empty():
			return p.beginning(c, consent.Ask{Kind: consent.Approvers, Bank: b.Setup.Bank, Keys: &set, Paper: consent.Paper{Why: "The list of approvers has changed."}})
		}
		return "/approvers", p.offer(c, b, set)
	})
	if err != nil {
		return p.Refuse(c, f, err, "approvers", "Approvers", p.approversData(f))
	}
	return nil
}

func (p *pages) offer(c echo.Context, b banks.Status, set passkey.Set) error {
	ctx := c.Request().Context()
	done, err := p.Banks.Order(ctx, b.Setup.Bank, locker.Order{Kind: locker.OrderApprovers, Keys: &set, By: p.Who(c).Account})
	if err != nil || done.Refused != "" && done.Refused != string(locker.NoChange) {
		return errs.Wrap(err, errs.Unavailable, "The bank did not take the list.", "Look whether it is on the line, and try again.")
	}
	if done.Refused == "" {
		p.await(ctx, consent.Request{Wish: passkey.Wish{Bank: b.Setup.Bank}, Seq: done.Seq - 1})
	}
	return nil
}

// listFile is the school's list for the bank's own computer: public keys and ids.
func (p *pages) listFile(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="approvers.json"`)
	return c.JSON(http.StatusOK, p.Approvers())
}
