package safeguarding

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/labstack/echo/v4"
)

// listData is the list of files, and what there is of each sort.
type listData struct {
	New, Open, Closed []row
	Late              int // steps of open files that are late
	Locked            bool
	Trends            []trend
	Gaps              []string
	Year              string
}

// row is one file in the list.
type row struct {
	Href, Title, About, Raised, State string
	Late                              int
}

// trend is how many files of a sort were raised this school year and last.
type trend struct {
	Category         string
	This, Last, Open int
}

const maxClosed = 50 // shown

func (o *pages) listPage(c echo.Context) error {
	d := listData{Locked: o.Book.Locked()}
	for _, f := range o.Book.Files(o.by(c)) {
		r := o.row(f)
		switch {
		case !f.Open():
			if len(d.Closed) < maxClosed {
				d.Closed = append(d.Closed, r)
			}
		case !f.Acknowledged.Some():
			d.New = append(d.New, r)
		default:
			d.Open = append(d.Open, r)
			d.Late += r.Late
		}
	}
	o.trends(&d)
	return o.Page(c, http.StatusOK, "safeguarding", "Safeguarding", d)
}

// title is what people call a file.
func title(f concern.File) string {
	words := f.Category.Words()
	if f.Sealed {
		words = "locked"
	}
	return f.Ref() + ": " + words
}

func (o *pages) row(f concern.File) row {
	r := row{Href: "/safeguarding/" + f.ID, Title: title(f), About: o.about(f), Raised: o.clock(f.Raised.At)}
	for _, l := range f.Steps {
		if l.Late(o.Now()) {
			r.Late++
		}
	}
	switch {
	case !f.Open():
		r.State = f.Outcome.Words() + ", " + o.day(f.Closed.At)
	case f.Acknowledged.Some():
		r.State = o.person(f.Acknowledged.Person) + " has it in hand"
	default:
		r.State = "Nobody has it in hand yet"
	}
	return r
}

func (o *pages) about(f concern.File) string {
	var names []string
	for _, p := range f.About {
		names = append(names, o.person(p))
	}
	if len(names) == 0 {
		return "Nobody named"
	}
	return strings.Join(names, ", ")
}

// trends compares the school year with the last one, up to the same day, and says
// of which sorts there is nothing at all.
func (o *pages) trends(d *listData) {
	now := o.Now()
	begin := time.Date(now.Year(), time.September, 1, 0, 0, 0, 0, now.Location())
	if now.Before(begin) {
		begin = begin.AddDate(-1, 0, 0)
	}
	d.Year = begin.Format("2 January 2006")
	this, last := o.Book.Counts(begin, now.Add(time.Second)), o.Book.Counts(begin.AddDate(-1, 0, 0), now.AddDate(-1, 0, 0))
	sum := func(list []concern.Count, cat concern.Category) (n int) {
		for _, one := range list {
			if one.Category == cat {
				n += one.N
			}
		}
		return n
	}
	for _, cat := range concern.Categories {
		t := trend{Category: cat.Words(), This: sum(this, cat), Last: sum(last, cat)}
		t.Open = sum(slices.DeleteFunc(slices.Clone(this), func(n concern.Count) bool { return n.Outcome != "" }), cat)
		if t.This+t.Last == 0 {
			d.Gaps = append(d.Gaps, t.Category)
			continue
		}
		d.Trends = append(d.Trends, t)
	}
}
