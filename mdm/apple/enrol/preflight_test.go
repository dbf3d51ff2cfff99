package enrol

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// street is a network in which the gateway is at its name.
type street struct {
	*httptest.Server
	push net.Listener
	down map[string]bool // by address
}

func newStreet(t *testing.T, ca []byte) *street {
	s := &street{down: map[string]bool{}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(ca) })) // to a test
	s.StartTLS()
	t.Cleanup(s.Close)
	var err error
	s.push, err = net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, s.push.Close()) })
	return s
}

func (s *street) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.down[address] {
		return nil, errors.New("refused")
	}
	if address == "example.com:443" {
		address = s.Listener.Addr().String()
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func (s *street) lookup(_ context.Context, name string) ([]string, error) {
	if s.down[name] {
		return nil, errors.New("no such host")
	}
	return []string{"192.0.2.7"}, nil
}

// Every check finds what is wrong and says what to do; what is right is called so.
func TestPreflight(t *testing.T) {
	ca := []byte("the devices' authority")
	for what, c := range map[string]struct {
		spoil   func(*street, *Config)
		wrong   string // the check that fails; "" for none
		says    string
		next    string
		verdict Verdict
	}{
		"all is well":           {func(*street, *Config) {}, "", "", "", Good},
		"an address":            {func(_ *street, c *Config) { c.URL = "https://192.0.2.7" }, "The name of the gateway", "not a name", "in a domain that the school owns", Bad},
		"a name of one network": {func(_ *street, c *Config) { c.URL = "https://bellkeep.local" }, "The name of the gateway", "one network only", "in a domain that the school owns", Bad},
		"a name nobody knows":   {func(s *street, _ *Config) { s.down["example.com"] = true }, "The name of the gateway", "cannot find", "to the school's DNS", Bad},
		"nobody answers":        {func(s *street, _ *Config) { s.down["example.com:443"] = true }, "Its certificate", "Nobody answers", "firewall", Bad},
		"another authority":     {func(_ *street, c *Config) { c.Probe.Roots = x509.NewCertPool() }, "Its certificate", "would not trust", "whole chain", Bad},
		"it ends soon": {func(s *street, c *Config) {
			c.Now = func() time.Time { return s.Certificate().NotAfter.Add(-29 * 24 * time.Hour) }
		}, "Its certificate", "for 29 more days", "Renew it", Doubtful},
		"it has ended": {func(s *street, c *Config) {
			c.Now = func() time.Time { return s.Certificate().NotAfter.Add(time.Hour) }
		}, "Its certificate", "would not trust", "", Bad},
		"something else":     {func(_ *street, c *Config) { c.Probe.CA = []byte("another") }, "The gateway behind that name", "Something else", "/mdm, /scep and /enrol/", Bad},
		"a clock of its own": {func(_ *street, c *Config) { c.Probe.Trusted = func() bool { return false } }, "This server's clock", "not synchronised", "chrony", Bad},
		"Apple is cut off":   {func(s *street, _ *Config) { s.down[s.push.Addr().String()] = true }, "Apple's push service", "cannot be reached", "firewall", Bad},
	} {
		s := newStreet(t, ca)
		roots := x509.NewCertPool()
		roots.AddCert(s.Certificate())
		r := newRig(t, func(cfg *Config) {
			cfg.URL = "https://example.com"
			cfg.Probe = Probe{Lookup: s.lookup, Dial: s.dial, Roots: roots, Push: []string{s.push.Addr().String()}, Trusted: func() bool { return true }, CA: ca}
			c.spoil(s, cfg)
		})
		found := false
		for _, check := range r.Preflight(t.Context()) {
			if check.What != c.wrong {
				if check.Verdict != Good && c.wrong == "" {
					t.Errorf("%s: %s: %s", what, check.What, check.Found)
				}
				continue
			}
			found = true
			if check.Verdict != c.verdict || !strings.Contains(check.Found, c.says) || check.Next == "" || !strings.Contains(check.Next, c.next) {
				t.Errorf("%s: %+v", what, check)
			}
		}
		if !found && c.wrong != "" {
			t.Errorf("%s is not looked at", what)
		}
	}
}

// The end of the certificate is known on, when it cannot be seen for once.
func TestTLSEnd(t *testing.T) {
	s := newStreet(t, nil)
	r := newRig(t, func(c *Config) { c.URL, c.Probe = "https://example.com", Probe{Dial: s.dial} })
	if !r.LastTLS().IsZero() {
		t.Error("it is known before it was looked at")
	}
	want := s.Certificate().NotAfter
	if got := r.TLS(t.Context()); !got.Equal(want) {
		t.Errorf("it ends %s, want %s", got, want)
	}
	s.down["example.com:443"] = true
	if got := r.TLS(t.Context()); !got.Equal(want) || !r.LastTLS().Equal(want) {
		t.Errorf("it is forgotten: %s", got)
	}
}
