package server

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// holdFor is how long an external broker refuses a client that connected too often.
const holdFor = 5 * time.Minute

// bars are what an external broker cannot do by itself: refuse for a while whoever
// connects too often, and end the connections of those that were revoked.
type bars struct {
	now func() time.Time // machine time

	mu      sync.Mutex
	until   map[string]time.Time // of the clients that are held
	leave   map[string]int       // clients whose connection is to end, and the change that said so
	changes int
}

func newBars(now func() time.Time) *bars {
	return &bars{now: now, until: map[string]time.Time{}, leave: map[string]int{}}
}

// hold has a client refused for holdFor. What it still has of a connection it keeps.
func (b *bars) hold(client string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until[client] = b.now().Add(holdFor)
	b.changes++
}

// end has a client's connection ended, and gives the change.
func (b *bars) end(client string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changes++
	b.leave[client] = b.changes
	return b.changes
}

func (b *bars) held(client string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now().Before(b.until[client])
}

// rev is another after every change.
func (b *bars) rev() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changes
}

// next is how long until a client is held no longer, at most the time given.
func (b *bars) next(most time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	maps.DeleteFunc(b.until, func(_ string, until time.Time) bool { return !now.Before(until) })
	for _, until := range b.until {
		most = min(most, until.Sub(now))
	}
	return most
}

// endEach gives each client whose connection was to end by the change rev to end it:
// what is later the broker may not refuse yet. One that could not be is given again.
func (b *bars) endEach(rev int, end func(client string) error) error {
	b.mu.Lock()
	leave := maps.Clone(b.leave)
	b.mu.Unlock()
	for client, change := range leave {
		if change > rev {
			continue
		}
		if err := end(client); err != nil {
			return err
		}
		b.mu.Lock()
		if b.leave[client] == change { // and not said again meanwhile
			delete(b.leave, client)
		}
		b.mu.Unlock()
	}
	return nil
}

// watchConnects begins to read in the broker's log who connects.
func (s *Server) watchConnects() (err error) {
	s.watcher, err = bus.Dial(context.Background(), bus.Config{ // Close ends it
		Address: s.External.Connect, ID: bus.WatcherID, TLS: s.ownTLS(bus.WatcherID), Jitter: externalPace, Logger: slog.Default(), Queue: externalQueue,
	})
	if err != nil {
		return err
	}
	connects := bus.NewConnects(0)
	return s.watcher.Subscribe(context.Background(), bus.ConnectsTopic, func(_ string, line []byte, _ bool) {
		if client, tooOften := connects.Take(line, time.Now()); tooOften {
			s.connectsTooOften(client)
		}
	})
}

// connectsTooOften has the broker refuse a client of the school for a while, as the
// one inside would for the rest of the minute.
func (s *Server) connectsTooOften(client string) {
	if _, ok := s.Roll.Belongs(client); !ok {
		return // ourselves; or revoked, and refused anyway
	}
	slog.Warn("the broker is told to refuse a client", "client", client, "reason", tooOften, "for", holdFor)
	s.refused(client, tooOften)
	s.bars.hold(client)
	s.changed.Ring()
}

const tooOften = "connects too often"

// endConnection takes a client's id over for a moment, which ends the connection it
// has, once the broker refuses its certificates.
func (s *Server) endConnection(ctx context.Context, client string) error {
	ctx, cancel := context.WithTimeout(ctx, enforceFor)
	defer cancel()
	up := make(chan struct{}, 1)
	c, err := bus.Dial(ctx, bus.Config{Address: s.External.Connect, ID: client, TLS: s.ownTLS(client), Jitter: externalPace,
		OnUp: func(context.Context) {
			select {
			case up <- struct{}{}:
			default: // again
			}
		}})
	if err != nil {
		return err
	}
	defer c.Close()
	select {
	case <-up:
		return nil
	case <-ctx.Done():
		return errs.Wrap(ctx.Err(), errs.Unavailable, "The connection of "+client+" to the broker could not be ended.", "It is tried again by itself.")
	}
}
