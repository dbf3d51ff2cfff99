package ui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"golang.org/x/net/netutil"
)

// The limits of the server.
const (
	maxConns     = 1024
	maxHeader    = 16 << 10
	headerWithin = 5 * time.Second
	readWithin   = 15 * time.Second
	writeWithin  = 40 * time.Second // a stream sets its own for each event
	idleFor      = 2 * time.Minute
	closeWithin  = 3 * time.Second
)

// Listen takes addr (host:port). Its errors: Conflict when another program has
// the port, Denied when this user may not have it, Invalid for anything else
// that is wrong with the address.
func Listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, errs.Wrap(err, errs.Conflict, fmt.Sprintf("Another program uses %s.", addr),
			"Stop it or choose another address with --listen.")
	case errors.Is(err, syscall.EACCES):
		return nil, errs.Wrap(err, errs.Denied, fmt.Sprintf("This user may not listen on %s.", addr),
			"Choose a port above 1023 with --listen.")
	}
	return nil, errs.Wrap(err, errs.Invalid, fmt.Sprintf("Cannot listen on %q.", addr),
		"Give --listen an address of this computer and a port, such as 127.0.0.1:8080.")
}

// Serve answers on l with h until ctx ends, then lets requests finish for a
// moment. Every request's context ends with ctx, so that streams do. It closes
// l and returns nil after an orderly end.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerWithin,
		ReadTimeout:       readWithin,
		WriteTimeout:      writeWithin,
		IdleTimeout:       idleFor,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(netutil.LimitListener(l, maxConns)) }()

	select {
	case err := <-done:
		return errs.Wrap(err, errs.Unavailable, "The web server stopped.", "Start it again.")
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	if err := srv.Shutdown(closing); err != nil {
		// Whoever still hangs on has had time enough.
		_ = srv.Close()
	}
	<-done
	return nil
}
