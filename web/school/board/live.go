package board

import (
	"cmp"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

const retryAfter = time.Second

// livePage is a page that follows the school.
type livePage struct {
	name, title string
	query       url.Values // what tells it from others of that name
	reader      string     // set when it differs from one reader to the next
	draw        func(*scene) (page any, parts []part)
}

// part is a section of a live page, rendered anew whenever it changes.
type part struct {
	name     string // of its events
	template string
	data     any

	text template.HTML // what the template gave before; "" to be rendered
	of   string        // the part it stands in; "" for none
	key  string        // of a part with others in it: it is sent when this changes
}

// parts are sections of which each has its template's name and the same data.
func parts(data any, names ...string) []part {
	list := make([]part, len(names))
	for i, name := range names {
		list[i] = part{name: name, template: name, data: data}
	}
	return list
}

// pageMaker reads a page from a request's path or query parameters. Its errors
// are about the page: there is no such thing, or not any more.
type pageMaker func(get func(string) string, who reader, s *scene) (livePage, error)

// reader is who looks at a page.
type reader struct {
	kit.Who
	may func(p roles.Permission, person string) bool // whether they may do p to somebody
}

func (o *pages) reader(who kit.Who) reader {
	return reader{who, func(p roles.Permission, person string) bool { return o.Allows(who, p, o.Person(person)) }}
}

// liveRoute is a page that follows the school: the same permission guards the
// page and its stream.
type liveRoute struct {
	name, path string
	permission roles.Permission
	on         func(get func(string) string) roles.Target // nil: the school as a whole
	make       pageMaker
}

// route is the page itself.
func (o *pages) route(l liveRoute) kit.Route {
	return kit.Route{Method: http.MethodGet, Path: l.path, Permission: l.permission, On: l.target(param), Handle: o.live(l.make)}
}

func (l liveRoute) target(of func(echo.Context) func(string) string) func(echo.Context) roles.Target {
	if l.on == nil {
		return nil
	}
	return func(c echo.Context) roles.Target { return l.on(of(c)) }
}

// liveData is what the template of a live page gets.
type liveData struct {
	Stream   string // the address of its events
	Self     string // its own address
	Sections map[string]template.HTML
	Page     any
}

// live answers with the whole page.
func (o *pages) live(makePage pageMaker) echo.HandlerFunc {
	return func(c echo.Context) error { return o.livePage(c, http.StatusOK, makePage) }
}

func (o *pages) livePage(c echo.Context, status int, makePage pageMaker) error {
	s := o.scene(0)
	p, err := makePage(param(c), o.reader(o.Who(c)), s)
	if err != nil {
		return err
	}
	sheet := o.sheet(s, p)
	if sheet.err != nil {
		return sheet.err
	}
	query := maps.Clone(p.query)
	if query == nil {
		query = url.Values{}
	}
	query.Set("page", p.name)
	return o.Page(c, status, p.name, p.title, liveData{
		Stream:   "/events?" + query.Encode(),
		Self:     c.Request().URL.RequestURI(),
		Sections: sheet.sections,
		Page:     sheet.page,
	})
}

// sheet renders a page, unless somebody who sees the same scene had it rendered.
func (o *pages) sheet(s *scene, p livePage) *sheet {
	sheet := s.sheets.of(p.name+" "+p.reader, p.query)
	sheet.once.Do(func() {
		sheet.page, sheet.parts = p.draw(s)
		sheet.sections = make(map[string]template.HTML, len(sheet.parts))
		for _, part := range sheet.parts {
			if part.text != "" {
				sheet.sections[part.name] = part.text
				continue
			}
			text, err := o.Text(p.name, part.template, part.data)
			if err != nil {
				sheet.err = err
				return
			}
			sheet.sections[part.name] = template.HTML(text) // html/template made it
		}
	})
	return sheet
}

// livePages are the pages with a stream.
func (o *pages) livePages() []liveRoute {
	person := func(get func(string) string) roles.Target { return o.Person(get("id")) }
	form := func(get func(string) string) roles.Target { return roles.Target{Form: get("name")} }
	list := []liveRoute{
		{"day", "/", roles.SeeBoard, nil, dayPage},
		{"bank", "/bank/:id", roles.SeeBoard, nil, bankPage},
		{"door", "/door/:n", roles.SeeBoard, nil, o.doorPage},
		{"form", "/form/:name", roles.SeeForm, form, formPage},
		{"person", "/person/:id", roles.SeePerson, person, o.personPage},
		{"bars", "/bars", roles.SeeHolds, nil, o.barsPage},
		{"bar", "/bar/:id", roles.SeeHolds, nil, o.barPage},
		{"opened", "/opened/:key", roles.OpenDoor, nil, o.openedPage},
	}
	if o.Devices != nil {
		list = append(list, liveRoute{"devices", "/devices", roles.SeeDevices, nil, o.devicesPage},
			liveRoute{"device", "/device/:id", roles.SeeDevices, nil, devicePage})
	}
	return list
}

// streamed is the live page that a request for a stream names.
func (o *pages) streamed(c echo.Context) (liveRoute, bool) {
	list := o.livePages()
	i := slices.IndexFunc(list, func(l liveRoute) bool { return l.name == c.QueryParam("page") })
	if i < 0 {
		return liveRoute{}, false
	}
	return list[i], true
}

// events streams the sections of one page: all at first, so that nothing is
// lost over a reconnection, then those that changed.
func (o *pages) events(c echo.Context) error {
	page, ok := o.streamed(c)
	if !ok {
		return echo.ErrNotFound
	}
	stream, err := ui.OpenStream(c.Response(), retryAfter)
	if err != nil {
		return nil // the client has gone
	}
	ctx, sent := c.Request().Context(), map[string]template.HTML{}
	for {
		who, in := o.Gate.Who(c.Request()) // again each time: a role may have ended
		if !in || o.Elsewhere(who) || !o.Reaches(who, page.permission, page.target(query), c) {
			break
		}
		s := o.scene(shared)
		p, err := page.make(c.QueryParam, o.reader(who), s)
		if err != nil {
			break // the page is no more: asked for again, it says so
		}
		if o.push(stream, o.sheet(s, p), sent) != nil || !o.pause(c, s.seen) {
			return nil // the client or the server is going; the page comes back
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	_ = stream.Send("end", "", "") // the page reloads, and asks to sign in if need be
	return nil
}

// push sends what changed since sent, and a beat.
func (o *pages) push(stream *ui.Stream, sheet *sheet, sent map[string]template.HTML) error {
	if sheet.err != nil {
		o.Log.Error("rendering a section failed", "err", sheet.err)
		return sheet.err
	}
	whole := map[string]bool{} // parts that were sent with all that stands in them
	for _, part := range sheet.parts {
		text := sheet.sections[part.name]
		is := text
		if part.key != "" {
			is = template.HTML(part.key) // compared, and shown to nobody
		}
		before, ok := sent[part.name]
		sent[part.name] = is
		if ok && before == is || whole[part.of] {
			continue
		}
		whole[part.name] = true
		if err := stream.Send(part.name, "", string(text)); err != nil {
			return err
		}
	}
	return stream.Beat()
}

// pause lets pushEvery pass and then waits for news, for a beat in all. It is
// false when the request has ended.
func (o *pages) pause(c echo.Context, after seen) bool {
	ctx := c.Request().Context()
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pushEvery):
	}
	return o.wait(ctx, after, ui.Beat-pushEvery)
}

func query(c echo.Context) func(string) string { return c.QueryParam }

// param looks a name up in the path, then in the query.
func param(c echo.Context) func(string) string {
	return func(name string) string { return cmp.Or(kit.Param(c, name), c.QueryParam(name)) }
}
