package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/labstack/echo/v4"
)

var errOtherSite = errs.New(errs.Denied,
	"This request came from another site.", "Open the page here and try again.")

// Problem is a failure as the web shows it: the members of an RFC 9457 problem
// detail, with the product's own code and the next step as extensions.
type Problem struct {
	Type   string    `json:"type"`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Code   errs.Code `json:"code"`
	Hint   string    `json:"hint,omitempty"`
	Errors []Fault   `json:"errors,omitempty"` // of single fields
}

// Fault is what is wrong with one field of what was sent.
type Fault struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}

// Failures renders errors. Page writes one for a person, after the status; nil
// means plain text.
type Failures struct {
	Log  *slog.Logger
	Page func(w http.ResponseWriter, r *http.Request, p Problem) error
}

// Render answers r with err: problem+json for a program, a page for a person.
// What is broken inside is logged with its cause and shown without it; a client
// that went away before its answer broke nothing.
func (f Failures) Render(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(err)
	if p.Status >= http.StatusInternalServerError && !wentAway(r, err) {
		f.Log.Error("request failed", "method", r.Method, "path", r.URL.Path, "err", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(p.Status)
		_ = json.NewEncoder(w).Encode(p) // the peer is gone: nobody left to tell
		return
	}
	if f.Page != nil {
		if err := f.Page(w, r, p); err == nil {
			return
		}
	}
	http.Error(w, strings.TrimSpace(p.Detail+" "+p.Hint), p.Status)
}

// ProblemOf says how the web shows err.
func ProblemOf(err error) Problem {
	var (
		known *errs.Error
		route *echo.HTTPError
		large *http.MaxBytesError
	)
	switch {
	case errors.As(err, &large):
		return problem(http.StatusRequestEntityTooLarge, errs.Invalid,
			fmt.Sprintf("That is more than %d KiB.", large.Limit>>10), "Send less.")
	case errors.As(err, &known):
		status := statusOf(known.Code)
		if status == http.StatusInternalServerError {
			break
		}
		p := problem(status, known.Code, known.Message, known.Hint)
		if p.Errors = faults(err); len(p.Errors) > 0 && status == http.StatusBadRequest {
			p.Status, p.Title = http.StatusUnprocessableEntity, http.StatusText(http.StatusUnprocessableEntity)
		}
		return p
	case errors.As(err, &route):
		return ofRoute(route)
	}
	return problem(http.StatusInternalServerError, errs.Internal,
		"Something went wrong here. Nothing you typed was at fault.",
		"Try again. If it stays, tell whoever looks after this computer.")
}

// faults are those errors in err that are about a field.
func faults(err error) []Fault {
	var list []Fault
	for _, e := range errs.All(err) {
		if e.Field != "" {
			list = append(list, Fault{e.Field, e.Message, e.Hint})
		}
	}
	return list
}

// ofRoute translates what the router itself refuses.
func ofRoute(e *echo.HTTPError) Problem {
	switch {
	case e.Code == http.StatusNotFound:
		return problem(e.Code, errs.NotFound, "There is no page at this address.", "Go back to the start.")
	case e.Code == http.StatusMethodNotAllowed:
		return problem(e.Code, errs.Invalid, "This address cannot be used in that way.", "Go back to the start.")
	case e.Code >= 400 && e.Code < 500:
		return problem(e.Code, errs.Invalid, "The request could not be understood.", "Go back and try again.")
	}
	return ProblemOf(e.Internal)
}

func problem(status int, code errs.Code, detail, hint string) Problem {
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: detail, Code: code, Hint: hint}
}

func statusOf(c errs.Code) int {
	switch c {
	case errs.Invalid:
		return http.StatusBadRequest
	case errs.Denied:
		return http.StatusForbidden
	case errs.Unknown:
		return http.StatusUnauthorized
	case errs.TooOften:
		return http.StatusTooManyRequests
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict, errs.NotNow:
		return http.StatusConflict
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// wentAway tells whether err is only r's own end.
func wentAway(r *http.Request, err error) bool {
	end := r.Context().Err()
	return end != nil && errors.Is(err, end)
}

// ProgramsPath is where programs are answered, always as JSON.
const ProgramsPath = "/api/v1/"

func wantsJSON(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, ProgramsPath) {
		return true
	}
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}
