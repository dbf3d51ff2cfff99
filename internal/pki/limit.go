package pki

import (
	"net/netip"
	"sync"
	"time"
)

// limiter bounds how many wrong tokens are tried: maxWrong a minute from one
// address, maxWrongAll from everywhere. Its memory is bounded by the latter.
type limiter struct {
	mu    sync.Mutex
	began time.Time
	tries map[netip.Prefix]int
	all   int
}

const (
	window      = time.Minute
	maxWrong    = 10
	maxWrongAll = 300
)

// take counts a try before its token is looked at, so that tries made at once
// count too, and tells whether it may go on.
func (l *limiter) take(from netip.Prefix, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries == nil || now.Before(l.began) || now.Sub(l.began) >= window {
		l.began, l.tries, l.all = now, map[netip.Prefix]int{}, 0
	}
	if l.tries[from] >= maxWrong || l.all >= maxWrongAll {
		return false
	}
	l.tries[from]++
	l.all++
	return true
}

// forgive takes back a try whose token was right.
func (l *limiter) forgive(from netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries[from] > 0 {
		l.tries[from]--
		l.all--
	}
}

// network is what counts as one address: an IPv4 address, or the /64 that an
// IPv6 host can choose its addresses from.
func network(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{} // not from a network; all such count as one
	}
	addr, bits := at.Addr().Unmap(), 64
	if addr.Is4() {
		bits = 32
	}
	p, _ := addr.WithZone("").Prefix(bits) // both lengths fit
	return p
}
