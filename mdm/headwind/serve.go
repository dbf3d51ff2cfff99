package headwind

import (
	"context"
	"crypto/hmac"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Serve answers phones until ctx ends. secure is nil behind a web server with a
// certificate. Errors: unavailable.
func (g *Gateway) Serve(ctx context.Context, listener net.Listener, secure *tls.Config) error {
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	s := &http.Server{
		Handler: g, BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: PollFor + 30*time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	defer context.AfterFunc(ctx, func() { _ = s.Close() })() // no phone waits for the rest of an answer
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return errs.Wrap(err, errs.Unavailable, "The address for phones is lost.", "Start the gateway again.")
	}
	return nil
}

// ServeHTTP answers a phone.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case g.room <- struct{}{}:
		defer func() { <-g.room }()
		g.mux.ServeHTTP(w, r)
	default:
		answer(w, http.StatusServiceUnavailable, failure(failed))
	}
}

func (g *Gateway) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for path, h := range map[string]func(*request){
		"POST /{project}/rest/public/sync/configuration/{number}":                           g.configuration,
		"GET /{project}/rest/public/sync/configuration/{number}":                            g.configuration,
		"POST /{project}/rest/public/sync/info":                                             g.info,
		"GET /{project}/rest/notification/polling/{number}":                                 g.poll,
		"GET /{project}/rest/notifications/device/{number}":                                 g.notifications,
		"GET /{project}/rest/plugins/devicelog/log/rules/{number}":                          empty,
		"POST /{project}/rest/plugins/devicelog/log/list/{number}":                          nothing,
		"PUT /{project}/rest/plugins/deviceinfo/deviceinfo/public/{number}":                 nothing,
		"GET /{project}/rest/plugins/deviceinfo/deviceinfo-plugin-settings/device/{number}": nothing,
		"POST /{project}/rest/plugins/devicereset/public/{number}":                          g.wipe,
		"POST /{project}/rest/plugins/devicereset/public/reboot/{number}":                   g.restart,
		"POST /{project}/rest/plugins/devicereset/public/password/{number}":                 g.passcode,
	} {
		mux.HandleFunc(path, g.known(h))
	}
	mux.HandleFunc("GET /files/agent.apk", g.apk)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, failure(unknownDevice)) })
	return mux
}

// request is one of a phone that is known.
type request struct {
	w       http.ResponseWriter
	r       *http.Request
	m       *member
	number  string
	project string
	body    []byte
}

// anew reports whether the phone has no configuration yet, as when it was set up.
func (c *request) anew() bool {
	return c.r.Method == http.MethodPost && strings.Contains(c.r.URL.Path, "/rest/public/sync/configuration/")
}

// known lets a request through to h if it comes from a phone: its project says so.
// A number that is not enrolled, one that is retired, a wrong project and no such
// path look the same from outside.
func (g *Gateway) known(h func(*request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &request{w: w, r: r, project: r.PathValue("project"), number: r.PathValue("number")}
		var status int
		if c.m, status = g.whose(c); status != 0 {
			g.turnAway(c, status)
			return
		}
		limit := int64(MaxBody)
		if c.number == "" {
			limit = MaxInfo
		}
		var err error
		if c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limit)); err != nil {
			answer(w, http.StatusRequestEntityTooLarge, failure(failed))
			return
		}
		h(c)
	}
}

// turnAway answers a request of nobody we know. A phone that was ours checks the
// signature of that too before it believes it.
func (g *Gateway) turnAway(c *request, status int) {
	code := unknownDevice
	if status != http.StatusOK {
		code = failed
	} else if c.number != "" && hmac.Equal([]byte(c.project), []byte(g.Key.Project(c.number))) {
		c.w.Header().Set("X-Response-Signature", g.Secret.answer([]byte("null")))
	}
	answer(c.w, status, failure(code))
}

// whose finds the phone of a request, and counts the request. status is 0 when it
// is to be answered.
func (g *Gateway) whose(c *request) (m *member, status int) {
	heard := g.intake.Heard() // before it is looked who is listed: a list may come in between
	g.mu.Lock()
	defer g.mu.Unlock()
	m = g.projects[c.project]
	mine := m != nil && (c.number == "" || m.id == c.number)
	switch {
	case mine && !m.recent.take(time.Now()):
		return nil, http.StatusTooManyRequests
	case mine:
		m.line.heard = time.Now()
		g.said(m, m.tasks.calls(c.anew(), g.Now()))
		g.nudge()
		return m, 0
	case !heard:
		return nil, http.StatusServiceUnavailable // which phones there are is not known yet
	}
	return nil, http.StatusOK
}

// answer writes a whole body; nothing may follow its last brace.
func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the phone has gone if it cannot read
}

// signed reports whether a request carries the signature it must.
func (g *Gateway) signed(c *request, want string) bool {
	got := strings.ToUpper(c.r.Header.Get("X-Request-Signature"))
	return !g.MustSign || hmac.Equal([]byte(got), []byte(want))
}

func empty(c *request)   { answer(c.w, http.StatusOK, ok([]byte("[]"))) }
func nothing(c *request) { answer(c.w, http.StatusOK, ok([]byte("null"))) }

// apk gives out the agent, to anybody: it is no secret.
func (g *Gateway) apk(w http.ResponseWriter, r *http.Request) {
	if g.APK == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.android.package-archive")
	http.ServeFile(w, r, g.APK)
}
