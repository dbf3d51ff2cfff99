package school

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

const (
	retryAfter = time.Second
	// pushEvery is the shortest time between two pushes: at most four a second.
	pushEvery = 250 * time.Millisecond
)

// livePage is a page that follows the bank. Its sections are rendered by the
// template of the same name, each anew whenever it changes.
type livePage struct {
	name, title string
	sections    []string
	data        func(*snapshot) any
	query       url.Values // what /events needs to follow the same page
}

// pageMaker reads a page from a request's path or query parameters.
type pageMaker func(get func(string) string, s *snapshot) (livePage, error)

// liveData is what the template of a live page gets.
type liveData struct {
	Stream   string // the address of its events
	Self     string // its own address
	Sections map[string]template.HTML
	Page     any
}

// live answers with the whole page.
func (o *office) live(makePage pageMaker) echo.HandlerFunc {
	return func(c echo.Context) error {
		s := o.snapshot()
		p, err := makePage(param(c), s)
		if err != nil {
			return err
		}
		data := p.data(s)
		sections, err := o.sections(p, data)
		if err != nil {
			return err
		}
		return o.page(c, http.StatusOK, p.name, p.title, liveData{
			Stream:   "/events?" + p.query.Encode(),
			Self:     c.Request().URL.RequestURI(),
			Sections: sections,
			Page:     data,
		})
	}
}

// events streams the sections of one page: all at first, so that nothing is
// lost over a reconnection, then those that changed.
func (o *office) events(c echo.Context) error {
	makePage, ok := map[string]pageMaker{"board": boardPage, "person": personPage, "door": doorPage}[c.QueryParam("page")]
	if !ok {
		return echo.ErrNotFound
	}
	stream, err := ui.OpenStream(c.Response(), retryAfter)
	if err != nil {
		return nil // the client has gone
	}
	sent := map[string]template.HTML{}
	for o.sessions.alive(c.Request()) {
		size, err := o.push(c, stream, makePage, sent)
		if err != nil || !o.pause(c.Request().Context(), size) {
			return nil // the client or the server is going; the page comes back
		}
	}
	_ = stream.Send("end", "", "") // signed out: the page reloads and asks to sign in
	return nil
}

// push sends what changed since sent, and a beat. It gives the size of the
// record it showed.
func (o *office) push(c echo.Context, stream *ui.Stream, makePage pageMaker, sent map[string]template.HTML) (uint64, error) {
	s := o.snapshot()
	p, err := makePage(c.QueryParam, s)
	if err != nil {
		return 0, err
	}
	sections, err := o.sections(p, p.data(s))
	if err != nil {
		o.Log.Error("rendering a section failed", "page", p.name, "err", err)
		return 0, err
	}
	for _, name := range p.sections {
		if sections[name] == sent[name] {
			continue
		}
		if err := stream.Send(name, "", string(sections[name])); err != nil {
			return 0, err
		}
		sent[name] = sections[name]
	}
	return s.board.Size, stream.Beat()
}

// pause lets pushEvery pass and then waits for news, for a beat at most. It is
// false when ctx has ended.
func (o *office) pause(ctx context.Context, size uint64) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pushEvery):
	}
	within, cancel := context.WithTimeout(ctx, ui.Beat-pushEvery)
	defer cancel()
	err := o.Boards.Wait(within, size)
	return ctx.Err() == nil && (err == nil || within.Err() != nil)
}

// sections renders every section of p.
func (o *office) sections(p livePage, data any) (map[string]template.HTML, error) {
	out := make(map[string]template.HTML, len(p.sections))
	for _, name := range p.sections {
		text, err := ui.Text(o.pages[p.name], name, data)
		if err != nil {
			return nil, err
		}
		out[name] = template.HTML(text) // html/template made it
	}
	return out, nil
}

// param looks a name up in the path, then in the query.
func param(c echo.Context) func(string) string {
	return func(name string) string {
		if v := c.Param(name); v != "" {
			return v
		}
		return c.QueryParam(name)
	}
}

// snapshot is one board with the names joined in.
type snapshot struct {
	board view.Board
	demo  *Demo
	names Names
}

func (o *office) snapshot() *snapshot {
	s := &snapshot{board: o.Boards.Board(), names: o.Names}
	if o.Demo != nil {
		demo := o.Demo()
		s.demo = &demo
	}
	return s
}
