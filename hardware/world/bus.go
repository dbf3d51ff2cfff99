package world

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Counts is what the boards of one bus met.
type Counts struct {
	Statuses  uint64 // status requests answered
	Unlocks   uint64 // unlock frames obeyed, wired or not
	Elsewhere uint64 // frames for a board that is not there or has lost its power
	Unknown   uint64 // good frames that no board obeys
	Collided  uint64 // bytes sent while a busy board had the line
	BadBytes  uint64 // bytes that belong to no good frame
	Spoiled   uint64 // replies damaged by noise
	Unheard   uint64 // replies that nobody was there to take
}

// bus is one line of boards and the goroutine that speaks for them.
type bus struct {
	Bus
	port  *port
	cab   *cabinet
	tell  func(Line) error
	later func(after time.Duration, do func() error) // runs do unless the world ends first
	react time.Duration
	rng   *rand.Rand
	ear   ear

	voice sync.Mutex // one board speaks at a time

	mu     sync.Mutex
	busy   time.Time // until then one board has the line for itself
	counts Counts
	dead   map[int]time.Time // boards without power, and until when
}

// serve listens and answers until ctx ends or the truth cannot be told.
func (b *bus) serve(ctx context.Context) error {
	buf := make([]byte, 256)
	for {
		n := b.port.read(ctx, buf)
		if n == 0 {
			return nil
		}
		if b.isBusy() {
			b.count(func(c *Counts) { c.Collided += uint64(n) })
			continue
		}
		found := b.ear.hear(buf[:n], time.Now())
		b.count(func(c *Counts) { c.BadBytes = b.ear.bad })
		for _, r := range found {
			if err := b.obey(ctx, r); err != nil {
				return err
			}
		}
	}
}

// obey is what the board addressed does with a good frame.
func (b *bus) obey(ctx context.Context, r request) error {
	switch {
	case r.board < 0 || r.board >= b.Boards || b.isDead(r.board):
		b.count(func(c *Counts) { c.Elsewhere++ })
		return nil
	case r.wish == askStatus:
		b.count(func(c *Counts) { c.Statuses++ })
		return b.reply(ctx, r)
	case r.wish == moveLatch && r.lock < b.Personality.Locks():
		b.count(func(c *Counts) { c.Unlocks++ })
		return b.unlock(ctx, r)
	case r.wish == answerOnly:
		return b.say(ctx, r, r.frame)
	}
	b.count(func(c *Counts) { c.Unknown++ })
	return nil
}

func (b *bus) unlock(ctx context.Context, r request) error {
	at := channel{b.Name, r.board, r.lock}
	moves, err := b.cab.pulse(at)
	if err != nil {
		return err
	}
	if moves {
		b.later(b.react, func() error { return b.cab.react(at) })
	}
	if b.Personality.AnswersUnlocks {
		return b.reply(ctx, r)
	}
	answer := func() error {
		locks, _ := b.cab.sensors(b.Name, r.board, b.Personality)
		return b.say(ctx, r, b.ear.tongue.obeyed(r, locks[r.lock]))
	}
	busy := b.ear.tongue.busy()
	if busy == 0 {
		return answer()
	}
	b.mu.Lock()
	b.busy = time.Now().Add(busy)
	b.mu.Unlock()
	b.later(busy, answer)
	return nil
}

// reply sends the status of a board.
func (b *bus) reply(ctx context.Context, r request) error {
	wait := time.Duration(b.ear.tongue.requestLen())*b.Timing.Byte + b.Timing.Reply
	if rest(ctx, wait) != nil {
		return nil // the world ends; serve sees it too
	}
	locks, items := b.cab.sensors(b.Name, r.board, b.Personality)
	return b.say(ctx, r, b.ear.tongue.status(r, locks, items))
}

// say sends an answer as the line lets it through.
func (b *bus) say(ctx context.Context, r request, answer []byte) error {
	if answer == nil {
		return nil
	}
	b.voice.Lock()
	defer b.voice.Unlock()
	if rest(ctx, b.Noise.late(b.rng)) != nil {
		return nil
	}
	out, spoiled := b.Noise.spoil(answer, b.rng)
	if spoiled {
		b.count(func(c *Counts) { c.Spoiled++ })
		if err := b.tell(Line{What: Garbled, Bus: b.Name, Board: r.board}); err != nil {
			return err
		}
	}
	if rest(ctx, time.Duration(len(out))*b.Timing.Byte) != nil {
		return nil
	}
	if !b.port.write(out) {
		b.count(func(c *Counts) { c.Unheard++ })
	}
	return nil
}

func (b *bus) count(up func(*Counts)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	up(&b.counts)
}

// kill takes the power from a board for d of machine time.
func (b *bus) kill(board int, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead[board] = time.Now().Add(d)
}

func (b *bus) isDead(board int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Before(b.dead[board])
}

func (b *bus) isBusy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Before(b.busy)
}
