package kit

import (
	"net/http"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// frame is what every page has around its own data.
type frame struct {
	Title  string
	School string
	User   string // as the header names them; "" when nobody is signed in
	Demo   *Demo
	Here   string // the page's own path
	Shared bool   // several people use this computer
	Alarm  string // what everybody should know
	Menu   menu
	Data   any
}

// Page renders the named page for whoever asks.
func (k *Kit) Page(c echo.Context, status int, name, title string, data any) error {
	who := k.Who(c)
	f := frame{Title: title, School: k.School, User: who.Name, Here: c.Request().URL.Path, Data: data}
	if f.User == "" {
		f.User = who.Account
	}
	f.Shared = who.Shared
	if k.Alarm != nil && who.Account != "" {
		f.Alarm = k.Alarm()
	}
	f.Menu = k.menuOf(who, f.Here)
	if k.Demo != nil {
		demo := k.Demo()
		f.Demo = &demo
	}
	return ui.Page(c.Response(), status, k.pages[name], "layout", f)
}

// Text renders one section of a page.
func (k *Kit) Text(page, section string, data any) (string, error) {
	return ui.Text(k.pages[page], section, data)
}

// failurePage shows a failure to a person. It must not need a session: the
// failure may be the session's own.
func (k *Kit) failurePage(w http.ResponseWriter, _ *http.Request, p ui.Problem) error {
	page := k.pages["failure"]
	if page == nil {
		return errs.New(errs.Internal, "There is no page for failures.", "")
	}
	return ui.Page(w, p.Status, page, "layout", frame{Title: p.Title, School: k.School, Data: p})
}
