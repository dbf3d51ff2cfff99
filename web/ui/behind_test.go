package ui

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// Behind a web server only what it hands on is let through, and only it is
// believed about who asked.
func TestBehind(t *testing.T) {
	peers := []netip.Addr{netip.MustParseAddr("192.0.2.10")}
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	h := OnlyBehind(hello, Failures{Log: slog.New(slog.DiscardHandler)}, peers, []string{"bellkeep.example"})
	for _, c := range []struct {
		name, peer, host, proto string
		want                    int
	}{
		{"as it should be", "192.0.2.10:9", "bellkeep.example", "https", 200},
		{"with a port", "192.0.2.10:9", "bellkeep.example:443", "https", 200},
		{"past the web server", "192.0.2.11:9", "bellkeep.example", "https", 403},
		{"from this computer", "127.0.0.1:9", "bellkeep.example", "https", 403},
		{"by another name", "192.0.2.10:9", "evil.example", "https", 403},
		{"over http", "192.0.2.10:9", "bellkeep.example", "http", 403},
		{"not said how", "192.0.2.10:9", "bellkeep.example", "", 403},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Host = c.peer, c.host
		r.Header.Set("X-Forwarded-Proto", c.proto)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != c.want || (w.Code == 200) != (w.Header().Get("Strict-Transport-Security") != "") {
			t.Errorf("%s: %d", c.name, w.Code)
		}
	}
	who := PeerBehind(peers)
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.10:9", "198.51.100.7", "198.51.100.7"},
		{"192.0.2.10:9", "203.0.113.1, 198.51.100.7", "198.51.100.7"}, // what came first, anybody may have written
		{"192.0.2.11:9", "198.51.100.7", "192.0.2.11"},
		{"127.0.0.1:9", "198.51.100.7", "127.0.0.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-For", c.forwarded)
		if got := who(r); got != c.want {
			t.Errorf("%s says it speaks for %s: %s", c.peer, c.forwarded, got)
		}
	}
}
