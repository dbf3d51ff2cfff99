package cases

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// releaseData is the form that hands a device over.
type releaseData struct {
	Form     *kit.Form
	ID, Name string
	Where    string
	Unshut   string // a door that may have it all the same
	From     string // when it may go; "" now
	ToPupil  bool   // the rules let it go to the pupil
	Adults   []kit.Option
	Identity []kit.Option
}

func (o *pages) releaseData(c echo.Context) (releaseData, desk.Case, error) {
	file, item, err := o.file(c)
	if err != nil {
		return releaseData{}, file, err
	}
	d := releaseData{ID: file.ID, Name: o.pupil(file.Whose), Where: o.place(item.Place), ToPupil: o.Custody.Rules().ReleaseTo == policy.ToPupil,
		Identity: options([]desk.Identity{desk.KnownToStaff, desk.PhotoID, desk.ByCode}, identityWords, nil)}
	d.Unshut = o.unshut(item.ID)
	if !o.due(file) {
		end, _ := o.Custody.Ends(file.Opened)
		d.From = o.clock(end)
	}
	for _, a := range o.Config.People.Contacts(file.Whose) {
		d.Adults = append(d.Adults, kit.Option{Value: a.ID, Text: contactName(a)})
	}
	if d.ToPupil {
		d.Adults = append(d.Adults, kit.Option{Value: "pupil", Text: "The pupil"})
	}
	return d, file, nil
}

// contactName is a contact as the list shows them: no restriction, no reason.
func contactName(a register.Contact) string {
	name := strings.Join(strings.Fields(a.Title+" "+a.Given+" "+a.Family), " ")
	return name + ", " + strings.ToLower(a.Relationship)
}

func (o *pages) releasePage(c echo.Context) error {
	d, file, err := o.releaseData(c)
	if err != nil {
		return err
	}
	start := url.Values{}
	if code := c.QueryParam("code"); code != "" {
		if found, err := o.Custody.CaseOfCode(code); err == nil && found.ID == file.ID {
			start = url.Values{"identity": {string(desk.ByCode)}, "code": {code}}
		}
	}
	d.Form = o.NewForm(c, start)
	return o.Page(c, http.StatusOK, "case-release", "Release a device", d)
}

// byCode leads from a scanned one-time code to its release.
func (o *pages) byCode(c echo.Context) error {
	code := c.QueryParam("code")
	file, err := o.Custody.CaseOfCode(code)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/cases/"+file.ID+"/release?"+url.Values{"code": {code}}.Encode())
}

// release puts a release on record and, where the device is behind a door, tells
// the bank to let it out.
func (o *pages) release(c echo.Context) error {
	d, file, err := o.releaseData(c)
	if err != nil {
		return err
	}
	if d.Form, err = o.ReadForm(c); err != nil {
		return err
	}
	f := d.Form
	r := desk.Release{Case: file.ID, To: desk.ToParent, Contact: f.Get("contact"), Identity: desk.Identity(f.Get("identity")),
		Code: f.Get("code"), Signed: desk.Signature{Name: f.Get("name"), Path: f.Get("path")}}
	if r.Contact == "pupil" {
		r.To, r.Contact = desk.ToOwner, ""
	}
	err = o.Do(c, f, func() (string, error) {
		what, err := o.Custody.HandOver(c.Request().Context(), o.by(c), r)
		if err != nil || what.Bank == "" {
			return "/cases/" + file.ID, err
		}
		return o.given(c, "/cases/"+file.ID, what), nil
	})
	if err != nil {
		return o.Refuse(c, f, err, "case-release", "Release a device", d)
	}
	return nil
}

func (o *pages) withdraw(c echo.Context) error {
	return o.tap(c, func(file desk.Case) error { return o.Custody.Withdraw(c.Request().Context(), o.by(c), file.ID) })
}

func (o *pages) seen(c echo.Context) error {
	return o.tap(c, func(file desk.Case) error { return o.Custody.SeeRefusals(c.Request().Context(), o.by(c), file.ID) })
}

// tap does what a form of one button asks for, and shows the case again.
func (o *pages) tap(c echo.Context, do func(desk.Case) error) error {
	file, item, err := o.file(c)
	if err != nil {
		return err
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) { return "/cases/" + file.ID, do(file) })
	return o.refuseFile(c, f, err, file, item)
}

// codeData is the form that makes a one-time code, and the slip that carries it.
type codeData struct {
	Form           *kit.Form
	ID, Name       string
	Adults         []kit.Option
	To             string
	QR             template.HTML
	Text, Until    string
	School, Office string
}

func (o *pages) codeData(c echo.Context) (codeData, desk.Case, error) {
	file, _, err := o.file(c)
	if err != nil {
		return codeData{}, file, err
	}
	d := codeData{ID: file.ID, Name: o.pupil(file.Whose), School: o.Config.School}
	for _, a := range o.Config.People.Contacts(file.Whose) {
		d.Adults = append(d.Adults, kit.Option{Value: a.ID, Text: contactName(a)})
	}
	return d, file, nil
}

func (o *pages) codePage(c echo.Context) error {
	d, _, err := o.codeData(c)
	if err != nil {
		return err
	}
	d.Form = o.NewForm(c, nil)
	return o.Page(c, http.StatusOK, "case-code", "Make a one-time code", d)
}

// code shows a one-time code once. Sending the form again makes another, which
// ends the first.
func (o *pages) code(c echo.Context) error {
	d, file, err := o.codeData(c)
	if err != nil {
		return err
	}
	if d.Form, err = o.ReadForm(c); err != nil {
		return err
	}
	d.Text, err = o.Custody.MakeCode(c.Request().Context(), o.by(c), file.ID, d.Form.Get("contact"))
	if err != nil {
		return o.Refuse(c, d.Form, err, "case-code", "Make a one-time code", d)
	}
	if d.QR, err = ui.QR(d.Text, "One-time code as a QR code"); err != nil {
		return err
	}
	for _, a := range d.Adults {
		if a.Value == d.Form.Get("contact") {
			d.To = a.Text
		}
	}
	d.Until = o.clock(o.Now().Add(desk.CodeLasts))
	c.Response().Header().Set("Cache-Control", "no-store")
	return o.Page(c, http.StatusOK, "case-code-slip", "One-time code", d)
}
