package cases

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/ban"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// The limits of a search for a pupil.
const (
	maxQuery = 64 // bytes looked at
	maxFound = 20 // pupils shown
)

// findData is the page to find a pupil by name or badge.
type findData struct {
	Query  string
	Item   string // the item at a bank that is to be explained
	Asked  bool
	Empty  bool // asked for nobody
	People []register.Person
	More   bool
}

func (o *pages) findPage(c echo.Context) error {
	d := findData{Query: strings.ToValidUTF8(strings.TrimSpace(c.QueryParam("q")), ""), Item: c.QueryParam("item")}
	d.Query = strings.ToValidUTF8(d.Query[:min(len(d.Query), maxQuery)], "")
	if person, ok := o.Scanned(d.Query); ok {
		return c.Redirect(http.StatusSeeOther, takePath(person, d.Item))
	}
	d.Asked = d.Query != ""
	d.Empty = c.QueryParams().Has("q") && !d.Asked
	for _, p := range o.Config.People.Search(d.Query) {
		if p.Kind != register.Pupil || !p.OnRoll() {
			continue
		}
		if d.More = len(d.People) == maxFound; d.More {
			break
		}
		d.People = append(d.People, p)
	}
	return o.Page(c, http.StatusOK, "case-find", "Confiscate a device", d)
}

// Path is the address of the form for one of those found.
func (d findData) Path(person string) string { return takePath(person, d.Item) }

func takePath(person, item string) string {
	path := "/confiscate/" + url.PathEscape(person)
	if item != "" {
		path += "?" + url.Values{"item": {item}}.Encode()
	}
	return path
}

// takeData is the form of a confiscation.
type takeData struct {
	Form   *kit.Form
	ID     string
	Name   string
	Exempt bool
	Post   string
	What   []kit.Option
	Reason []kit.Option
	Zone   []kit.Option
	Door   string // where the item is already, or ""
	Ban    ban.Hours
	Free   bool // phones are not banned at the time it was taken
}

// hours looks up when phones are banned on the day that one was taken.
func (d *takeData) hours(of func(time.Time) ban.Hours, taken time.Time) {
	d.Ban = of(taken)
	d.Free = !d.Ban.Holds(taken)
}

func (o *pages) takeData(c echo.Context) (takeData, error) {
	id := c.Param("id")
	if p, ok := o.Config.People.Person(id); !ok || p.Kind != register.Pupil {
		return takeData{}, errs.New(errs.NotFound, "Nobody of that number is known here.", "Look for the name.")
	}
	d := takeData{ID: id, Name: o.pupil(id), Exempt: o.Custody.Exempt(id, o.Now()), Post: takePath(id, c.QueryParam("item")),
		What: kit.Options(desk.Whats, desk.What.Words, nil), Reason: options(desk.Reasons, reasonWords, reasonHints), Zone: kit.Choose(kit.Options(desk.Zones, desk.Zone.Words, nil))}
	if item, err := o.Custody.Item(c.QueryParam("item")); err == nil {
		d.Door = o.place(item.Place)
	}
	return d, nil
}

func (o *pages) takePage(c echo.Context) error {
	d, err := o.takeData(c)
	if err != nil {
		return err
	}
	d.Form = o.NewForm(c, url.Values{"what": {string(desk.Phone)}, "taken": {o.Now().Format(kit.DateTime)}})
	d.hours(o.Ban, o.Now())
	return o.Page(c, http.StatusOK, "case-take", "Confiscate a device", d)
}

func (o *pages) take(c echo.Context) error {
	d, err := o.takeData(c)
	if err != nil {
		return err
	}
	if d.Form, err = o.ReadForm(c); err != nil {
		return err
	}
	f := d.Form
	in := desk.Confiscation{
		Item: c.QueryParam("item"), Whose: d.ID, What: desk.What(f.Get("what")), Reason: desk.Reason(f.Get("reason")), Zone: desk.Zone(f.Get("zone")),
		Taken: o.moment(f, "taken"), Considered: f.Has("considered", "yes"), Despite: f.Has("despite", "yes"), Outside: f.Has("outside", "yes"),
		Account: desk.Account{Room: f.Get("room"), Happened: f.Get("happened"), Condition: f.Get("condition"), Witness: f.Get("witness")},
	}
	if !in.Taken.IsZero() {
		d.hours(o.Ban, in.Taken)
	}
	err = o.Do(c, f, func() (string, error) {
		file, err := o.Custody.Confiscate(c.Request().Context(), o.by(c), in)
		return "/confiscated/" + file.ID, err
	})
	if err != nil {
		return o.Refuse(c, f, err, "case-take", "Confiscate a device", d)
	}
	return nil
}

// takenData is what whoever took a device sees of it.
type takenData struct {
	Form     *kit.Form
	ID       string
	Name     string
	What     string
	Where    string
	Image    bool
	Despite  bool // it can be returned with one tap
	Open     bool
	Outcome  string
	Taken    string
	SeeCase  bool
	ByMyself bool // it is in the hands of the reader

	Advice string // on a device that may be evidence
}

// mine finds a case of the reader's own taking, or any for who may see cases.
func (o *pages) mine(c echo.Context) (desk.Case, error) {
	file, err := o.Custody.Case(c.Param("case"))
	if err != nil || !o.by(c).Follows(file, o.Now()) {
		return desk.Case{}, errNoCase
	}
	return file, nil
}

func (o *pages) takenData(c echo.Context, file desk.Case) takenData {
	item, _ := o.Custody.Item(file.Item)
	return takenData{
		Form: o.NewForm(c, nil), ID: file.ID, Name: o.pupil(file.Whose), What: item.What.Words(), Where: o.place(item.Place),
		Image: file.Facts.Reason.Restricted(), Open: file.Open(), Outcome: outcomeWords[file.Outcome], Taken: o.clock(file.Facts.Taken),
		Despite: desk.MayReturn(file, item, o.Custody.Exempt(file.Whose, o.Now())) == nil && !file.Facts.Reason.Restricted(),
		Advice:  o.Custody.Rules().Seizure.Advice(),
		SeeCase: o.May(c, roles.SeeCases, roles.Target{}), ByMyself: item.Place.Kind == desk.Hands && item.Place.Person == o.Who(c).Person,
	}
}

func (o *pages) takenPage(c echo.Context) error {
	file, err := o.mine(c)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "case-taken", "Confiscation recorded", o.takenData(c, file))
}

func (o *pages) giveBack(c echo.Context) error {
	file, err := o.mine(c)
	if err != nil {
		return err
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	return o.Do(c, f, func() (string, error) {
		return "/confiscated/" + file.ID, o.Custody.Return(c.Request().Context(), o.by(c), file.ID)
	})
}

// mineFor is how long back somebody sees what they have taken.
const mineFor = 14 * 24 * time.Hour

func (o *pages) minePage(c echo.Context) error {
	me, now := o.Who(c).Person, o.Now()
	var list []takenData
	for _, file := range o.Custody.Cases() {
		if file.Facts.Taker == me && now.Sub(file.Opened) < mineFor {
			list = append(list, o.takenData(c, file))
		}
	}
	slices.SortStableFunc(list, func(a, b takenData) int { return rank(a.Open) - rank(b.Open) })
	return o.Page(c, http.StatusOK, "case-mine", "What I have taken", list)
}

// rank puts what is open first.
func rank(open bool) int {
	if open {
		return 0
	}
	return 1
}
