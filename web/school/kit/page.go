package kit

import (
	"net/http"
	"net/url"

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
	f := k.frame(k.Who(c), c.Request().URL.Path)
	f.Title, f.Data = title, data
	return ui.Page(c.Response(), status, k.pages[name], "layout", f)
}

// frame is what a page at a path has around it for somebody.
func (k *Kit) frame(who Who, here string) frame {
	f := frame{School: k.School, User: who.called(), Here: here, Shared: who.Shared, Menu: k.menuOf(who, here)}
	if k.Alarm != nil && who.Account != "" {
		f.Alarm = k.Alarm()
	}
	if k.Demo != nil {
		demo := k.Demo()
		f.Demo = &demo
	}
	return f
}

// Text renders one section of a page.
func (k *Kit) Text(page, section string, data any) (string, error) {
	return ui.Text(k.pages[page], section, data)
}

// failure is a Problem with the way back.
type failure struct {
	ui.Problem
	Back string // the page it was asked from; "" when nobody knows
}

// failurePage shows a failure to a person, with the menu of whoever asked. It must
// not need a session, and something that is broken inside may be the session's own.
func (k *Kit) failurePage(w http.ResponseWriter, r *http.Request, p ui.Problem) error {
	page := k.pages["failure"]
	if page == nil {
		return errs.New(errs.Internal, "There is no page for failures.", "")
	}
	f := frame{School: k.School}
	if p.Status < http.StatusInternalServerError {
		who, _ := k.Gate.Who(r) // nobody is nobody
		f = k.frame(who, r.URL.Path)
	}
	f.Title, f.Data = p.Title, failure{p, back(r)}
	return ui.Page(w, p.Status, page, "layout", f)
}

// back is the page here from which r was asked for.
func back(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || r.Method == http.MethodGet && from.RequestURI() == r.URL.RequestURI() {
		return ""
	}
	return Here(from.RequestURI())
}
