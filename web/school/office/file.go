package office

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// The limits of files of marks.
const (
	maxUpload  = attendance.MaxBytes + 64<<10 // bytes of the form around it
	mostFiles  = 8                            // looked at and not used yet
	filesLast  = 15 * time.Minute             // machine time
	mostShown  = 60                           // changes told one by one
	mostPassed = 20                           // lines passed over that are named
)

// files are those being looked at: in memory only, each for whoever sent it.
type files struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]upload
}

type upload struct {
	account string
	date    school.Date
	text    []byte
	heading []string
	guess   attendance.Columns
	until   time.Time
}

func (f *files) keep(u upload) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil {
		f.kept = map[string]upload{}
	}
	u.until = f.now().Add(filesLast)
	for key, old := range f.kept {
		if old.account == u.account || f.now().After(old.until) { // one file at a time
			delete(f.kept, key)
		}
	}
	for oldest := ""; len(f.kept) >= mostFiles; oldest = "" {
		for key, old := range f.kept {
			if oldest == "" || old.until.Before(f.kept[oldest].until) {
				oldest = key
			}
		}
		delete(f.kept, oldest)
	}
	key := strings.ToLower(rand.Text())
	f.kept[key] = u
	return key
}

func (f *files) find(key, account string) (upload, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	u, ok := f.kept[key]
	if !ok || u.account != account || f.now().After(u.until) {
		return upload{}, errs.New(errs.NotFound, "That file is not kept any more.", "Choose it again on the page of attendance.")
	}
	return u, nil
}

// fileData is the form that takes a file.
type fileData struct {
	*kit.Form
	Date string
	Day  time.Time
}

func (o *pages) filePage(c echo.Context) error {
	date, err := o.date(c.QueryParam("day"))
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "attendance-file", "Attendance from a file", fileData{o.NewForm(c, nil), date.String(), noon(date)})
}

func (o *pages) takeFile(c echo.Context) error {
	f, err := o.ReadForm(c)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		today := school.DateOf(o.Now())
		f = o.NewForm(c, nil)
		return o.Refuse(c, f, tooLarge(), "attendance-file", "Attendance from a file", fileData{f, today.String(), noon(today)})
	}
	if err != nil {
		return err
	}
	date, err := o.date(f.Get("day"))
	if err != nil {
		return err
	}
	u := upload{account: o.Who(c).Account, date: date}
	if u.text, err = sent(c, f); err == nil {
		u.heading, u.guess, err = attendance.Heading(bytes.NewReader(u.text))
	}
	if err != nil {
		return o.Refuse(c, f, err, "attendance-file", "Attendance from a file", fileData{f, date.String(), noon(date)})
	}
	return c.Redirect(http.StatusSeeOther, "/attendance/file/"+o.files.keep(u))
}

func tooLarge() error {
	return errs.At("file", "The file is larger than 1 MB.", "Export one session of one day.")
}

// sent is the file of a form, or the text pasted instead. Errors: invalid.
func sent(c echo.Context, f *kit.Form) ([]byte, error) {
	text := []byte(f.Values.Get("pasted"))
	file, _, err := c.Request().FormFile("file")
	if err == nil {
		defer file.Close()
		read, err := io.ReadAll(io.LimitReader(file, attendance.MaxBytes+1))
		if err != nil {
			return nil, err
		}
		if len(read) > 0 {
			text = read
		}
	}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, errs.At("file", "Choose a file, or paste its text.", "")
	case len(text) > attendance.MaxBytes:
		return nil, tooLarge()
	}
	return text, nil
}

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
