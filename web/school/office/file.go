package office

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// maxUpload is how many bytes the form around a file of marks has.
const maxUpload = attendance.MaxBytes + 64<<10

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
