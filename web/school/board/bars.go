package board

import (
	"net/http"
	"net/url"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// barLine is one stop or hold and where it is in force.
type barLine struct {
	desk.Bar
	Placed string // when, in words
	Asked  string // when somebody asked for its end
	Police string // since when the police have what it is on; "" when they do not
	Against
	Force inForce
}

// Against is whom or what a bar keeps shut, in words and with a link.
type Against struct {
	Who, Href string
	person    string // whose id stands for the name where a reader may not know that
}

// Second names whoever is still wanted to end it.
func (b barLine) Second() string { return approvers.Words(b.Wanted, "or") }

// Title names the bar.
func (b barLine) Title() string { return kindWords(b.Kind) }

// Does says what the bar does.
func (b barLine) Does() string {
	if b.Police != "" {
		return "The police have the device since " + b.Police + ". Should they bring it back, it goes to nobody."
	}
	if b.On.Item != "" {
		return "The device stays where it is and goes to nobody."
	}
	if b.On.Person == "" {
		return "This door stays shut and is given to nobody."
	}
	return "Every scan of theirs goes to the office; their door stays shut."
}

func (s *scene) barLine(b desk.Bar) barLine {
	line := barLine{Bar: b, Placed: s.at(b.From), Asked: s.at(b.EndAsk), Against: s.against(b.On), Force: s.inForce(b.Seq)}
	if s.items == nil || b.On.Item == "" {
		return line
	}
	if i, err := s.items.Item(b.On.Item); err == nil && i.Place.To == desk.ToPolice {
		line.Police = s.clock(i.Place.Since)
	}
	return line
}

func (s *scene) against(on locker.Subject) Against {
	if on.Person != "" {
		return Against{s.who(on.Person), "/person/" + on.Person, on.Person}
	}
	if on.Item != "" {
		return Against{Who: "A confiscated device", Href: "/cases"}
	}
	return Against{Who: "Door " + number(on.Door) + " of " + kit.BankName(on.Bank), Href: "/door/" + number(on.Door)}
}

func (s *scene) barLines(about func(locker.Subject) bool) []barLine {
	var list []barLine
	for _, b := range s.bars {
		if about(b.On) {
			list = append(list, s.barLine(b))
		}
	}
	return list
}

func (s *scene) bar(id string) (desk.Bar, bool) {
	for _, b := range s.bars {
		if b.ID == id {
			return b, true
		}
	}
	return desk.Bar{}, false
}

// barsData is what the list of all stops and holds gets.
type barsData struct {
	moment
	Bars    []barLine
	AtBanks []heldDoor // held at the banks themselves
}

func (o *pages) barsPage(_ func(string) string, who reader, _ *scene) (livePage, error) {
	return livePage{name: "bars", title: "Stops and holds", reader: who.Account, draw: func(s *scene) (any, []part) {
		d := barsData{s.moment(), s.barLines(func(locker.Subject) bool { return true }), o.heldAtBanks(s, who)}
		for i := range d.Bars {
			d.Bars[i].unlink(who)
		}
		return d, parts(d, "all-bars", "asof")
	}}, nil
}

// barData is what the sections of one bar's page get.
type barData struct {
	moment
	barLine
	Ended   bool
	EndedBy string
	EndedAt string
	Mine    bool // the reader asked for its end: somebody else must agree
	nextWord
}

// nextWord is whether the reader may have the next word on the end of a hold, and
// who else.
type nextWord struct {
	May bool
	For string // the headteacher and the safeguarding lead
}

func (o *pages) nextWord(wanted []policy.Approver, asked bool, who reader) nextWord {
	join := "and"
	if asked {
		join = "or"
	}
	return nextWord{May: who.may(roles.EndHold, "") && o.Desk.Fills(asStaff(who.Who), wanted), For: approvers.Words(wanted, join)}
}

func asStaff(who kit.Who) desk.By { return desk.By{Actor: who.Actor, Roles: who.Roles} }

// unlink leaves out a link that leads the reader nowhere, and the name of a person
// whom they may not see: the chair of governors ends a hold by its number.
func (a *Against) unlink(who reader) {
	if who.may(roles.SeeBoard, "") {
		return
	}
	if a.Href = ""; a.person != "" {
		a.Who = "Number " + a.person
	}
}

var errNoBar = errs.New(errs.NotFound, "That stop or hold does not stand any more.", "Look at the list of stops and holds.")

func (o *pages) barPage(get func(string) string, who reader, s *scene) (livePage, error) {
	id := get("id")
	_, stands := s.bar(id)
	_, ended := o.endings.find(id)
	if !stands && !ended {
		return livePage{}, errNoBar
	}
	return livePage{name: "bar", title: "Stop or hold", query: url.Values{"id": {id}}, reader: who.Account, draw: func(s *scene) (any, []part) {
		d := o.barData(s, id, who)
		return d, parts(d, "bar", "asof")
	}}, nil
}

func (o *pages) barData(s *scene, id string, who reader) barData {
	if b, ok := s.bar(id); ok {
		d := barData{moment: s.moment(), barLine: s.barLine(b), Mine: b.EndOf == who.Person && who.Person != ""}
		d.nextWord = o.nextWord(b.Wanted, b.EndBy != "", who)
		if b.Kind == desk.Stop {
			d.May = who.may(roles.StopPerson, "")
		}
		d.unlink(who)
		return d
	}
	end, _ := o.endings.find(id)
	d := barData{moment: s.moment(), Ended: true, EndedBy: end.EndedBy, EndedAt: s.at(end.At)}
	d.barLine = barLine{Bar: end.Bar, Placed: s.at(end.From), Against: s.against(end.On), Force: s.ended(end.Bar)}
	d.unlink(who)
	return d
}

// endStop ends a stop.
func (o *pages) endStop(c echo.Context) error { return o.endBar(c, desk.Stop) }

// endHold asks for the end of a hold, or agrees to it.
func (o *pages) endHold(c echo.Context) error { return o.endBar(c, desk.Hold) }

func (o *pages) endBar(c echo.Context, kind desk.Kind) error {
	id, user := c.Param("id"), o.Who(c).Account
	s := o.scene(0)
	bar, ok := s.bar(id)
	switch {
	case !ok:
		return c.Redirect(http.StatusSeeOther, "/bar/"+url.PathEscape(id)) // somebody was quicker; the page says so
	case bar.Kind != kind:
		return errNoBar
	}
	ended, err := o.Desk.End(c.Request().Context(), asStaff(o.Who(c)), id)
	switch code := errs.CodeOf(err); {
	case code == errs.NotFound:
	case err != nil:
		return err
	}
	if ended {
		o.endings.add(ending{Bar: bar, EndedBy: user, At: s.now})
	}
	o.changed()
	return c.Redirect(http.StatusSeeOther, "/bar/"+url.PathEscape(id))
}
