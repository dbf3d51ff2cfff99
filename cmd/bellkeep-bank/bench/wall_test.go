//go:build bench

package bench

import (
	"sync"
	"testing"
	"time"
)

// How doors move.
const (
	springs  = 40 * time.Millisecond // from current in the coil to an open contact
	handling = time.Second           // from an open door to a shut one
	looks    = 2 * time.Millisecond  // between two looks at where doors stand
)

// door is a door with its lock and its contact to ground.
type door struct {
	chip         *chip
	relay, reed  string
	lowIsOn      bool // which level gives the coil current
	open, jammed bool
	pulled       bool // somebody asked for a pull-up on its contact
}

func (d *door) on() bool  { return !d.lowIsOn }
func (d *door) coil() int { return d.chip.first + d.chip.lines[d.relay] }

// wall is all doors, by number. It is the world: no program is told of it.
type wall struct {
	t     *testing.T
	scope *scope
	keeps bool // chips keep the level of a line that nobody has any more
	mu    sync.Mutex
	doors map[int]*door
}

var relays, reeds = []string{"GPIO17", "GPIO27", "GPIO22", "GPIO23"}, []string{"GPIO5", "GPIO6", "GPIO12", "GPIO13"}

// newWall hangs doors 1 to 4 on relays switched by low, as their board's own
// resistors pull up, and 5 to 8 on relays switched by high, on another chip.
func newWall(t *testing.T) *wall {
	t.Helper()
	w := &wall{t: t, scope: newScope(t), doors: map[int]*door{}}
	for i, label := range []string{lowChip, highChip} {
		c := newChip(t, label, append(append([]string{"ID_SDA"}, relays...), reeds...)...)
		for n := range relays {
			d := &door{chip: c, relay: relays[n], reed: reeds[n], lowIsOn: i == 0}
			if err := c.pull(d.relay, !d.on()); err != nil {
				t.Fatal(err)
			}
			w.doors[4*i+n+1] = d
		}
	}
	w.scope.tell(w.heard)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { defer close(stopped); w.stand(stop) }()
	t.Cleanup(func() { close(stop); <-stopped })
	return w
}

const (
	lowChip  = "pinctrl-rp1"
	highChip = "relays-by-high"
)

// stand holds every contact where its door stands. Whoever asks for a pull-up
// gets one, which a contact to ground beats.
func (w *wall) stand(stop chan struct{}) {
	for tick := time.NewTicker(looks); ; {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		w.mu.Lock()
		for _, d := range w.doors {
			high, err := d.chip.pulledUp(d.reed)
			if err == nil && high != d.open {
				d.pulled = d.pulled || high
				err = d.chip.pull(d.reed, d.open)
			}
			if err != nil {
				w.t.Error(err)
			}
		}
		w.mu.Unlock()
	}
}

// heard is what a coil does: its door springs open.
func (w *wall) heard(l level) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for number, d := range w.doors {
		if l.line != d.coil() {
			continue
		}
		if w.keeps {
			if err := d.chip.pull(d.relay, l.high); err != nil {
				w.t.Error(err)
			}
		}
		if l.high == d.on() && !d.jammed {
			time.AfterFunc(springs, func() { w.move(number, true) })
		}
	}
}

// move opens or shuts a door by hand.
func (w *wall) move(number int, open bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.doors[number].open = open
}

// shut is a person at a door: it opens, a phone goes in or out, it shuts.
func (w *wall) shut(number int) {
	w.t.Helper()
	await(w.t, 5*time.Second, "an open door", func() bool { return w.isOpen(number) })
	time.Sleep(handling)
	w.move(number, false)
	time.Sleep(settling)
}

// pulledUp says whether the program has a pull-up on a door's contact.
func (w *wall) pulledUp(number int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.doors[number].pulled
}

func (w *wall) isOpen(number int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.doors[number].open
}

// pulses are those of a door's coil so far.
func (w *wall) pulses(number int) []pulse {
	d := w.doors[number]
	return w.scope.pulses(d.coil(), d.on())
}

// live says whether a door's coil has current now.
func (w *wall) live(number int) bool {
	d := w.doors[number]
	return d.chip.high(w.t, d.relay) == d.on()
}

// inspect fails the test if a coil had current other than of these doors, or two
// of one bus had it at once, or one longer than any coil stands.
func (w *wall) inspect(opened ...int) {
	w.t.Helper()
	may := map[int]bool{}
	for _, n := range opened {
		may[n] = true
	}
	for n := range w.doors {
		list := w.pulses(n)
		if len(list) > 0 && !may[n] {
			w.t.Errorf("the coil of door %d had current: %v", n, list)
		}
		for _, p := range list {
			if p.to == 0 || p.long() > time.Second {
				w.t.Errorf("the coil of door %d had current for %v", n, p.long())
			}
		}
		if w.live(n) {
			w.t.Errorf("the coil of door %d still has current", n)
		}
	}
}
