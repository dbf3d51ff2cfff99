package audit

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/corrections"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// listData is a page of the record.
type listData struct {
	Form   *kit.Form
	Groups []kit.Option
	Lines  []line
	Older  template.URL // "" at the beginning of the record
	CSV    template.URL
	Newest bool
	Checks []check
	Now    time.Time
}

// line is one record in words.
type line struct {
	Href              string
	At                string
	Doubt             bool // of the clock that gave At
	What, Detail, Who string
	About             []named
	Where, Why        string
	Corrections       []correction
}

// named is whom or what a record is about.
type named struct{ Text, Href string }

type correction struct{ By, At, Text string }

// check is how sure a ledger is, in words.
type check struct{ Title, Words, Damage string }

func (o *pages) list(c echo.Context) error {
	q := o.readQuery(c.QueryParams())
	list, next, err := o.find(c.Request().Context(), q, onPage, budget)
	if err != nil {
		return err
	}
	d := listData{Form: o.NewForm(c, url.Values{"who": {q.Who}, "kind": {string(q.Group)}, "day": {c.QueryParam("day")}}),
		Groups: []kit.Option{{Text: "All"}}, Newest: q.At == "", Now: o.Now(), CSV: template.URL("/audit.csv?" + q.values().Encode())}
	for _, g := range Groups {
		d.Groups = append(d.Groups, kit.Option{Value: string(g), Text: g.Words()})
	}
	for _, f := range list {
		d.Lines = append(d.Lines, o.line(c, f))
	}
	if next != "" {
		v := q.values()
		v.Set("at", next)
		d.Older = template.URL("/audit?" + v.Encode()) // encoded right here
	}
	for _, l := range o.Ledgers.Ledgers() {
		d.Checks = append(d.Checks, o.check(l))
	}
	return o.Page(c, http.StatusOK, "audit", "Record", d)
}

func (o *pages) line(c echo.Context, f found) line {
	zone := o.Now().Location()
	l := line{
		Href: "/audit/" + f.ID + "/" + strconv.FormatUint(f.Seq, 10), At: f.Stamp.Wall.In(zone).Format("2 Jan 2006, 15:04:05"), Doubt: !f.Stamp.Trusted,
		What: wordsOf(f.Kind).text, Who: o.holder(f.By), Detail: f.detail(zone), About: o.about(c, f), Where: f.Title,
	}
	if door := max(f.Record.Door, f.fields.Door); door > 0 {
		l.Where += ", door " + strconv.Itoa(door)
	}
	if o.May(c, roles.SeeReasons, roles.Target{}) {
		l.Why = o.Reasons.Reason(f.ID, f.Record)
	}
	for _, by := range o.Corrections.Of(corrections.Ref{Ledger: f.ID, Seq: f.Seq}) {
		l.Corrections = append(l.Corrections, correction{by.By, by.At.In(zone).Format("2 Jan 2006, 15:04"), by.Text})
	}
	return l
}

// detail is what a record adds, as its own words have it.
func (f found) detail(zone *time.Location) string {
	var list []string
	if f.Times > 0 {
		list = append(list, f.often(zone))
	}
	for _, word := range []string{f.Role, f.Purpose, f.Answer, f.Result, f.Reason, f.Way} {
		if word != "" && word != "none" {
			list = append(list, strings.ReplaceAll(word, "-", " "))
		}
	}
	return strings.Join(list, ", ")
}

// often says how many times something happened within the hours of a record.
func (f found) often(zone *time.Location) string {
	text := strconv.Itoa(f.Times) + " times"
	if f.Times == 1 {
		text = "once"
	}
	clock := func(at any) string {
		said, _ := at.(string)
		t, err := time.Parse(time.RFC3339, said)
		if err != nil {
			return "?"
		}
		return t.In(zone).Format("15:04")
	}
	text += " between " + clock(f.From) + " and " + clock(f.Until)
	if f.Account == "" {
		text += ", under names that no account has"
	}
	return text
}

// actors are the groups in which person is whoever did it, and not whom it is
// about.
var actors = []Group{Confiscation, Exception, Notices, Rules}

// actorKinds are kinds of other groups of which that is true too.
var actorKinds = []string{"bar-end-asked", "bar-ended"}

func (o *pages) about(c echo.Context, f found) []named {
	ids := []string{f.Whose, f.Pupil, f.Staff, f.For}
	if !slices.Contains(actors, wordsOf(f.Kind).group) && !slices.Contains(actorKinds, f.Kind) {
		ids = append(ids, f.Person)
	}
	var list []named
	var seen []string
	for _, id := range ids {
		if id == "" || strings.HasPrefix(id, "x-") || slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		n := named{Text: id} // of one who is in no register, there is no page
		if name, form, ok := o.Kit.People.Name(id); ok {
			n.Text, n.Href = name, "/person/"+id
			if form != "" {
				n.Text += " (" + form + ")"
			}
		}
		list = append(list, n)
	}
	if f.Account != "" {
		list = append(list, named{Text: "account " + o.holder(f.Account)})
	}
	switch {
	case f.Case == "":
	case o.May(c, roles.SeeCases, roles.Target{}):
		list = append(list, named{theCase, "/cases/" + url.PathEscape(f.Case)})
	default:
		list = append(list, named{Text: "case " + f.Case})
	}
	if f.fields.Device != "" {
		list = append(list, named{Text: "device " + f.fields.Device})
	}
	return list
}

// theCase leads a reader of the page to a case; in a file its number stands.
const theCase = "The case"

// holder is an account with the name of whoever has it.
func (o *pages) holder(account string) string {
	if name := o.People.Called(account); name != "" && account != "" {
		return name + " (" + account + ")"
	}
	return account
}

func (o *pages) check(l Ledger) check {
	c := check{Title: l.Title, Damage: l.Check.Damage, Words: number(l.Size()) + " records, " + number(l.Check.Signed) + " of them signed for"}
	switch {
	case l.Check.Verified.IsZero():
		c.Words += ". Each is compared with its hash as it is read; the whole is verified a minute after the start."
	case l.Check.Damage == "":
		c.Words += ". All " + number(l.Check.Upto) + " there were at " + l.Check.Verified.Format("15:04 on 2 January") + " were verified: nothing was changed or lost."
	default:
		c.Words += ". Verified at " + l.Check.Verified.Format("15:04 on 2 January") + "."
	}
	if l.Check.Elsewhere != "" {
		c.Words += " " + l.Check.Elsewhere
	}
	return c
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
