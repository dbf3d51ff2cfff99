package school

import (
	"net/http"

	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// frame is what every page has around its own data.
type frame struct {
	Title  string
	School string
	User   string
	Demo   *Demo
	Data   any
}

// page renders the named page for whoever asks.
func (o *office) page(c echo.Context, status int, name, title string, data any) error {
	return o.render(c.Response(), c.Request(), status, name, title, data)
}

func (o *office) render(w http.ResponseWriter, r *http.Request, status int, name, title string, data any) error {
	f := frame{Title: title, School: o.School, User: o.sessions.GetString(r.Context(), userKey), Data: data}
	if o.Demo != nil {
		demo := o.Demo()
		f.Demo = &demo
	}
	return ui.Page(w, status, o.pages[name], "layout", f)
}

// failurePage shows a failure to a person. It must not need a session: the
// failure may be the session's own.
func (o *office) failurePage(w http.ResponseWriter, _ *http.Request, p ui.Problem) error {
	return ui.Page(w, p.Status, o.pages["failure"], "layout", frame{Title: p.Title, School: o.School, Data: p})
}
