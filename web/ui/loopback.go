package ui

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

var errNotHere = errs.New(errs.Denied,
	"This page is only for this computer.", "Open it here, at the address the program printed.")

// OnlyLoopback refuses every request that does not come from this computer, and
// every one that names another host, which is how a page elsewhere would reach
// in through a name of its own (DNS rebinding).
func OnlyLoopback(next http.Handler, f Failures) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.RemoteAddr) || !isLoopback(r.Host) {
			f.Render(w, r, errNotHere)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLoopback tells whether hostport, with or without a port, is this computer.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// Host is the name in a request, without its port.
func Host(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		return strings.Trim(r.Host, "[]")
	}
	return host
}
