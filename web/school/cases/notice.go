package cases

import (
	"net/http"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// noticeData is the form that prepares a notice.
type noticeData struct {
	Form     *kit.Form
	ID, Name string
	Adults   []kit.Option
	School   string
	From     string // when the device may be collected
}

func (o *pages) noticeData(c echo.Context) (noticeData, desk.Case, error) {
	file, _, err := o.file(c)
	if err != nil {
		return noticeData{}, file, err
	}
	d := noticeData{ID: file.ID, Name: o.pupil(file.Whose), School: o.Config.School}
	for _, a := range o.Config.People.Contacts(file.Whose) {
		if desk.MayReceive(o.Config.People.Contacts(file.Whose), a.ID) == nil {
			d.Adults = append(d.Adults, kit.Option{Value: a.ID, Text: contactName(a)})
		}
	}
	if end, school := o.Custody.Ends(file.Opened); school {
		d.From = o.clock(end)
	}
	return d, file, nil
}

func (o *pages) noticePage(c echo.Context) error {
	d, _, err := o.noticeData(c)
	if err != nil {
		return err
	}
	if o.Notices == nil {
		return c.Redirect(http.StatusSeeOther, "/cases/"+d.ID+"/slip")
	}
	d.Form = o.NewForm(c, nil)
	return o.Page(c, http.StatusOK, "case-notice", "Prepare a notice", d)
}

// notice prepares a notice; it is sent by another tap.
func (o *pages) notice(c echo.Context) error {
	d, file, err := o.noticeData(c)
	if err != nil {
		return err
	}
	if o.Notices == nil {
		return errNoMail
	}
	if d.Form, err = o.ReadForm(c); err != nil {
		return err
	}
	end, _ := o.Custody.Ends(file.Opened)
	template := "come-to-office"
	if days, _ := o.uncollected(file, o.Now()); days > 0 {
		template = "come-again"
	}
	err = o.Do(c, d.Form, func() (string, error) {
		if d.Form.Get("contact") == "" {
			return "", errs.At("contact", "It is not said who is to be told.", "Choose an adult.")
		}
		_, err := o.Notices.Prepare(c.Request().Context(), o.Who(c).Account, notify.Request{
			About: file.ID, Template: template, Pupil: file.Whose, Contact: d.Form.Get("contact"), Time: end, Paper: d.Form.Has("paper", "yes"),
		})
		return "/cases/" + file.ID, err
	})
	if err != nil {
		return o.Refuse(c, d.Form, err, "case-notice", "Prepare a notice", d)
	}
	return nil
}

var errNoMail = errs.New(errs.Unavailable, "This school sends no notices from here.", "Print the slip.")

// send sends a notice of this case that was prepared.
func (o *pages) send(c echo.Context) error {
	return o.tap(c, func(file desk.Case) error {
		n, err := o.noticeOf(c, file)
		if err != nil {
			return err
		}
		return o.Notices.Send(c.Request().Context(), o.Who(c).Actor, n.ID)
	})
}

// paperData is a notice on paper.
type paperData struct {
	Form     *kit.Form
	ID, Name string
	Notice   string
	Text     string
	Printed  bool
}

// paperPage shows a notice to print.
func (o *pages) paperPage(c echo.Context) error {
	file, _, err := o.file(c)
	if err != nil {
		return err
	}
	n, err := o.noticeOf(c, file)
	if err != nil {
		return err
	}
	text, err := o.Slips.Slip(c.Request().Context(), n.ID)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "case-paper", "Notice to print", paperData{Form: o.NewForm(c, nil), ID: file.ID, Name: o.pupil(file.Whose),
		Notice: n.ID, Text: text.Text, Printed: n.State != notify.Prepared})
}

// printed records that a notice is on paper.
func (o *pages) printed(c echo.Context) error {
	return o.tap(c, func(file desk.Case) error {
		n, err := o.noticeOf(c, file)
		if err != nil {
			return err
		}
		return o.Slips.Printed(c.Request().Context(), o.Who(c).Actor, n.ID)
	})
}

// noticeOf finds the notice in the path among those of a case.
func (o *pages) noticeOf(c echo.Context, file desk.Case) (notify.Notice, error) {
	if o.Notices == nil {
		return notify.Notice{}, errNoMail
	}
	for _, n := range o.Notices.Of(file.ID) {
		if n.ID == c.Param("notice") {
			return n, nil
		}
	}
	return notify.Notice{}, errs.New(errs.NotFound, "There is no such notice about this case.", "Look at the case.")
}

func (o *pages) slipPage(c echo.Context) error {
	d, _, err := o.noticeData(c)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "case-slip", "Slip for parents", d)
}
