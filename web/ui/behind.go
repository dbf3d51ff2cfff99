package ui

import (
	"net"
	"net/http"
	"net/netip"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/labstack/echo/v4"
)

var (
	errNotBehind = errs.New(errs.Denied, "These pages are reached by the school's own address only.", "Open them there.")
	errNotSecure = errs.New(errs.Denied, "These pages are reached over https only.", "Open the address again with https.")
)

// OnlyBehind lets through what a web server at one of peers hands on: for one of
// hosts, and asked for over https.
func OnlyBehind(next http.Handler, f Failures, peers []netip.Addr, hosts []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		switch {
		case err != nil || !slices.Contains(peers, peer.Addr().Unmap()) || !slices.Contains(hosts, Host(r)):
			f.Render(w, r, errNotBehind)
			return
		case r.Header.Get("X-Forwarded-Proto") != "https":
			f.Render(w, r, errNotSecure)
			return
		}
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		next.ServeHTTP(w, r)
	})
}

// PeerBehind finds the address of whoever asked a web server at one of peers. It
// believes nobody else.
func PeerBehind(peers []netip.Addr) echo.IPExtractor {
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range peers {
		all := net.CIDRMask(p.BitLen(), p.BitLen())
		trust = append(trust, echo.TrustIPRange(&net.IPNet{IP: p.AsSlice(), Mask: all}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}
