package signin

import (
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
)

// maxSessions bounds the sessions kept. Only a sign-in makes one.
const maxSessions = 2000

// store keeps sessions in memory, under the hash of their token, for scs. It has
// no goroutine: what has expired is swept when a new session comes.
type store struct {
	mu   sync.Mutex
	kept map[string]kept
}

type kept struct {
	data  []byte
	until time.Time
}

// Find gives the data of a session that has not expired.
func (s *store) Find(token string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kept[token]
	if !ok || !time.Now().Before(k.until) {
		return nil, false, nil
	}
	return k.data, true, nil
}

// Commit keeps a session. When there is no room, the one nearest to its end
// gives way.
func (s *store) Commit(token string, data []byte, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.kept[token]; !known {
		s.makeRoom(time.Now())
	}
	s.kept[token] = kept{data, until}
	return nil
}

// Delete forgets a session.
func (s *store) Delete(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, token)
	return nil
}

func (s *store) makeRoom(now time.Time) {
	first := ""
	for token, k := range s.kept {
		if !now.Before(k.until) {
			delete(s.kept, token)
		} else if first == "" || k.until.Before(s.kept[first].until) {
			first = token
		}
	}
	if len(s.kept) >= maxSessions {
		delete(s.kept, first)
	}
}

// session is what is kept of one, read.
type session map[string]any

func (s session) text(key string) string { v, _ := s[key].(string); return v }

func (s session) time(key string) time.Time { v, _ := s[key].(int64); return time.Unix(v, 0) }

// sweep visits every session that has not expired, and forgets those for which
// over says so.
func (s *store) sweep(over func(session) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, k := range s.kept {
		_, values, err := scs.GobCodec{}.Decode(k.data)
		if err == nil && time.Now().Before(k.until) && over(values) {
			delete(s.kept, token)
		}
	}
}
