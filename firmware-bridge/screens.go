package bridge

import (
	"context"
	"sync"

	"github.com/bellkeep/bellkeep/locker"
)

// Screens is what the kiosks of a bank show. It keeps the newest screen of
// each and wakes whoever waits for the next.
type Screens struct {
	mu      sync.Mutex
	kiosks  map[string]shown
	changed chan struct{}
}

type shown struct {
	n      uint64
	screen locker.Screen
}

// NewScreens has every kiosk waiting for a badge.
func NewScreens() *Screens {
	return &Screens{kiosks: map[string]shown{}, changed: make(chan struct{})}
}

// Show replaces what a kiosk shows.
func (s *Screens) Show(kiosk string, screen locker.Screen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kiosks[kiosk] = shown{s.kiosks[kiosk].n + 1, screen}
	close(s.changed)
	s.changed = make(chan struct{})
}

// Kiosk is one kiosk's view of the screens.
func (s *Screens) Kiosk(name string) Kiosk { return Kiosk{s, name} }

// Kiosk follows the screen of one kiosk.
type Kiosk struct {
	screens *Screens
	name    string
}

// Next waits for a screen newer than after and returns it with its number.
// Screens in between are skipped: only the newest can be seen.
func (k Kiosk) Next(ctx context.Context, after uint64) (uint64, locker.Screen, error) {
	for {
		k.screens.mu.Lock()
		now, changed := k.screens.kiosks[k.name], k.screens.changed
		k.screens.mu.Unlock()
		if now.n > after {
			return now.n, now.screen, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, locker.Screen{}, ctx.Err()
		}
	}
}
