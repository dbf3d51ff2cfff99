package school

import (
	"net/http"
	"sync"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// rooms serves everybody the pages that are for them. Nearly all share one set.
// Somebody whom a safeguarding file is about gets a set of their own, over books in
// which it is not there: so no page, list, count, search, stream or answer of the
// API has to think of it, and none can forget. Programs, and who else is nobody of the
// register, share one such set, for any of the staff may be behind them.
//
// The pages for signing in and for one's own account know of no file. They are the
// same for everybody.
type rooms struct {
	Config
	kit *kit.Kit
	all http.Handler

	mu   sync.Mutex
	own  map[string]*echo.Echo // by person
	came []string              // persons, who came first first
}

// mostRooms is how many sets there are at a time. One too many is made anew.
const mostRooms = 16

// ServeHTTP implements http.Handler.
func (r *rooms) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	who, in := r.kit.Gate.Who(req)
	if !in || r.Apart == nil {
		r.all.ServeHTTP(w, req)
		return
	}
	room, err := r.of(who.Person)
	switch {
	case err != nil:
		r.kit.Failures.Render(w, req, err)
	case room == nil || !has(room, req):
		r.all.ServeHTTP(w, req)
	default:
		room.ServeHTTP(w, req)
	}
}

// has reports whether a set has a page of its own for a request.
func has(room *echo.Echo, req *http.Request) bool {
	c := room.NewContext(nil, nil)
	room.Router().Find(req.Method, req.URL.Path, c)
	return c.Path() != ""
}

// of is the set for a person, nil for the shared one. It fails only when what is
// compiled in is broken.
func (r *rooms) of(person string) (*echo.Echo, error) {
	if !school.Known(person) {
		person = school.Unlisted // they are all alike
	}
	config := r.Apart(person)
	if config == nil {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if room := r.own[person]; room != nil {
		return room, nil
	}
	cfg := config()
	cfg.Log = r.kit.Log
	_, e, err := cfg.pages(r, r.kit)
	if err != nil {
		return nil, err
	}
	r.keep(person, e)
	return e, nil
}

func (r *rooms) keep(person string, e *echo.Echo) {
	if r.own == nil {
		r.own = map[string]*echo.Echo{}
	}
	if len(r.came) == mostRooms {
		delete(r.own, r.came[0])
		r.came = r.came[1:]
	}
	r.own[person] = e
	r.came = append(r.came, person)
}

// Who implements kit.Gate for every set: as the shared one has it.
func (r *rooms) Who(req *http.Request) (kit.Who, bool) { return r.kit.Gate.Who(req) }
