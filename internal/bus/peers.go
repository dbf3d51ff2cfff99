package bus

import (
	"sync"
	"time"
)

// takeOver is how long an old connection may take to end before its successor.
const takeOver = 10 * time.Second

// peer is the connection of one client.
type peer struct {
	*link
	certified      bool   // it came over TLS, so that the next two are set
	client, serial string // from the certificate
	over           chan struct{}

	admitted string // its client id; guarded by peers
}

// peers are the newest connection of each client.
type peers struct {
	mu     sync.Mutex
	newest map[string]*peer
}

func newPeers() *peers { return &peers{newest: map[string]*peer{}} }

// succeed makes p the client's connection and waits until the older one is over.
func (s *peers) succeed(client string, p *peer) bool {
	s.mu.Lock()
	old := s.newest[client]
	s.newest[client], p.admitted = p, client
	s.mu.Unlock()
	if old == nil {
		return true
	}
	_ = old.Close()
	timer := time.NewTimer(takeOver)
	defer timer.Stop()
	select {
	case <-old.over:
		return true
	case <-timer.C:
		return false
	}
}

// left forgets a connection that is over and reports whether its client has no
// newer one.
func (s *peers) left(p *peer) bool {
	close(p.over)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newest[p.admitted] != p {
		return false
	}
	delete(s.newest, p.admitted)
	return true
}

// drop ends a client's connection at once.
func (s *peers) drop(client string) {
	s.mu.Lock()
	p := s.newest[client]
	s.mu.Unlock()
	if p != nil {
		_ = p.Close()
	}
}
