package signin

import (
	"crypto/rand"
	"sync"
	"time"
)

// How long a browser may take over a ceremony, and how many may be under way.
// They are kept apart from sessions, so that whoever only looks at the sign-in
// page pushes nobody out.
const (
	ceremonyLasts  = 5 * time.Minute
	mostCeremonies = 1000
)

// ceremonies are what a passkey is being asked, each for one answer.
type ceremonies struct {
	mu   sync.Mutex
	kept map[string]pending
}

type pending struct {
	data  []byte
	until time.Time
}

// add keeps what is asked, and gives its key.
func (c *ceremonies) add(data []byte) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[string]pending{}
	}
	oldest := ""
	for key, p := range c.kept {
		switch {
		case time.Now().After(p.until):
			delete(c.kept, key)
		case oldest == "" || p.until.Before(c.kept[oldest].until):
			oldest = key
		}
	}
	if len(c.kept) >= mostCeremonies {
		delete(c.kept, oldest)
	}
	key := rand.Text()
	c.kept[key] = pending{data, time.Now().Add(ceremonyLasts)}
	return key
}

// take gives what was asked, once.
func (c *ceremonies) take(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.kept[key]
	delete(c.kept, key)
	return p.data, ok && time.Now().Before(p.until)
}
