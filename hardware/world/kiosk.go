package world

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// How long people wait, in machine time: the screen does not hurry up when
// school time does.
const (
	screenPatience = 6 * time.Second        // for the screen to answer a scan: longer than a bank takes one for fresh
	glanceTime     = 250 * time.Millisecond // for a first look at the screen
	darkPause      = 100 * time.Millisecond // before looking at a dark screen again
)

// kiosk is a scanner with a screen and a queue of people before it.
type kiosk struct {
	name    string
	scanner *Scanner
	turn    chan struct{} // holds a token while it is somebody's turn
	queue   atomic.Int32  // people there, whoever's turn it is included

	mu   sync.Mutex
	eyes Eyes
}

func newKiosk(name string, s *Scanner) *kiosk {
	dark := LookFunc(func(context.Context, uint64) (View, error) {
		return View{}, errors.New("there is no screen")
	})
	return &kiosk{name: name, scanner: s, turn: make(chan struct{}, 1), eyes: dark}
}

func (k *kiosk) setEyes(e Eyes) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.eyes = e
}

// enter waits for one's turn.
func (k *kiosk) enter(ctx context.Context) error {
	k.queue.Add(1)
	select {
	case <-ctx.Done():
		k.queue.Add(-1)
		return context.Cause(ctx)
	case k.turn <- struct{}{}:
		return nil
	}
}

// leave lets the next person come.
func (k *kiosk) leave() {
	k.queue.Add(-1)
	<-k.turn
}

// glance gives the number of the screen as it is, 0 when it is dark.
func (k *kiosk) glance(ctx context.Context) uint64 {
	ctx, cancel := context.WithTimeout(ctx, glanceTime)
	defer cancel()
	v, err := k.look(ctx, 0)
	if err != nil {
		return 0
	}
	return v.N
}

// answer waits for a screen newer than after that answers a scan. Its word is
// empty when none came in time, or the bank was started anew meanwhile and so has
// forgotten it.
func (k *kiosk) answer(ctx context.Context, after uint64) View {
	ctx, cancel := context.WithTimeout(ctx, screenPatience)
	defer cancel()
	for anew := false; ctx.Err() == nil; {
		v, err := k.look(ctx, after)
		switch {
		case err != nil:
			anew, after = true, 0
			_ = rest(ctx, darkPause) // the loop sees that ctx ended
		case v.Word == SayScan && anew:
			return View{}
		case v.Word == SayScan || v.Word == SayStarting:
			anew = anew || v.Word == SayStarting
			after = max(after, v.N)
		default:
			return v
		}
	}
	return View{}
}

func (k *kiosk) look(ctx context.Context, after uint64) (View, error) {
	k.mu.Lock()
	eyes := k.eyes
	k.mu.Unlock()
	return eyes.Look(ctx, after)
}

// shortest gives the kiosk with the fewest people before it.
func shortest(kiosks []*kiosk) *kiosk {
	best := kiosks[0]
	for _, k := range kiosks[1:] {
		if k.queue.Load() < best.queue.Load() {
			best = k
		}
	}
	return best
}
