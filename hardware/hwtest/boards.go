package hwtest

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

// Dialect is what boards of one make say and understand, written by hand from
// their wire format. It shares no code with the driver.
type Dialect struct {
	// Parse reads one whole request, check bytes and all, or says no.
	Parse func(w []byte) (Request, bool)
	// Status is the answer to a status request, given which contacts are open.
	Status func(board int, open []bool) []byte
	// Unlocked is the answer to an unlock frame, none where the make gives none
	// unless asked to, and how long the board is busy before it comes.
	Unlocked func(r Request, open []bool, asked bool) (answer []byte, busy time.Duration)
	// Swapped is a status answer whose address bytes, or the first two bytes
	// where there is one of them, stand the wrong way round; its check bytes fit.
	Swapped func(answer []byte) []byte
}

// Request is one frame that a board has understood. The channel of a status
// request has no meaning but its board. One that is neither a status request
// nor an unlock frame is answered with Answer.
type Request struct {
	Unlock, Other bool
	Channel       hardware.Channel
	Answer        []byte
}

// Boards is a Bench for a Dialect.
type Boards struct {
	dialect Dialect
	size    hardware.Size
	open    func(hardware.Line) (hardware.LockBus, error)
	t       *testing.T

	talking sync.WaitGroup

	mu      sync.Mutex
	line    *Line
	noise   *Noise
	contact map[int][]bool
	faults  map[int]Fault
	busy    time.Time // nothing may be said to any board before
	unlocks map[hardware.Channel]int
	strange [][]byte                    // what was written and is no request, or came too early
	frames  map[hardware.Channel][]byte // unlock frames heard without noise
	wrong   []hardware.Channel          // unlocked by noise, not by order
	odds    *odds
}

var _ Bench = (*Boards)(nil)

// Start gives a driver with boards to match, and ends both with the test, which
// fails if the boards were ever sent anything but whole requests, one a write, or
// anything at all while they were busy.
func Start(t *testing.T, size hardware.Size, d Dialect, open func(hardware.Line) (hardware.LockBus, error)) (hardware.LockBus, *Boards) {
	t.Helper()
	b := &Boards{
		dialect: d, size: size, open: open, t: t,
		contact: map[int][]bool{}, faults: map[int]Fault{}, unlocks: map[hardware.Channel]int{},
		frames: map[hardware.Channel][]byte{},
	}
	for board := range size.Boards {
		b.contact[board] = make([]bool, size.Channels)
	}
	t.Cleanup(func() {
		synctest.Wait()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, w := range b.strange {
			t.Errorf("the boards were sent % x", w)
		}
	})
	return b.Replug(), b
}

// Replug connects the boards to a new line and gives the driver on it.
func (b *Boards) Replug() hardware.LockBus {
	b.t.Helper()
	line := NewLine()
	bus, err := b.open(line)
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.line = line
	b.mu.Unlock()
	b.talking.Go(func() { b.run(line) })
	b.t.Cleanup(func() {
		bus.Close()
		b.talking.Wait()
	})
	return bus
}

func (b *Boards) run(line *Line) {
	for {
		select {
		case w := <-line.Written():
			b.hear(w)
		case <-line.Closed():
			return
		}
	}
}

// hear takes one write.
func (b *Boards) hear(w []byte) {
	b.mu.Lock()
	noise, early := b.noise, time.Now().Before(b.busy)
	b.mu.Unlock()
	r, good := b.dialect.Parse(w)
	switch {
	case noise != nil:
		b.mishear(r, w, noise)
	case !good || early || b.size.Check(r.Channel) != nil:
		b.mu.Lock()
		b.strange = append(b.strange, w)
		b.mu.Unlock()
	default:
		if r.Unlock {
			b.mu.Lock()
			b.frames[r.Channel] = w
			b.mu.Unlock()
		}
		b.obey(r)
	}
}

// mishear obeys what noise has left of a request.
func (b *Boards) mishear(meant Request, w []byte, noise *Noise) {
	b.mu.Lock()
	b.odds.add(w)
	heard := noise.Spoil(w)
	b.mu.Unlock()
	for _, r := range b.pick(heard) {
		if r.Unlock {
			b.SetContact(r.Channel, hardware.Open)
			if !meant.Unlock || r.Channel != meant.Channel {
				b.mu.Lock()
				b.wrong = append(b.wrong, r.Channel)
				b.mu.Unlock()
			}
		}
		b.obey(r)
	}
}

// pick finds the requests in a row of bytes, as a board does that takes the
// first bytes with good check bytes for a frame.
func (b *Boards) pick(w []byte) (found []Request) {
	for len(w) > 0 {
		used := 1
		for n := range len(w) {
			if r, good := b.dialect.Parse(w[:n+1]); good {
				if b.size.Check(r.Channel) == nil {
					found = append(found, r)
				}
				used = n + 1
				break
			}
		}
		w = w[used:]
	}
	return found
}

func (b *Boards) obey(r Request) {
	b.mu.Lock()
	board := r.Channel.Board
	fault, open := b.faults[board], slices.Clone(b.contact[board])
	var busy time.Duration
	answer := r.Answer
	switch {
	case r.Unlock:
		b.unlocks[r.Channel]++
		answer, busy = b.dialect.Unlocked(r, open, fault.UnlockReply)
		b.busy = time.Now().Add(busy)
	case !r.Other:
		answer = b.dialect.Status(board, open)
	}
	b.mu.Unlock()
	if answer == nil {
		return
	}
	if busy == 0 {
		b.answer(board, answer, fault)
		return
	}
	b.talking.Go(func() {
		time.Sleep(busy)
		b.answer(board, answer, fault)
	})
}

// answer sends an answer the way the fault has it.
func (b *Boards) answer(board int, answer []byte, f Fault) {
	if f.Silent {
		return
	}
	time.Sleep(f.Delay)
	out := slices.Clone(f.Garbage)
	if f.Foreign {
		out = append(out, b.dialect.Status((board+1)%b.size.Boards, slices.Repeat([]bool{true}, b.size.Channels))...)
	}
	if f.Swapped {
		answer = b.dialect.Swapped(answer)
	}
	if f.Corrupt {
		answer[len(answer)-1] ^= 0x40
	}
	out = append(out, answer...)
	if !f.Bytewise {
		b.Send(out)
		return
	}
	for i := range out {
		b.Send(out[i : i+1])
		time.Sleep(520 * time.Microsecond)
	}
}

// Send lets bytes arrive at the driver, as the noise has them.
func (b *Boards) Send(p []byte) {
	b.mu.Lock()
	line := b.line
	if b.noise != nil {
		p = b.noise.Spoil(p)
	}
	b.mu.Unlock()
	line.Send(p)
}

// SetNoise spoils what is sent in both directions from now on, and opens the
// contact of every lock whose unlock frame a board has understood. Nil ends it.
// Every channel should have been unlocked once before, for Expected.
func (b *Boards) SetNoise(n *Noise) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.noise, b.wrong, b.odds = n, nil, newOdds(n, b.frames)
}

// Wrong gives the channels that noise has unlocked, Expected how many it may be
// expected to by what was sent.
func (b *Boards) Wrong() []hardware.Channel {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.wrong)
}

func (b *Boards) Expected() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.odds.total
}

// Line is the one that the driver has open.
func (b *Boards) Line() *Line {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.line
}

func (b *Boards) Size() (boards, channels int) { return b.size.Boards, b.size.Channels }

func (b *Boards) SetContact(ch hardware.Channel, c hardware.Contact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.contact[ch.Board][ch.Index] = c == hardware.Open
}

func (b *Boards) Unlocks() map[hardware.Channel]int {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.unlocks)
}

func (b *Boards) SetFault(board int, f Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults[board] = f
}

func (b *Boards) Speak(board int) {
	b.mu.Lock()
	answer := b.dialect.Status(board, b.contact[board])
	b.mu.Unlock()
	b.Send(answer)
}

func (b *Boards) Unplug() { b.Line().Unplug() }
