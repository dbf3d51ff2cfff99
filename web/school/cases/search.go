package cases

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// recordData is a form that adds a record to a case.
type recordData struct {
	Form     *kit.Form
	ID, Name string
	Post     string
	Of       []kit.Option
	Consent  []kit.Option
	Entry    entry // with a correction: what it is about
}

// recordPage shows one of these forms; recordForm reads it.
func (o *pages) recordPage(c echo.Context, page, title string, start url.Values) error {
	d, _, err := o.recordData(c)
	if err != nil {
		return err
	}
	d.Form = o.NewForm(c, start)
	return o.Page(c, http.StatusOK, page, title, d)
}

func (o *pages) recordForm(c echo.Context, page, title string, do func(f *kit.Form, file desk.Case) error) error {
	d, file, err := o.recordData(c)
	if err != nil {
		return err
	}
	if d.Form, err = o.ReadForm(c); err != nil {
		return err
	}
	err = o.Do(c, d.Form, func() (string, error) { return "/cases/" + file.ID, do(d.Form, file) })
	if err != nil {
		return o.Refuse(c, d.Form, err, page, title, d)
	}
	return nil
}

func (o *pages) recordData(c echo.Context) (recordData, desk.Case, error) {
	file, _, err := o.file(c)
	if err != nil {
		return recordData{}, file, err
	}
	d := recordData{ID: file.ID, Name: o.pupil(file.Whose), Post: c.Request().URL.RequestURI(), Of: options(desk.Searches, searchWords, nil),
		Consent: options([]desk.Consent{desk.PupilsConsent, desk.ParentsConsent}, consentWords, nil)}
	if slices.Contains(o.Custody.Rules().Search.Statutory, o.Who(c).Person) {
		d.Consent = append(d.Consent, kit.Option{Value: string(desk.Statutory), Text: consentWords[desk.Statutory]})
	}
	return d, file, nil
}

const (
	searchTitle   = "Record a search"
	deletionTitle = "Record a deletion"
	noteTitle     = "Add a note"
	correctTitle  = "Add a correction"
)

func (o *pages) searchPage(c echo.Context) error {
	return o.recordPage(c, "case-search", searchTitle, url.Values{"at": {o.Now().Format(kit.DateTime)}})
}

func (o *pages) search(c echo.Context) error {
	return o.recordForm(c, "case-search", searchTitle, func(f *kit.Form, file desk.Case) error {
		if f.Get("parents_told") != "" && o.moment(f, "parents_told").IsZero() {
			return errs.At("parents_told", "This is no date and time.", "Leave it empty if they have not been told yet.")
		}
		return o.Custody.RecordSearch(c.Request().Context(), o.by(c), file.ID, desk.Search{
			Of: desk.Searched(f.Get("of")), At: o.moment(f, "at"), Where: f.Get("where"), Why: f.Get("why"), LookedFor: f.Get("looked_for"),
			Scope: f.Get("scope"), Found: f.Get("found"), Witness: f.Get("witness"), Consent: desk.Consent(f.Get("consent")),
			ConsentBy: f.Get("consent_by"), ConsentHow: f.Get("consent_how"), ConsentAt: o.moment(f, "consent_at"), ParentsTold: o.moment(f, "parents_told"),
		})
	})
}

func (o *pages) deletionPage(c echo.Context) error {
	return o.recordPage(c, "case-deletion", deletionTitle, url.Values{"at": {o.Now().Format(kit.DateTime)}})
}

func (o *pages) deletion(c echo.Context) error {
	return o.recordForm(c, "case-deletion", deletionTitle, func(f *kit.Form, file desk.Case) error {
		return o.Custody.RecordDeletion(c.Request().Context(), o.by(c), file.ID, desk.Deletion{
			What: f.Get("what"), At: o.moment(f, "at"), Witness: f.Get("witness"), Consent: desk.Consent(f.Get("consent")),
			ConsentBy: f.Get("consent_by"), ConsentHow: f.Get("consent_how"), ConsentAt: o.moment(f, "consent_at"),
		})
	})
}

func (o *pages) notePage(c echo.Context) error { return o.recordPage(c, "case-note", noteTitle, nil) }

func (o *pages) note(c echo.Context) error {
	return o.recordForm(c, "case-note", noteTitle, func(f *kit.Form, file desk.Case) error {
		return o.Custody.AddNote(c.Request().Context(), o.by(c), file.ID, f.Has("condition", "yes"), f.Get("text"))
	})
}

func (o *pages) correctPage(c echo.Context) error {
	return o.recordPage(c, "case-correct", correctTitle, url.Values{"corrects": {c.QueryParam("entry")}})
}

func (o *pages) correct(c echo.Context) error {
	return o.recordForm(c, "case-correct", correctTitle, func(f *kit.Form, file desk.Case) error {
		n, err := strconv.Atoi(f.Get("corrects"))
		if err != nil {
			return errs.At("corrects", "This is no number of an entry.", "Look at the numbers on the case.")
		}
		return o.Custody.Correct(c.Request().Context(), o.by(c), file.ID, n, f.Get("text"))
	})
}
