package cases

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/labstack/echo/v4"
)

func number(n int) string { return strconv.Itoa(n) }

// listData is the office's list.
type listData struct {
	Problems []problem
	ForDoor  []row // in somebody's hands or a named place
	Behind   []row // in a door, before the end of their day
	ForAdult []row // in the school's custody, and due
	Done     []row // the newest that are closed
	Code     string
}

// row is one case in a list.
type row struct {
	ID, Name, What, Where, Since, Reason, Outcome string

	Days int // that it has waited for an adult, where that is long
}

// problem is something to see to.
type problem struct{ Text, Next, Href, Link string }

// maxDone is how many closed cases the list shows.
const maxDone = 10

func (o *pages) listPage(c echo.Context) error {
	return o.Page(c, http.StatusOK, "case-list", "Confiscated devices", o.listData(c))
}

func (o *pages) listData(c echo.Context) listData {
	var d listData
	for _, p := range o.Custody.Problems(o.Now()) {
		if said, ok := o.problem(c, p); ok {
			d.Problems = append(d.Problems, said)
		}
	}
	for _, file := range o.Custody.Cases() {
		item, err := o.Custody.Item(file.Item)
		if err != nil {
			continue
		}
		r := o.row(c, file, item)
		switch {
		case !file.Open():
			if len(d.Done) < maxDone {
				d.Done = append(d.Done, r)
			}
		case o.Custody.ForAdult(file, o.Now()):
			d.ForAdult = append(d.ForAdult, r)
		case item.Place.Kind == desk.Behind:
			d.Behind = append(d.Behind, r)
		default:
			d.ForDoor = append(d.ForDoor, r)
		}
	}
	return d
}

// due reports whether the day on which a device was taken is over.
func (o *pages) due(file desk.Case) bool {
	end, school := o.Custody.Ends(file.Opened)
	return !school || !o.Now().Before(end)
}

func (o *pages) row(c echo.Context, file desk.Case, item desk.Item) row {
	r := row{ID: file.ID, Name: o.pupil(file.Whose), What: item.What.Words(), Where: o.place(item.Place),
		Since: o.clock(item.Place.Since), Reason: reasonWords[file.Facts.Reason], Outcome: outcomeWords[file.Outcome]}
	r.Days, _ = o.uncollected(file, o.Now())
	if o.restricted(c, file) {
		r.Name, r.Reason = "Restricted device", "See the safeguarding lead"
	} else if file.Open() && o.Custody.Stands(item) {
		r.Reason = "Do not release. See the safeguarding lead"
	}
	return r
}

// restricted reports whether a case is for the safeguarding team alone.
func (o *pages) restricted(c echo.Context, file desk.Case) bool {
	return !o.by(c).Sees(file, o.Now())
}

// problem says a problem in words; false for one that is not the reader's.
func (o *pages) problem(c echo.Context, p desk.Problem) (problem, bool) {
	item, err := o.Custody.Item(p.Item)
	if err != nil {
		return problem{}, false
	}
	lead := o.May(c, roles.SeeReasons, roles.Target{})
	said := problem{Href: "/cases/" + p.Case, Link: "Open the case"}
	device := o.device(c, item)
	switch p.Code {
	case desk.TellDSL:
		said.Text, said.Next = "A device may hold an indecent image. It is on hold since "+o.clock(p.Since)+".", "Nobody looks at it. "+o.belongs()+"."
		return said, lead
	case desk.TurnedAway:
		said.Text, said.Next = "Somebody with a restriction asked for a device at "+o.clock(p.Since)+". Nothing was handed over.", "Look at the case and take note."
		return said, lead
	case desk.Disagree:
		said.Text, said.Next = device+" was thought to be elsewhere. By the bank's record: "+o.place(item.Place)+".", "Go and look. The bank's record counts."
	case desk.StillIn:
		said.Text, said.Next = device+" is released and still behind its door ("+o.place(item.Place)+").", "Open the door, or withdraw the release."
	case desk.InHandsLong:
		said.Text, said.Next = device+" has no safe place: "+lower(o.place(item.Place))+" since "+o.clock(p.Since)+".", "Put it behind a door or into a named place."
	case desk.Unexplained:
		said.Text, said.Next = "Staff put a device into "+o.place(item.Place)+" at "+o.clock(p.Since)+". Nobody has said whose it is.", "Ask who took it, and record it."
		said.Href, said.Link = "/confiscate?item="+p.Item, "Say whose it is"
	}
	if p.Case == "" && p.Code != desk.Unexplained {
		said.Href = ""
	}
	return said, true
}

// device names what a problem is about: whose it is, where the reader may know that.
func (o *pages) device(c echo.Context, item desk.Item) string {
	file, err := o.Custody.Case(item.Case)
	if item.Whose == "" || err == nil && o.restricted(c, file) {
		return "A device"
	}
	return item.What.Words() + " of " + o.pupil(item.Whose)
}

// lower is words in the midst of a sentence; the name of a bank stays as it is.
func lower(words string) string {
	if rest, hands := strings.CutPrefix(words, "In "); hands {
		return "in " + rest
	}
	return words
}
