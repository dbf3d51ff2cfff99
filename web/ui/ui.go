// Package ui is what the office pages and the kiosk page share: the headers
// that keep a page to itself, embedded assets, the one place that turns an
// error into a status and words, a small writer of server-sent events, and a
// server with every limit written down. It knows neither of its two users.
package ui

import (
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// MaxBody is the largest request body any page takes, in bytes.
const MaxBody = 64 << 10

// contentPolicy allows what this server itself sends and nothing inline.
const contentPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'; object-src 'none'"

// NewEcho makes a router whose errors all go to f, and which takes the address
// of the direct peer for the client's: nothing here stands behind a proxy that
// may be believed.
func NewEcho(f Failures) *echo.Echo {
	e := echo.New()
	e.HideBanner = true
	e.HidePort = true
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if !c.Response().Committed {
			f.Render(c.Response(), c.Request(), err)
		}
	}
	e.Use(recovered)
	return e
}

// recovered turns a panic in a handler into an error of that one request.
func recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v) // the agreed way to drop a connection
			default:
				err = fmt.Errorf("a handler panicked: %v", v)
			}
		}()
		return next(c)
	}
}

// Protect puts the rules every page lives under around next: security headers,
// no storing, a body of at most MaxBody, and no state change asked for by
// another site.
func Protect(next http.Handler, f Failures) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.Render(w, r, errOtherSite)
	}))
	inner := csrf.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		// Not no-referrer: that would make the Origin of our own forms "null".
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = &limitedBody{http.MaxBytesReader(w, r.Body, MaxBody), r.Body}
		inner.ServeHTTP(w, r)
	})
}

// limitedBody is a body of at most MaxBody, over the whole one.
type limitedBody struct {
	io.ReadCloser
	whole io.ReadCloser
}

// AllowBody lets a handler that has read nothing yet read up to limit bytes of a
// request that Protect has let through. What has passed on a body of another
// make keeps its limit.
func AllowBody(w http.ResponseWriter, r *http.Request, limit int64) {
	if body, ok := r.Body.(*limitedBody); ok {
		r.Body = http.MaxBytesReader(w, body.whole, limit)
	}
}
