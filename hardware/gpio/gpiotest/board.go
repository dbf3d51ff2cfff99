// Package gpiotest holds a board in memory for tests of whatever works with
// relays and contacts. It keeps account of every pulse and waits with timers
// only, so it works in a synctest bubble.
package gpiotest

import (
	"math/bits"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/hardware/gpio"
)

// Board is a board of relays and contacts.
type Board struct {
	mu     sync.Mutex
	levels uint64
	moved  uint64 // contacts that changed since Edges was last called
	bounce []uint64

	on       uint64
	since    time.Time
	pulses   map[int]int
	longest  time.Duration
	together int

	relayFault   func(on uint64) error
	contactFault error
}

// New gives a board whose relays are off and whose contacts are low.
func New() *Board { return &Board{pulses: map[int]int{}} }

// Port gives the board as a driver sees it.
func (b *Board) Port() gpio.Board { return gpio.Board{Relays: relays{b}, Contacts: contacts{b}} }

// SetLevel makes a contact high or low.
func (b *Board) SetLevel(i int, high bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.levels
	b.levels &^= 1 << i
	if high {
		b.levels |= 1 << i
	}
	b.moved |= before ^ b.levels
}

// Bounce turns the contacts whose bits are set over, one element for each of
// the next looks.
func (b *Board) Bounce(looks ...uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bounce = looks
}

// FailContacts lets every look end with err; nil ends that.
func (b *Board) FailContacts(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.contactFault = err
}

// FailRelays asks fault before every order; an order that fails is not obeyed.
// The fault must not ask the board anything.
func (b *Board) FailRelays(fault func(on uint64) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.relayFault = fault
}

// Pulses gives how often each relay was switched on.
func (b *Board) Pulses() map[int]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[int]int{}
	for i, n := range b.pulses {
		seen[i] = n
	}
	return seen
}

// On gives the relays that are on now, Together the most that ever were at
// once, and Longest the longest time that any was.
func (b *Board) On() uint64             { b.mu.Lock(); defer b.mu.Unlock(); return b.on }
func (b *Board) Together() int          { b.mu.Lock(); defer b.mu.Unlock(); return b.together }
func (b *Board) Longest() time.Duration { b.mu.Lock(); defer b.mu.Unlock(); return b.longest }

type relays struct{ *Board }

func (r relays) Switch(on uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.relayFault != nil {
		if err := r.relayFault(on); err != nil {
			return err
		}
	}
	if r.on != 0 {
		r.longest = max(r.longest, time.Since(r.since))
	}
	for risen := on &^ r.on; risen != 0; risen &= risen - 1 {
		r.pulses[bits.TrailingZeros64(risen)]++
		r.since = time.Now()
	}
	r.on, r.together = on, max(r.together, bits.OnesCount64(on))
	return nil
}

func (r relays) Close() error { return r.Switch(0) }

type contacts struct{ *Board }

func (c contacts) Levels() (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.bounce) == 0 {
		return c.levels, c.contactFault
	}
	flip := c.bounce[0]
	c.bounce, c.moved = c.bounce[1:], c.moved|flip
	return c.levels ^ flip, c.contactFault
}

func (c contacts) Edges(wait time.Duration) (uint64, error) {
	time.Sleep(wait)
	c.mu.Lock()
	defer c.mu.Unlock()
	moved := c.moved
	c.moved = 0
	return moved, c.contactFault
}

func (c contacts) Close() error { return nil }
