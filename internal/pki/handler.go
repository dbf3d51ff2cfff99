package pki

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

// HTTPServer is the HTTPS server of the registrar, to be started with
// ServeTLS(listener, "", ""). Every step of a request has a limit in time.
func (g *Registrar) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           g.Handler(),
		TLSConfig:         g.Authority.ServerTLS(false),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(g.Log.Handler(), slog.LevelDebug), // strangers knocking
	}
}

// Handler answers /join and /renew; see package joining. It needs the TLS of
// HTTPServer, which has checked the client's certificate.
func (g *Registrar) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+joining.PathJoin, g.handle(func(r *http.Request, data []byte) (joining.Answer, error) {
		return g.join(r.Context(), r.RemoteAddr, data)
	}))
	mux.HandleFunc("POST "+joining.PathRenew, g.handle(func(r *http.Request, data []byte) (joining.Answer, error) {
		if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
			return joining.Answer{}, errs.New(errs.Denied, "A renewal needs the current certificate.", "Join again with a new code.")
		}
		return g.renew(r.Context(), r.TLS.PeerCertificates[0], data)
	}))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		g.refuse(w, errs.New(errs.NotFound, "Here clients only join and renew.", "Open the school's pages at their own address."))
	})
	return mux
}

func (g *Registrar) handle(serve func(*http.Request, []byte) (joining.Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, joining.MaxRequest))
		if err != nil {
			g.refuse(w, unread(err))
			return
		}
		answer, err := serve(r, data)
		if err != nil {
			g.refuse(w, err)
			return
		}
		text, err := answer.Encode()
		if err != nil {
			g.refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", joining.MediaType)
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(text) // a client that has gone asks again
	}
}

func unread(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errs.New(errs.Invalid, fmt.Sprintf("That is more than %d KiB.", large.Limit>>10), "Bring both programs to the same version.")
	}
	return errs.Wrap(err, errs.Invalid, "The request did not arrive whole.", "Try again.")
}

func (g *Registrar) refuse(w http.ResponseWriter, err error) {
	p := joining.ProblemOf(err)
	if p.Status == http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		g.Log.Error("joining failed", "err", err)
	}
	w.Header().Set("Content-Type", joining.ProblemType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // as above
}
