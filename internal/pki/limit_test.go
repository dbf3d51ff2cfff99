package pki

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

var noon = time.Date(2026, 9, 7, 12, 0, 0, 0, time.UTC)

func TestTriesOfOneAddress(t *testing.T) {
	var l limiter
	for i := range maxWrong {
		if !l.take(network("10.0.0.1:5000"), noon) {
			t.Fatalf("try %d was put off", i+1)
		}
	}
	if l.take(network("10.0.0.1:6000"), noon) {
		t.Error("another port gives more tries")
	}
	if !l.take(network("10.0.0.2:5000"), noon) {
		t.Error("another address has none")
	}
	l.forgive(network("10.0.0.1:5000"))
	if !l.take(network("10.0.0.1:5000"), noon) {
		t.Error("a right token costs a try")
	}
	if !l.take(network("10.0.0.1:5000"), noon.Add(window)) {
		t.Error("a minute later there are none")
	}
	if !l.take(network("10.0.0.1:5000"), noon.Add(-time.Hour)) {
		t.Error("a clock set back locks everybody out")
	}
}

func TestTriesOfAll(t *testing.T) {
	var l limiter
	for i := range maxWrongAll {
		if !l.take(network(fmt.Sprintf("10.0.%d.%d:1", i/250, i%250)), noon) {
			t.Fatalf("try %d was put off", i+1)
		}
	}
	if l.take(network("10.9.9.9:1"), noon) {
		t.Error("there is no limit for all together")
	}
	if len(l.tries) > maxWrongAll {
		t.Errorf("it remembers %d addresses", len(l.tries))
	}
}

func TestWhatCountsAsOneAddress(t *testing.T) {
	for remote, want := range map[string]string{
		"10.0.0.1:80":               "10.0.0.1/32",
		"[::ffff:10.0.0.1]:80":      "10.0.0.1/32",
		"[fd00::1:2:3:4]:80":        "fd00::/64",
		"[fe80::1%eth0]:80":         "fe80::/64",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
	} {
		if got := network(remote); got.String() != want {
			t.Errorf("%s counts as %v, want %s", remote, got, want)
		}
	}
	if network("@") != (netip.Prefix{}) {
		t.Error("a socket has a network")
	}
}
