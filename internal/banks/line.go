package banks

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// journalQueue is how many journal messages may wait for the disk. What does
// not fit is dropped: the bank sends it again.
const journalQueue = 16

// line is one bank's line to this server.
type line struct {
	house    *House
	id       string // of the bank
	follower *follower
	journal  chan wire.Journal

	mu       sync.Mutex
	bank     Bank // as listed last
	board    *view.Live
	undrawn  string // why the board does not follow the copy
	presence presence
	state    wire.BankState
}

func newLine(h *House, b Bank, f *follower) *line {
	l := &line{house: h, id: b.Setup.Bank, bank: b, follower: f, journal: make(chan wire.Journal, journalQueue)}
	newest, before, _ := f.current()
	l.board = l.follow(b.Setup, newest, before)
	return l
}

// relist takes up what is newly said of the bank. Its board is drawn anew.
func (l *line) relist(b Bank) {
	l.mu.Lock()
	l.bank = b
	l.mu.Unlock()
	l.follower.redraw()
}

func (l *line) listed() Bank {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bank
}

// follow makes the board of a ledger; there may be none yet.
func (l *line) follow(setup locker.Setup, newest *boltlog.Copy, before []*boltlog.Copy) *view.Live {
	var past []view.Past
	for _, c := range before {
		past = append(past, c)
	}
	if newest == nil {
		return view.NewLive(setup, l.house.Rules.Current(), nil, nothing{}, l.house.Now, l.house.Zone)
	}
	board := view.NewLive(setup, l.house.Rules.Current(), past, newest, l.house.Now, l.house.Zone)
	board.Keep(newSnapshot(l.follower.dir, setup, newest, before))
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
	return Status{Bank: l.bank, Board: board, Online: l.presence.Online, Since: l.presence.since, State: l.state, Refused: cmp.Or(refused, l.undrawn, passedOver(board.Alien))}
}

// passedOver says that a board may lack something.
func passedOver(records uint64) string {
	if records == 0 {
		return ""
	}
	return fmt.Sprintf("%d records of this bank say something that this server does not understand. Bring both to the same version.", records)
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
	if l.house.ItemBook != nil {
		group.Go(func() error { return l.tellItems(ctx) })
	}
	return group.Wait()
}

// store puts what arrives onto the disk and acknowledges it.
func (l *line) store(ctx context.Context) error {
	for {
		select {
		case j := <-l.journal:
			ack := l.follower.take(ctx, j)
			if ctx.Err() != nil {
				return nil
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
		err = l.house.Bus.Publish(ctx, l.house.Root.Bank(l.id, leaf), data, false)
	}
	if err != nil && ctx.Err() == nil {
		slog.Warn("a bank could not be answered; it will ask again", "bank", l.id, "err", err)
	}
}

// drawAgain is how long a board rests whose ledger could not be read.
const drawAgain = time.Minute

// draw keeps the board on the newest epoch of the ledger.
func (l *line) draw(ctx context.Context) error {
	for ctx.Err() == nil {
		newest, before, changed := l.follower.current()
		board := l.follow(l.listed().Setup, newest, before)
		l.mu.Lock()
		l.board = board
		l.mu.Unlock()
		l.house.changed()
		if err := l.drawOne(ctx, board, changed); err != nil {
			l.rest(ctx, err, changed)
		}
	}
	return nil
}

// drawOne draws one board until changed closes, ctx ends, or its ledger cannot
// be read.
func (l *line) drawOne(ctx context.Context, board *view.Live, changed <-chan struct{}) error {
	drawing, stop := context.WithCancel(ctx)
	defer stop()
	group, within := errgroup.WithContext(drawing)
	group.Go(func() error {
		err := board.Run(within)
		if drawing.Err() != nil {
			return nil
		}
		return err
	})
	group.Go(func() error { return l.notify(within, board) })
	group.Go(func() error {
		defer stop()
		select {
		case <-changed:
		case <-within.Done():
		}
		return nil
	})
	return group.Wait()
}

// rest shows why a board could not be drawn, until there is something else to
// draw or a while has passed.
func (l *line) rest(ctx context.Context, err error, changed <-chan struct{}) {
	l.cannotDraw(err)
	again := time.NewTimer(drawAgain)
	defer again.Stop()
	select {
	case <-changed:
	case <-again.C:
	case <-ctx.Done():
	}
}

// cannotDraw keeps why the board could not be drawn last, and logs what is new.
func (l *line) cannotDraw(err error) {
	l.mu.Lock()
	known := l.undrawn == err.Error()
	l.undrawn = err.Error()
	l.mu.Unlock()
	if !known {
		slog.Error("a bank's board cannot be drawn", "bank", l.id, "err", err, "next", errs.HintOf(err))
		l.house.changed()
	}
}

// notify tells the house whenever the board has grown.
func (l *line) notify(ctx context.Context, board *view.Live) error {
	for size := uint64(0); board.Wait(ctx, size) == nil; {
		size = board.Size()
		l.drawn()
		l.house.changed()
	}
	return nil
}

// drawn forgets why the board could not be drawn.
func (l *line) drawn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.undrawn = ""
}

func (l *line) heardJournal(payload []byte) {
	var j wire.Journal
	if err := wire.Decode(payload, &j); err != nil || tooMuch(j) {
		l.refuse(wire.LeafJournal, err)
		return
	}
	select {
	case l.journal <- j:
	default:
	}
}

// tooMuch reports whether a message is larger than a bank sends them.
func tooMuch(j wire.Journal) bool {
	size := 0
	for _, leaf := range j.Leaves {
		size += len(leaf)
	}
	return len(j.Leaves) > wire.MaxLeaves || size > wire.MaxLeafBytes || len(j.Checkpoint) > wire.MaxCheckpoint
}

func (l *line) heardState(payload []byte) {
	var s wire.BankState
	if err := wire.Decode(payload, &s); err != nil || s.Bank != l.id || len(s.Doors) > l.listed().Setup.Size() {
		l.refuse(wire.LeafState, err)
		return
	}
	s.Problems = health.Tidy(s.Problems)
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
	l.house.orders.answered(l.id, a)
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
	slog.Warn("a bank's message is refused", "bank", l.id, "leaf", string(leaf), "err", err)
}
