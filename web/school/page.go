package school

import (
	"html/template"
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
	Here   string // the page's own path
	Menu   []link
	Data   any
}

// page renders the named page for whoever asks.
func (o *office) page(c echo.Context, status int, name, title string, data any) error {
	r := c.Request()
	f := frame{Title: title, School: o.School, User: o.user(c), Here: r.URL.Path, Data: data}
	if f.User != "" {
		f.Menu = o.menu()
	}
	if o.Demo != nil {
		demo := o.Demo()
		f.Demo = &demo
	}
	return ui.Page(c.Response(), status, o.pages[name], "layout", f)
}

// menu leads to every page that is not about one thing.
func (o *office) menu() []link {
	list := []link{{Href: "/", Text: "Today"}, {Href: "/bars", Text: "Stops and holds"}}
	if o.Devices != nil {
		list = append(list, link{Href: "/devices", Text: "Devices"})
	}
	if o.Cards != nil {
		list = append(list, link{Href: "/badges", Text: "Badges"})
	}
	return append(list, link{Href: "/print", Text: "List to print"})
}

// user is the account that is signed in, or "".
func (o *office) user(c echo.Context) string {
	return o.sessions.GetString(c.Request().Context(), userKey)
}

// failurePage shows a failure to a person. It must not need a session: the
// failure may be the session's own.
func (o *office) failurePage(w http.ResponseWriter, _ *http.Request, p ui.Problem) error {
	return ui.Page(w, p.Status, o.pages["failure"], "layout", frame{Title: p.Title, School: o.School, Data: p})
}

// funcs are what templates may call.
func (o *office) funcs(assets *ui.Assets) template.FuncMap {
	funcs := ui.Funcs(assets)
	funcs["doorWords"] = doorWords
	funcs["formPath"] = formPath
	return funcs
}

// pageNames are the pages; each has a template of that name.
var pageNames = []string{
	"day", "bank", "door", "form", "person", "bars", "bar", "stop", "hold", "open", "opened",
	"devices", "device", "badges", "badge", "print", "sign-in", "failure",
}

// parsePages reads every page of its own set: layout, sections and the page.
func parsePages(funcs template.FuncMap) (map[string]*template.Template, error) {
	common, err := template.New("").Funcs(funcs).
		ParseFS(templateFiles, "templates/layout.html", "templates/sections/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, name := range pageNames {
		set, err := common.Clone()
		if err != nil {
			return nil, err
		}
		if pages[name], err = set.ParseFS(templateFiles, "templates/"+name+".html"); err != nil {
			return nil, err
		}
	}
	return pages, nil
}
