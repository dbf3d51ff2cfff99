package apple

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

type pushData struct {
	Form         *kit.Form
	Has          bool
	Topic, Until string
	Left         int
	Account      string
	Asked        string
	Signed       bool
	Tag          tag
	Fault        string // why devices cannot be woken
}

func pushTag(has enrol.Push, now time.Time) tag {
	switch left := has.Until.Sub(now); {
	case has.Topic == "":
		return tagTodo
	case left <= 0:
		return tagWrong
	case left < enrol.Soon:
		return tagLook
	}
	return tagDone
}

func pushWords(has enrol.Push, now time.Time, until string) string {
	if has.Topic == "" {
		return "By it Apple lets this school, and nobody else, wake its iPads."
	}
	return fmt.Sprintf("Good until %s, for %d more days.", until, has.Left(now))
}

func (p *pages) pushData(f *kit.Form) (pushData, error) {
	has, err := p.Office.Push()
	if err != nil {
		return pushData{}, err
	}
	d := pushData{Form: f, Has: has.Topic != "", Topic: has.Topic, Until: p.day(has.Until), Left: has.Left(p.Machine()), Account: has.Account,
		Asked: p.moment(has.Asked), Signed: has.Signed, Tag: pushTag(has, p.Machine())}
	h, err := p.Gate.Health()
	d.Fault = h.Fault
	return d, err
}

func (p *pages) push(c echo.Context) error {
	start := url.Values{}
	if has, err := p.Office.Push(); err == nil {
		start.Set("account", has.Account)
	}
	d, err := p.pushData(p.NewForm(c, start))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "ipads-push", "Push certificate", d)
}

// takePush does what one of the buttons asks for: make a request, take in what the
// vendor or what Apple made of it.
func (p *pages) takePush(c echo.Context) error {
	return p.done(c, "ipads-push", "Push certificate", func(f *kit.Form) (any, error) { return p.pushData(f) }, func(f *kit.Form) (string, error) {
		return "/ipads/push", p.pushStep(c, f)
	})
}

func (p *pages) pushStep(c echo.Context, f *kit.Form) error {
	switch f.Get("do") {
	case "request":
		return p.Office.Request()
	case "signed":
		file, err := upload(c, "signed")
		if err != nil {
			return err
		}
		return p.Office.TakeSigned(file)
	}
	file, err := upload(c, "certificate")
	if err != nil {
		return err
	}
	if err := p.Office.TakePush(c.Request().Context(), file, f.Get("account")); err != nil {
		return err
	}
	has, err := p.Office.Push()
	if err != nil {
		return err
	}
	return p.Register.TakePush(c.Request().Context(), p.Who(c).Account, has.Topic, has.Until)
}

func (p *pages) requestFile(c echo.Context) error {
	b, err := p.Office.CSR()
	return download(c, "bellkeep-push.csr", "application/pkcs10", b, err)
}

func (p *pages) signedFile(c echo.Context) error {
	b, err := p.Office.Signed()
	return download(c, "bellkeep-push.plist", "application/octet-stream", b, err)
}
