package office

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// mostShown is how many changes a preview tells one by one.
const mostShown = 60

// columns are those chosen in an address or a form, or those guessed.
func (u upload) columns(get func(string) string) attendance.Columns {
	c := u.guess
	for name, at := range map[string]*int{"id": &c.ID, "name": &c.Name, "form": &c.Form, "mark": &c.Mark} {
		if text := get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < -1 || n >= len(u.heading) {
				n = -1
			}
			*at = n
		}
	}
	return c
}

// change is one pupil whose mark a file changes.
type change struct{ ID, Name, From, To string }

// previewData is a file read, and what it would change.
type previewData struct {
	*kit.Form
	Key     string
	Day     time.Time
	Columns attendance.Columns
	Heading []kit.Option
	attendance.Reading
	Codes          []codeLine
	Changes        []change
	More           int // changes not shown
	Total          int // of changes
	Unmentioned    int // pupils the file says nothing of
	Saw            string
	Ready          bool // it could be read by these columns
	AbsentPercent  int
	marks          map[string]attendance.Mark
	Passed         []passed
	ConfirmOptions []kit.Option
}

// codeLine is one code of a file and what it means.
type codeLine struct {
	Code, Words, Mark string
	Count             int
}

// passed are lines of a file that were not used, and why.
type passed struct{ Why, Lines string }

// previewOf reads a file by columns and compares it with what counts now.
func (o *pages) previewOf(f *kit.Form, key string, u upload, columns attendance.Columns) (previewData, error) {
	d := previewData{Form: f, Key: key, Day: noon(u.date), Columns: columns, Heading: []kit.Option{{Value: "-1", Text: "Not in the file"}}}
	for i, h := range u.heading {
		d.Heading = append(d.Heading, kit.Option{Value: number(i), Text: h})
	}
	if !columns.Enough() {
		return d, nil
	}
	pupils := o.pupils()
	r, err := attendance.Read(bytes.NewReader(u.text), columns, pupils)
	if err != nil {
		return d, err
	}
	d.Reading, d.Ready, d.marks = r, true, map[string]attendance.Mark{}
	now := o.Register.Day(u.date)
	for _, p := range pupils {
		mark, said := r.Marks[p.ID]
		switch was := now.Of(p.ID).Register; {
		case !said:
			d.Unmentioned++
		case mark != was:
			d.marks[p.ID] = mark
			if d.Total++; len(d.Changes) < mostShown {
				d.Changes = append(d.Changes, change{p.ID, o.called(p.ID), markWords(was), markWords(mark)})
			}
		}
	}
	d.finish()
	return d, nil
}

func (d *previewData) finish() {
	d.More = d.Total - len(d.Changes)
	d.Saw = digest(d.marks)
	if len(d.Marks) > 0 {
		d.AbsentPercent = d.Absent() * 100 / len(d.Marks)
	}
	d.Codes = codeLines(d.Reading.Codes)
	for why, lines := range map[string][]int{
		"The code is none that schools use":            d.Strange,
		"Nobody of that number or name is on the roll": d.Nobody,
		"More than one pupil has that name":            d.Unclear,
		"The pupil stands twice, with another mark":    d.Twice,
	} {
		if len(lines) > 0 {
			d.Passed = append(d.Passed, passed{why, lineWords(lines)})
		}
	}
	sortPassed(d.Passed)
	d.ConfirmOptions = []kit.Option{{Value: "yes", Text: "It is right: " + number(d.Absent()) + " of " + number(len(d.Marks)) + " are absent"}}
}

func (o *pages) preview(c echo.Context) error {
	u, err := o.files.find(c.Param("key"), o.Who(c).Account)
	if err != nil {
		return err
	}
	columns := u.columns(c.QueryParam)
	d, err := o.previewOf(o.NewForm(c, chosen(columns)), c.Param("key"), u, columns)
	if err != nil {
		return o.Refuse(c, d.Form, err, "attendance-preview", "Attendance from a file", d)
	}
	return o.Page(c, http.StatusOK, "attendance-preview", "Attendance from a file", d)
}

func chosen(c attendance.Columns) url.Values {
	return url.Values{"id": {number(c.ID)}, "name": {number(c.Name)}, "form": {number(c.Form)}, "mark": {number(c.Mark)}}
}

func (o *pages) useFile(c echo.Context) error {
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	key := c.Param("key")
	u, err := o.files.find(key, o.Who(c).Account)
	if err != nil {
		return err
	}
	d, err := o.previewOf(f, key, u, u.columns(f.Get))
	if err == nil {
		err = o.Do(c, f, func() (string, error) {
			if err := d.mayUse(f); err != nil {
				return "", err
			}
			say := saying{date: u.date, how: attendance.ByFile, register: d.marks}
			return attendancePath(u.date.String()), o.say(c, say)
		})
	}
	if err != nil {
		f.Values["id"], f.Values["name"] = chosen(d.Columns)["id"], chosen(d.Columns)["name"]
		return o.Refuse(c, f, err, "attendance-preview", "Attendance from a file", d)
	}
	return nil
}

// mayUse refuses a file that was not looked at as it is, or is likely the wrong
// one.
func (d previewData) mayUse(f *kit.Form) error {
	switch {
	case !d.Ready:
		return errs.At("mark", "Choose the column with the marks, and one that tells the pupil.", "")
	case len(d.marks) == 0:
		return errs.New(errs.Conflict, "The file changes nothing.", "Nothing more is needed.")
	case f.Get("saw") != d.Saw:
		return errs.New(errs.Conflict, "The attendance has changed since you looked.", "Look over the changes below and send it again.")
	case d.Doubtful() && f.Get("sure") != "yes":
		return errs.At("sure", "More than 40 % would be absent: say that it is right.", "The wrong column looks the same.")
	}
	return nil
}
