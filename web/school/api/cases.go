package api

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// CaseList is one page of confiscations, the newest first.
type CaseList struct {
	Items []Case `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Case is one confiscation, without anything that was written about it.
type Case struct {
	ID         string    `json:"id"`
	Item       string    `json:"item"`
	What       string    `json:"what" enum:"phone,watch,earbuds,second-phone,tracker,other"`
	Place      Place     `json:"place" doc:"of the device"`
	Opened     time.Time `json:"opened"`
	From       time.Time `json:"from,omitzero" doc:"when it may be released; none on a day without school"`
	Outcome    string    `json:"outcome,omitempty" enum:"released,released-to-pupil,returned" doc:"none while it is open"`
	Closed     time.Time `json:"closed,omitzero"`
	Pending    bool      `json:"pending" doc:"released, and still behind its door"`
	Barred     bool      `json:"barred" doc:"nothing is released now: see the safeguarding lead"`
	Restricted bool      `json:"restricted" doc:"the rest is for the safeguarding lead"`

	Person string    `json:"person,omitempty" doc:"the pupil"`
	Reason string    `json:"reason,omitempty" enum:"breach,behaviour,bullying,possible-image,exam,other"`
	Zone   string    `json:"zone,omitempty"`
	Taken  time.Time `json:"taken,omitzero"`
	Taker  string    `json:"taker,omitempty" doc:"person"`
}

// Place is where a device is: behind a door, in somebody's hands, in a named place,
// or gone.
type Place struct {
	Kind   string    `json:"kind" enum:"behind,hands,spot,gone"`
	Bank   string    `json:"bank,omitempty"`
	Door   int       `json:"door,omitempty"`
	Person string    `json:"person,omitempty" doc:"in whose hands"`
	Spot   string    `json:"spot,omitempty"`
	To     string    `json:"to,omitempty" enum:"parent,owner" doc:"who has what is gone"`
	Since  time.Time `json:"since"`
}

// CaseFile is one confiscation with its record. What is restricted has none.
type CaseFile struct {
	Case
	Account   Account     `json:"account,omitzero" doc:"how it was taken"`
	Receiver  Receiver    `json:"receiver,omitzero"`
	TurnedOff []time.Time `json:"turned_away" doc:"when somebody asked for it whom it must not go to"`
	Trail     []Step      `json:"trail" doc:"how the device came to its place, oldest first"`
	Entries   []Entry     `json:"entries" doc:"in order"`
	Notices   []Notice    `json:"notices"`
}

// Account is how a device was taken, in the words of whoever took it.
type Account struct {
	Room      string `json:"room,omitempty"`
	Happened  string `json:"happened,omitempty"`
	Condition string `json:"condition,omitempty"`
	Witness   string `json:"witness,omitempty"`
}

// Receiver is the adult a device was released to.
type Receiver struct {
	Name         string `json:"name"`
	Relationship string `json:"relationship"`
	Identity     string `json:"identity,omitempty" enum:"known,photo-id,code"`
}

// Step is one move of a device.
type Step struct {
	Place Place  `json:"place"`
	By    string `json:"by" doc:"account, or at a bank's kiosk the person"`
}

// Entry is one record of a case; of its words one field is set.
type Entry struct {
	N        int           `json:"n"`
	Kind     string        `json:"kind" doc:"as the school's ledger has it"`
	At       time.Time     `json:"at"`
	By       string        `json:"by" doc:"account"`
	Corrects int           `json:"corrects,omitempty" doc:"the number of another entry"`
	Text     string        `json:"text,omitempty"`
	Search   desk.Search   `json:"search,omitzero"`
	Deletion desk.Deletion `json:"deletion,omitzero"`
}

func (a *api) caseOperations() []operation {
	return []operation{
		read("/cases", roles.SeeCases, "Confiscations, the newest first", a.caseList).asking(paging...),
		read("/cases/:case", roles.SeeCases, "One confiscation and its record", a.caseFile),
		change("/people/:id/cases", roles.Confiscate, created, "Record that the caller took a device from a pupil",
			NewCase{What: "phone", Reason: "breach", Zone: "corridor", Taken: time.Date(2026, 11, 23, 11, 20, 0, 0, time.UTC), Considered: true, Room: "14"},
			a.confiscate).about(a.OnPerson("id")).by(kit.ForPeople),
		change("/cases/:case/return", roles.Confiscate, ok, "Give a device back that its pupil may keep", Nothing{}, a.giveBack).by(kit.ForPeople),
	}
}

// staff is whoever asks, as the desk wants to know it.
func (a *api) staff(c echo.Context) desk.By {
	who := a.Who(c)
	return desk.By{Actor: who.Actor, Roles: who.Roles}
}

func placeOf(p desk.Place) Place {
	return Place{string(p.Kind), p.Bank, p.Door, p.Person, p.Spot, string(p.To), p.Since}
}

// caseOf is a case as far as its reader may see it.
func (a *api) caseOf(file desk.Case, item desk.Item, inside bool) Case {
	out := Case{ID: file.ID, Item: item.ID, What: string(item.What), Place: placeOf(item.Place), Opened: file.Opened, Outcome: string(file.Outcome), Closed: file.Closed,
		Pending: file.Release != nil && file.Release.Pending, Barred: file.Open() && a.Custody.Stands(item), Restricted: !inside}
	out.From, _ = a.Custody.Ends(file.Opened)
	if inside {
		out.Person, out.Reason, out.Zone, out.Taken, out.Taker = file.Whose, string(file.Facts.Reason), string(file.Facts.Zone), file.Facts.Taken, file.Facts.Taker
	}
	return out
}

func (a *api) caseList(c echo.Context) (CaseList, error) {
	part, next, err := window(c, a.Custody.Cases(), func(file desk.Case) string { return file.ID })
	list := CaseList{Items: []Case{}, Next: next}
	for _, file := range part {
		if item, err := a.Custody.Item(file.Item); err == nil {
			list.Items = append(list.Items, a.caseOf(file, item, a.staff(c).Sees(file, a.Now())))
		}
	}
	return list, err
}

var (
	errNoCase     = errs.New(errs.NotFound, "There is no such case for the caller.", "Ask for /api/v1/cases.")
	errRestricted = errs.New(errs.Denied, "This device is restricted.", "See the safeguarding lead.")
)

// outside finds the case in the path for whoever only moves its device.
func (a *api) outside(c echo.Context) (desk.Case, desk.Item, error) {
	file, err := a.Custody.Case(kit.Param(c, "case"))
	if err != nil {
		return desk.Case{}, desk.Item{}, errNoCase
	}
	item, err := a.Custody.Item(file.Item)
	return file, item, err
}

// inside finds the case in the path for whoever may see all of it.
func (a *api) inside(c echo.Context) (desk.Case, error) {
	file, _, err := a.outside(c)
	if err == nil && !a.staff(c).Sees(file, a.Now()) {
		err = errRestricted
	}
	return file, err
}

// again is the case in the path as it is after a change.
func (a *api) again(c echo.Context) (Case, error) {
	file, item, err := a.outside(c)
	if err != nil {
		return Case{}, err
	}
	return a.caseOf(file, item, a.staff(c).Sees(file, a.Now())), nil
}

func (a *api) caseFile(c echo.Context) (CaseFile, error) {
	file, item, err := a.outside(c)
	if err != nil {
		return CaseFile{}, err
	}
	inside := a.staff(c).Sees(file, a.Now())
	out := CaseFile{Case: a.caseOf(file, item, inside), TurnedOff: []time.Time{}, Trail: []Step{}, Entries: []Entry{}, Notices: []Notice{}}
	if !inside {
		return out, nil
	}
	for _, r := range file.Refused {
		out.TurnedOff = append(out.TurnedOff, r.At)
	}
	for _, s := range item.Trail {
		out.Trail = append(out.Trail, Step{placeOf(s.Place), s.By})
	}
	out.Notices = a.noticesOf(file)
	return out, a.words(c.Request().Context(), &out, file)
}

// words adds what the vault has about a case.
func (a *api) words(ctx context.Context, out *CaseFile, file desk.Case) error {
	account, err := a.Custody.Account(ctx, file)
	if err != nil {
		return err
	}
	out.Account = Account(account)
	to, err := a.Custody.Receiver(ctx, file)
	if err != nil {
		return err
	}
	if out.Receiver = (Receiver{Name: to.Name, Relationship: to.Relationship}); file.Release != nil {
		out.Receiver.Identity = string(file.Release.Identity)
	}
	for _, e := range file.Entries {
		line, err := a.entry(ctx, e)
		if err != nil {
			return err
		}
		out.Entries = append(out.Entries, line)
	}
	return nil
}

func (a *api) entry(ctx context.Context, e desk.Entry) (line Entry, err error) {
	line = Entry{N: e.N, Kind: e.Kind, At: e.At, By: e.By, Corrects: e.Corrects}
	switch e.Kind {
	case desk.KindNote, desk.KindCondition, desk.KindCorrection:
		var n desk.Note
		err = a.Custody.Text(ctx, e, &n)
		line.Text = n.Text
	case desk.KindSearch:
		err = a.Custody.Text(ctx, e, &line.Search)
	case desk.KindDeletion:
		err = a.Custody.Text(ctx, e, &line.Deletion)
	}
	return line, err
}
