package cases

import (
	"context"
	"net/http"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// fileData is the page of one case.
type fileData struct {
	Form       *kit.Form
	ID, Name   string
	Device     string // its id
	Pupil      string // their id, for links
	What       string
	Where      string
	Since      string
	Outcome    string
	Restricted bool // the reader sees no more than where it is
	Image      bool
	Exempt     bool
	Barred     bool
	Due        bool
	Pending    bool   // released, and still behind its door
	Unshut     string // a door that may have it, while these records have it elsewhere
	ToPupil    bool   // the rules let it go to the pupil
	Turned     []turned
	Conflict   string
	Receiver   desk.Receiver
	Identity   string
	Facts      []fact
	Trail      []step
	Entries    []entry
	Notices    []noticeLine
	Spots      []kit.Option
	May        may
}

// may is what is offered to the reader now.
type may struct{ Put, TakeOut, Move, Release, Withdraw, Search, Note, Correct, Notice, Seen, Person, Sign bool }

type fact struct{ Key, Value string }

type step struct{ At, Where, By, Ref string }

type turned struct {
	At, Name string
	New      bool
}

// entry is one record of the case in words.
type entry struct {
	N              int
	At, By, What   string
	Facts          []fact
	Corrects       int
	HasCorrectLink bool
}

type noticeLine struct {
	ID, To, State, At string
	Send, Print       bool
}

// file finds the case in the path for a page about its inside.
func (o *pages) file(c echo.Context) (desk.Case, desk.Item, error) {
	file, item, err := o.outside(c)
	if err == nil && o.restricted(c, file) {
		err = errs.New(errs.Denied, "This device is restricted.", "See the safeguarding lead.")
	}
	return file, item, err
}

// outside finds the case in the path for whoever only moves its device.
func (o *pages) outside(c echo.Context) (desk.Case, desk.Item, error) {
	file, err := o.Custody.Case(c.Param("case"))
	if err != nil {
		return desk.Case{}, desk.Item{}, errNoCase
	}
	item, err := o.Custody.Item(file.Item)
	return file, item, err
}

func (o *pages) filePage(c echo.Context) error {
	file, item, err := o.outside(c)
	if err != nil {
		return err
	}
	d, err := o.fileData(c, file, item)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "case-file", d.Name, d)
}

func (o *pages) fileData(c echo.Context, file desk.Case, item desk.Item) (d fileData, err error) {
	d = fileData{Form: o.NewForm(c, nil), ID: file.ID, Device: item.ID, Name: o.pupil(file.Whose), Pupil: file.Whose, What: item.What.Words(), Where: o.place(item.Place), Since: o.clock(item.Place.Since),
		Outcome: outcomeWords[file.Outcome], Image: file.Facts.Reason.Restricted(), Due: o.due(file),
		Barred: file.Open() && o.Custody.Stands(item), Pending: file.Release != nil && file.Release.Pending, Exempt: file.Open() && o.Custody.Exempt(file.Whose, o.Now())}
	if item.Place.Kind != desk.Behind {
		d.Unshut = o.unshut(item.ID)
	}
	d.ToPupil = o.Custody.Rules().ReleaseTo == policy.ToPupil
	if item.Conflict != nil {
		d.Conflict = o.place(*item.Conflict)
	}
	for _, s := range o.Spots {
		d.Spots = append(d.Spots, kit.Option{Value: "spot " + s.ID, Text: s.Label})
	}
	d.Spots = append([]kit.Option{{Value: "hands", Text: "In my hands"}}, d.Spots...)
	d.May = o.offers(c, file, item)
	if d.Restricted = o.restricted(c, file); d.Restricted {
		d.Name = "Restricted device"
		return d, nil
	}
	return d, o.inside(c.Request().Context(), &d, file, item)
}

// inside adds what only those see who may see the whole case.
func (o *pages) inside(ctx context.Context, d *fileData, file desk.Case, item desk.Item) error {
	account, err := o.Custody.Account(ctx, file)
	if err != nil {
		return err
	}
	d.Facts = o.facts(file, account)
	if d.Receiver, err = o.Custody.Receiver(ctx, file); err != nil {
		return err
	}
	if file.Release != nil {
		d.Identity = identityWords[file.Release.Identity]
	}
	for _, r := range file.Refused {
		who, err := o.Custody.Turned(ctx, r)
		if err != nil {
			return err
		}
		d.Turned = append(d.Turned, turned{At: o.clock(r.At), Name: who.Name, New: r.Seen.IsZero()})
	}
	for _, s := range item.Trail {
		line := step{At: o.clock(s.Place.Since), Where: o.place(s.Place), By: o.person(s.By)}
		if s.Ref.Bank != "" {
			line.Ref = kit.BankName(s.Ref.Bank) + ", record " + number(int(s.Ref.Seq)) + " of part " + number(int(s.Ref.Epoch))
		}
		d.Trail = append(d.Trail, line)
	}
	for _, e := range file.Entries {
		line, err := o.entry(ctx, e)
		if err != nil {
			return err
		}
		line.HasCorrectLink = d.May.Correct
		d.Entries = append(d.Entries, line)
	}
	d.Notices = o.noticeLines(file)
	return nil
}

func (o *pages) facts(file desk.Case, account desk.Account) []fact {
	list := []fact{
		{"Why", reasonWords[file.Facts.Reason]}, {"Where", file.Facts.Zone.Words()}, {"Room", account.Room},
		{"Taken", o.clock(file.Facts.Taken) + " by " + o.person(file.Facts.Taker)}, {"What happened", account.Happened},
		{"Condition when taken", account.Condition}, {"Witness", account.Witness},
	}
	if file.Facts.Considered {
		list = append(list, fact{"Considered", "Age, needs and disability"})
	}
	if file.Facts.Despite {
		list = append(list, fact{"Exempt", "Taken although the pupil may keep their phone"})
	}
	if file.Facts.Outside {
		list = append(list, fact{"Hours", "Taken outside the hours of the ban, as against the rules all the same"})
	}
	return filled(list)
}

// filled leaves out what says nothing.
func filled(list []fact) []fact {
	var out []fact
	for _, f := range list {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// entry reads one record of a case.
func (o *pages) entry(ctx context.Context, e desk.Entry) (entry, error) {
	line := entry{N: e.N, At: o.clock(e.At), By: o.person(e.By), What: entryWords[e.Kind], Corrects: e.Corrects}
	var err error
	switch e.Kind {
	case desk.KindNote, desk.KindCondition, desk.KindCorrection:
		var n desk.Note
		err = o.Custody.Text(ctx, e, &n)
		line.Facts = []fact{{"Text", n.Text}}
	case desk.KindSearch:
		var s desk.Search
		err = o.Custody.Text(ctx, e, &s)
		line.Facts = o.searchFacts(s)
	case desk.KindDeletion:
		var del desk.Deletion
		err = o.Custody.Text(ctx, e, &del)
		line.Facts = []fact{{"Deleted", del.What}, {"When", o.clock(del.At)}, {"Witness", del.Witness}, {"Consent", o.consented(del.Consent, del.ConsentBy, del.ConsentHow)}}
	}
	line.Facts = filled(line.Facts)
	return line, err
}

func (o *pages) searchFacts(s desk.Search) []fact {
	list := []fact{{"Searched", searchWords[s.Of]}, {"When", o.clock(s.At)}, {"Where", s.Where}, {"Why", s.Why}, {"Looked for", s.LookedFor},
		{"Scope", s.Scope}, {"Found", s.Found}, {"Witness", s.Witness}, {"Consent", o.consented(s.Consent, s.ConsentBy, s.ConsentHow)}}
	if !s.ParentsTold.IsZero() {
		list = append(list, fact{"Parents told", o.clock(s.ParentsTold)})
	}
	return list
}

func (o *pages) consented(c desk.Consent, by, how string) string {
	if c == desk.Statutory {
		return "None: by law and the school's rules"
	}
	return by + ", " + how
}

// offers is what the reader may do about a case now.
func (o *pages) offers(c echo.Context, file desk.Case, item desk.Item) may {
	can := func(p roles.Permission) bool { return o.May(c, p, roles.Target{}) }
	here := item.Place.Kind == desk.Hands || item.Place.Kind == desk.AtSpot
	barred := o.Custody.Stands(item)
	m := may{
		Put: here && can(roles.OpenDoor), Move: here && can(roles.MoveItem),
		TakeOut: item.Place.Kind == desk.Behind && !barred && can(roles.OpenDoor),
	}
	m.Sign = can(roles.Sign) && (item.Place.Kind == desk.Behind && barred || item.Place.To == desk.ToPolice)
	if o.restricted(c, file) {
		return m
	}
	pending := file.Release != nil && file.Release.Pending
	m.Release = file.Open() && file.Release == nil && can(roles.ReleaseItem)
	m.Withdraw = pending && can(roles.ReleaseItem)
	m.Search, m.Note, m.Correct = can(roles.RecordSearch), can(roles.MoveItem), can(roles.Correct)
	m.Notice = file.Open() && can(roles.SendNotice)
	m.Seen, m.Person = can(roles.SeeReasons), can(roles.SeePerson)
	return m
}

func (o *pages) noticeLines(file desk.Case) []noticeLine {
	if o.Notices == nil {
		return nil
	}
	var list []noticeLine
	for _, n := range o.Notices.Of(file.ID) {
		line := noticeLine{ID: n.ID, State: noticeWords[n.State], At: o.clock(n.ChangedAt),
			Send: n.State == notify.Prepared && n.Way == notify.Email, Print: n.Way == notify.Slip && n.State != notify.Cancelled}
		for _, a := range o.Config.People.Contacts(file.Whose) {
			if a.ID == n.Contact {
				line.To = contactName(a)
			}
		}
		list = append(list, line)
	}
	return list
}
