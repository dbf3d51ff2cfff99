package banks

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// journalQueue is how many journal messages may wait for the disk. What does
// not fit is dropped: the bank sends it again.
const journalQueue = 64

// line is one bank's line to this server.
type line struct {
	house    *House
	bank     Bank
	follower *follower
	journal  chan wire.Journal

	mu       sync.Mutex
	board    *view.Live
	presence presence
	state    wire.BankState
}

func newLine(h *House, b Bank, f *follower) *line {
	l := &line{house: h, bank: b, follower: f, journal: make(chan wire.Journal, journalQueue)}
	newest, before, _ := f.current()
	l.board = l.follow(newest, before)
	return l
}

// follow makes the board of a ledger; there may be none yet.
func (l *line) follow(newest *boltlog.Copy, before []*boltlog.Copy) *view.Live {
	var past []view.Past
	for _, c := range before {
		past = append(past, c)
	}
	if newest == nil {
		return view.NewLive(l.bank.Setup, l.house.Rules.Current(), nil, nothing{}, l.house.Now, l.house.Zone)
	}
	board := view.NewLive(l.bank.Setup, l.house.Rules.Current(), past, newest, l.house.Now, l.house.Zone)
	board.Keep(newSnapshot(l.follower.dir, l.bank.Setup, newest, before))
	return board
}

func (l *line) live() *view.Live {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.board
}

func (l *line) rule(rules locker.Rules) { l.live().Rule(rules) }

func (l *line) status() Status {
	board := l.live().Board()
	refused := l.follower.problem()
	l.mu.Lock()
	defer l.mu.Unlock()
	return Status{Bank: l.bank, Board: board, Online: l.presence.Online, Since: l.presence.since, State: l.state, Refused: refused}
}

// connected says whether the bank is there.
func (l *line) connected() Force {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Force{Bank: l.bank, Online: l.presence.Online, Seen: l.presence.since}
}

func (l *line) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return l.store(ctx) })
	group.Go(func() error { return l.draw(ctx) })
	return group.Wait()
}

// store puts what arrives onto the disk and acknowledges it.
func (l *line) store(ctx context.Context) error {
	for {
		select {
		case j := <-l.journal:
			ack, err := l.follower.take(ctx, j)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return errs.Wrap(err, errs.Unavailable, "The copy of a bank's ledger cannot be written.", "Look at the server's disk.")
			}
			if len(j.Leaves) == 0 {
				ack.School = l.house.schoolCheckpoint(j.Seen)
			}
			l.say(ctx, wire.LeafJournalAck, ack)
		case <-ctx.Done():
			return nil
		}
	}
}

func (l *line) say(ctx context.Context, leaf wire.Leaf, message any) {
	data, err := wire.Encode(message)
	if err == nil {
		err = l.house.Bus.Publish(ctx, l.house.Root.Bank(l.bank.Setup.Bank, leaf), data, false)
	}
	if err != nil && ctx.Err() == nil {
		slog.Warn("a bank could not be answered; it will ask again", "bank", l.bank.Setup.Bank, "err", err)
	}
}

// draw keeps the board on the newest epoch of the ledger.
func (l *line) draw(ctx context.Context) error {
	for ctx.Err() == nil {
		newest, before, changed := l.follower.current()
		board := l.follow(newest, before)
		l.mu.Lock()
		l.board = board
		l.mu.Unlock()
		drawing, stop := context.WithCancel(ctx)
		group, within := errgroup.WithContext(drawing)
		group.Go(func() error { return board.Run(within) })
		group.Go(func() error { return l.notify(within, board) })
		group.Go(func() error {
			defer stop()
			select {
			case <-changed:
			case <-within.Done():
			}
			return nil
		})
		err := group.Wait()
		stop()
		if err != nil && drawing.Err() == nil {
			return err
		}
	}
	return nil
}

// notify tells the house whenever the board has grown.
func (l *line) notify(ctx context.Context, board *view.Live) error {
	for size := uint64(0); board.Wait(ctx, size) == nil; {
		size = board.Size()
		l.house.changed()
	}
	return nil
}

func (l *line) heardJournal(payload []byte) {
	var j wire.Journal
	if err := wire.Decode(payload, &j); err != nil || len(j.Leaves) > wire.MaxLeaves || len(j.Checkpoint) > wire.MaxCheckpoint {
		l.refuse(wire.LeafJournal, err)
		return
	}
	select {
	case l.journal <- j:
	default:
	}
}

func (l *line) heardState(payload []byte) {
	var s wire.BankState
	if err := wire.Decode(payload, &s); err != nil || s.Bank != l.bank.Setup.Bank || len(s.Doors) > len(l.bank.Setup.Doors) {
		l.refuse(wire.LeafState, err)
		return
	}
	l.mu.Lock()
	l.state = s
	l.mu.Unlock()
	l.house.changed()
}

func (l *line) heardAnswer(payload []byte) {
	var a wire.Answer
	if err := wire.Decode(payload, &a); err != nil {
		l.refuse(wire.LeafAnswer, err)
		return
	}
	l.house.orders.answered(l.bank.Setup.Bank, a)
}

func (l *line) heardPresence(payload []byte) {
	l.mu.Lock()
	ok := l.presence.hear(payload, time.Now())
	l.mu.Unlock()
	if !ok {
		l.refuse(wire.LeafPresence, nil)
		return
	}
	l.house.changed()
}

// refuse logs a message that makes no sense. The broker let it through, so it
// came with the bank's own certificate.
func (l *line) refuse(leaf wire.Leaf, err error) {
	slog.Warn("a bank's message is refused", "bank", l.bank.Setup.Bank, "leaf", string(leaf), "err", err)
}
