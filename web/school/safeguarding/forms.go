package safeguarding

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// formData is a page with one form about a file.
type formData struct {
	Form  *kit.Form
	What  string
	Title string
	File  string // as people call it
	Back  string
	Post  string
	About string // what the form is about: a step, an entry
	Hint  string

	States, Kinds, Sorts, Areas, Outcomes, People, Devices []kit.Option
}

// work is something to be done about a file.
type work struct {
	title string
	// fill begins its form; nil for a mere button.
	fill func(o *pages, d *formData, f concern.File, c echo.Context) url.Values
	do   func(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, c echo.Context) error
}

// works are all of them, by what stands in the address.
var works = map[string]work{
	"acknowledge": {"I have it in hand", nil, func(ctx context.Context, o *pages, by desk.By, id string, _ *kit.Form, _ echo.Context) error {
		return o.Book.Acknowledge(ctx, by, id)
	}},
	"step":     {"A step of the checklist", fillStep, doStep},
	"entry":    {"Write into the file", fillEntry, doEntry},
	"correct":  {"Correct an entry", fillCorrect, doCorrect},
	"plan":     {"Plan an action", fillPlan, doPlan},
	"did":      {"What came of an action", fillDid, doDid},
	"sort":     {"What sort of concern, and about whom", fillSort, doSort},
	"bring":    {"The device is in my hands now", fillBring, doBring},
	"attach":   {"Put a device of the school’s custody into the file", fillAttach, doAttach},
	"deletion": {"Copies were deleted", fillDeletion, doDeletion},
	"close":    {"Close the file", fillClose, doClose},
	"reopen":   {"Reopen the file", fillReopen, doReopen},
}

var errNoForm = errs.New(errs.NotFound, "There is no such form.", "Go back to the file.")

func (o *pages) formPage(c echo.Context) error {
	w, f, d, err := o.form(c)
	if err != nil {
		return err
	}
	if w.fill == nil {
		return errNoForm
	}
	d.Form = o.NewForm(c, w.fill(o, &d, f, c))
	return o.Page(c, http.StatusOK, "safeguarding-form", d.Title, d)
}

func (o *pages) form(c echo.Context) (work, concern.File, formData, error) {
	w, ok := works[c.Param("what")]
	if !ok {
		return w, concern.File{}, formData{}, errNoForm
	}
	f, err := o.Book.File(o.by(c), c.Param("file"))
	d := formData{What: c.Param("what"), Title: w.title, File: title(f), Back: "/safeguarding/" + f.ID, Post: c.Request().URL.RequestURI()}
	return w, f, d, err
}

func (o *pages) do(c echo.Context) error {
	w, f, d, err := o.form(c)
	if err != nil {
		return err
	}
	if d.Form, err = o.ReadForm(c); err != nil {
		return err
	}
	err = o.Do(c, d.Form, func() (string, error) {
		return d.Back, w.do(c.Request().Context(), o, o.by(c), f.ID, d.Form, c)
	})
	switch {
	case err != nil && w.fill == nil:
		return err
	case err != nil:
		w.fill(o, &d, f, c)
		return o.Refuse(c, d.Form, err, "safeguarding-form", d.Title, d)
	}
	return nil
}

// date reads a day out of a form: its end. Zero when it is none.
func (o *pages) date(f *kit.Form, name string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, f.Get(name), o.Now().Location())
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1).Add(-time.Minute)
}

func whole(c echo.Context, name string) int {
	n, _ := strconv.Atoi(c.QueryParam(name)) // no number is none that there is
	return n
}

// fillStep chooses nothing for a step that is open: a button pressed too soon must
// not put on record that the police were told.
func fillStep(o *pages, d *formData, f concern.File, c echo.Context) url.Values {
	d.States = kit.Options([]concern.State{concern.Done, concern.NotNeeded, concern.Todo}, func(s concern.State) string { return stateWords[s] },
		map[concern.State]string{concern.Todo: "With the day until which it is to be done"})
	s, _ := concern.StepOf(c.QueryParam("step"))
	d.About = s.Text
	begin := url.Values{"until": {o.Now().AddDate(0, 0, 1).Format(time.DateOnly)}}
	for _, l := range f.Steps {
		if l.ID == s.ID && l.State != concern.Todo {
			begin.Set("state", string(l.State))
			begin.Set("ref", l.Ref)
			begin.Set("why", l.Why)
		}
	}
	return begin
}

func doStep(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, c echo.Context) error {
	return o.Book.Set(ctx, by, id, c.QueryParam("step"), concern.State(f.Get("state")), o.date(f, "until"), f.Get("ref"), f.Get("why"))
}

func fillEntry(_ *pages, d *formData, _ concern.File, c echo.Context) url.Values {
	d.Kinds = kit.Options(concern.Kinds, func(k concern.Kind) string { return kindWords[k] }, kindHints)
	kind := c.QueryParam("kind")
	if kind == "" {
		kind = string(concern.Note)
	}
	return url.Values{"kind": {kind}}
}

func doEntry(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, _ echo.Context) error {
	return o.Book.Write(ctx, by, id, concern.Kind(f.Get("kind")), f.Get("text"), f.Get("ref"))
}

func fillCorrect(_ *pages, d *formData, f concern.File, c echo.Context) url.Values {
	for _, e := range f.Entries {
		if e.N == whole(c, "entry") {
			d.About = "Entry " + number(e.N) + ", " + recordWords(e) + ": " + cmp.Or(e.Text, "no text") + ". It stays as it is; your correction stands beside it."
		}
	}
	return nil
}

func doCorrect(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, c echo.Context) error {
	return o.Book.Correct(ctx, by, id, whole(c, "entry"), f.Get("text"))
}

func fillPlan(o *pages, _ *formData, _ concern.File, _ echo.Context) url.Values {
	return url.Values{"due": {o.Now().AddDate(0, 0, 7).Format(time.DateOnly)}}
}

func doPlan(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, _ echo.Context) error {
	return o.Book.Plan(ctx, by, id, f.Get("what"), f.Get("owner"), o.date(f, "due"))
}

func fillDid(_ *pages, d *formData, f concern.File, c echo.Context) url.Values {
	for _, a := range f.Actions {
		if a.N == whole(c, "action") {
			d.About = a.Text + " (" + a.Owner + ")"
		}
	}
	return nil
}

func doDid(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, c echo.Context) error {
	return o.Book.Did(ctx, by, id, whole(c, "action"), f.Get("came"))
}

func fillSort(o *pages, d *formData, f concern.File, c echo.Context) url.Values {
	d.Sorts = kit.Options(concern.Categories, concern.Category.Words, nil)
	d.Areas = append([]kit.Option{{Text: concern.NoArea.Words()}}, kit.Options(concern.Areas, concern.Area.Words, nil)...)
	d.About = o.about(f)
	d.People = []kit.Option{{Text: "Nobody else"}}
	if q := c.QueryParam("q"); q != "" {
		found := o.Config.People.Search(q)
		for _, p := range found[:min(maxFound, len(found))] {
			d.People = append(d.People, kit.Option{Value: p.ID, Text: o.person(p.ID)})
		}
	}
	return url.Values{"category": {string(f.Category)}, "area": {string(f.Area)}}
}

func doSort(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, _ echo.Context) error {
	var about []string
	if p := f.Get("about"); p != "" {
		about = []string{p}
	}
	return o.Book.Sort(ctx, by, id, concern.Category(f.Get("category")), concern.Area(f.Get("area")), about, f.Get("why"))
}

func fillBring(o *pages, d *formData, f concern.File, _ echo.Context) url.Values {
	for _, p := range f.About {
		d.People = append(d.People, kit.Option{Value: p, Text: o.person(p)})
	}
	d.People = append(d.People, kit.Option{Text: "Nobody knows"})
	d.Devices = kit.Options(desk.Whats, desk.What.Words, nil)
	whose := ""
	if len(f.About) > 0 {
		whose = f.About[0]
	}
	return url.Values{"whose": {whose}, "what": {string(desk.Phone)}}
}

func doBring(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, _ echo.Context) error {
	return o.Book.Bring(ctx, by, id, f.Get("whose"), desk.What(f.Get("what")))
}

func fillAttach(o *pages, d *formData, f concern.File, _ echo.Context) url.Values {
	for _, i := range o.Custody.Items() {
		if whose := i.Whose; f.Is(whose) || whose == "" {
			d.Devices = append(d.Devices, kit.Option{Value: i.ID, Text: i.What.Words() + ", " + o.place(i.Place), Hint: o.clock(i.Since)})
		}
	}
	return nil
}

func doAttach(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, _ echo.Context) error {
	return o.Book.Attach(ctx, by, id, f.Get("item"))
}

func fillDeletion(_ *pages, _ *formData, _ concern.File, _ echo.Context) url.Values { return nil }

func doDeletion(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, _ echo.Context) error {
	return o.Book.Deleted(ctx, by, id, f.Get("what"), f.Get("allowed"))
}

func fillClose(_ *pages, d *formData, _ concern.File, _ echo.Context) url.Values {
	d.Outcomes = kit.Options(concern.Outcomes, concern.Outcome.Words, nil)
	return nil
}

func doClose(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, _ echo.Context) error {
	return o.Book.Close(ctx, by, id, concern.Outcome(f.Get("outcome")), f.Get("said"))
}

func fillReopen(_ *pages, _ *formData, _ concern.File, _ echo.Context) url.Values { return nil }

func doReopen(ctx context.Context, o *pages, by desk.By, id string, f *kit.Form, _ echo.Context) error {
	return o.Book.Reopen(ctx, by, id, f.Get("why"))
}
