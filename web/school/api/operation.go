package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// operation is one thing a program may ask for.
type operation struct {
	method, path string // below base, as the router writes it: /people/:id
	permission   roles.Permission
	on           func(echo.Context) roles.Target // as in kit.Route
	summary      string
	query        []parameter
	in, out      reflect.Type // of the bodies; in is nil for none
	example      any          // of the type in
	callers      kit.Callers
	status       int // of success
	do           func(c echo.Context, body []byte) (any, error)
}

// parameter is one of the query.
type parameter struct {
	name, about string
	kind        string // string or integer
}

// read is an operation that changes nothing.
func read[Out any](path string, p roles.Permission, summary string, do func(c echo.Context) (Out, error)) operation {
	return operation{method: http.MethodGet, path: path, permission: p, summary: summary, out: reflect.TypeFor[Out](), status: http.StatusOK,
		do: func(c echo.Context, _ []byte) (any, error) { return do(c) }}
}

// change is an operation that a program makes, once under its key.
func change[In, Out any](path string, p roles.Permission, status int, summary string, example In, do func(c echo.Context, in In) (Out, error)) operation {
	return operation{method: http.MethodPost, path: path, permission: p, summary: summary, in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](),
		example: example, callers: kit.ForPrograms, status: status, do: func(c echo.Context, body []byte) (any, error) {
			var in In
			if err := decode(body, &in); err != nil {
				return nil, err
			}
			return do(c, in)
		}}
}

// about is o for what on finds in the request's path.
func (o operation) about(on func(echo.Context) roles.Target) operation {
	o.on = on
	return o
}

// by is o for other callers.
func (o operation) by(who kit.Callers) operation {
	o.callers = who
	return o
}

// asking is o with parameters of the query.
func (o operation) asking(list ...parameter) operation {
	o.query = list
	return o
}

func (a *api) route(o operation) kit.Route {
	return kit.Route{Method: o.method, Path: base + o.path, Permission: o.permission, On: o.on, Program: true, For: o.callers, Handle: a.handle(o)}
}

func (a *api) handle(o operation) echo.HandlerFunc {
	return func(c echo.Context) error {
		if o.method == http.MethodGet {
			out, err := o.do(c, nil)
			if err != nil {
				return err
			}
			return c.JSON(o.status, out)
		}
		body, err := readBody(c)
		if err != nil {
			return err
		}
		return a.answerOnce(c, o, body)
	}
}

// answerOnce does o unless it was done under the request's key.
func (a *api) answerOnce(c echo.Context, o operation, body []byte) error {
	r := c.Request()
	given, replayed, err := a.once.do(a.Who(c).Account, r.Header.Get(keyHeader), request{r.Method, r.URL.EscapedPath(), body}, func() (answer, error) {
		out, err := o.do(c, body)
		if err != nil {
			return answer{}, err
		}
		text, err := json.Marshal(out)
		return answer{o.status, text}, err
	})
	if err != nil {
		return err
	}
	if replayed {
		c.Response().Header().Set("Idempotent-Replayed", "true")
	}
	return c.JSONBlob(given.status, given.body)
}

// readBody reads a body of JSON; the server bounds its length.
func readBody(c echo.Context) ([]byte, error) {
	r := c.Request()
	if kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType)); err != nil || kind != "application/json" {
		return nil, errs.New(errs.Invalid, "The body must be JSON.", "Send it with Content-Type: application/json.")
	}
	return io.ReadAll(r.Body)
}

// decode reads exactly one value of JSON, and no field that is not known.
func decode(body []byte, in any) error {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	err := d.Decode(in)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return errs.At(kind.Field, fmt.Sprintf("This is a %s where a %s belongs.", kind.Value, kind.Type), "Look at /api/v1/openapi.json.")
	}
	if name, unknown := strings.CutPrefix(fmt.Sprint(err), "json: unknown field "); unknown {
		return errs.At(strings.Trim(name, `"`), "There is no such field.", "Look at /api/v1/openapi.json.")
	}
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "The body is not one value of JSON.", "Look at /api/v1/openapi.json.")
	}
	return nil
}

// The limits of a page of a list.
const (
	fewest, usual, most = 1, 50, 200
)

var paging = []parameter{
	{"limit", fmt.Sprintf("How many at most, %d to %d; %d without it.", fewest, most, usual), "integer"},
	{"after", "Where the page before ended: its next.", "string"},
}

// window is the part of a sorted list that the request asks for; next is empty on
// its last page.
func window[T any](c echo.Context, list []T, id func(T) string) (part []T, next string, err error) {
	limit, err := limitOf(c)
	if err != nil {
		return nil, "", err
	}
	if after := c.QueryParam("after"); after != "" {
		at := -1
		for i, item := range list {
			if id(item) == after {
				at = i
			}
		}
		if at < 0 {
			return nil, "", errs.At("after", "The list has no such line any more.", "Begin again without it.")
		}
		list = list[at+1:]
	}
	if len(list) > limit {
		return list[:limit], id(list[limit-1]), nil
	}
	return append([]T{}, list...), "", nil // never null
}

// limitOf is how many lines the request asks for.
func limitOf(c echo.Context) (int, error) {
	text := c.QueryParam("limit")
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < fewest || n > most {
		return 0, errs.At("limit", fmt.Sprintf("A page has %d to %d lines.", fewest, most), "")
	}
	return n, nil
}
