package bridge

import (
	"context"
	"io"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// Log is the bank's own ledger.
type Log interface {
	ledger.Appender
	ledger.Reader
}

// Past is a ledger that is no longer written.
type Past interface {
	Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error
}

// Sender hands an order to the bus of its door. False means that the bus cannot
// take it and will never have seen it.
type Sender interface {
	Send(Order) bool
}

// Display changes what a kiosk shows.
type Display interface {
	Show(kiosk string, s locker.Screen)
}

// Bank is one bank of lockers. It is not safe for concurrent use: one loop
// feeds it.
type Bank struct {
	Parts
	state   *locker.State
	next    uint64    // sequence of the next event
	began   time.Time // machine time of the start
	senses  map[int]*sensing
	pending map[int]*pending // by door
	showing map[string]int   // by kiosk: the door its screen speaks of

	nonces    nonces              // of orders
	approvals nonces              // of what two people sign for one
	sessions  map[string]*session // by kiosk: the staff member at it

	inviting bool // the kiosks ask for badges
	unsigned bool // something that a person may want to prove is not under a checkpoint yet
	leaving  bool // they tell people to leave the building

	// Bounds on what is recorded one by one. A photocopy must not keep a real
	// pupil off the record, so each kind has its own.
	strangers, known, full, calls, refusals, messages flood
}

// Parts are what a bank is made of.
type Parts struct {
	Setup   locker.Setup
	Rules   locker.Rules
	Kiosks  []string
	Version string // of this program, for the record
	History []Past // ledgers of earlier epochs, oldest first
	Log     Log
	Sender  Sender
	Display Display
	PINs    PINs         // nil: no PIN is right
	Told    *passkey.Set // whose passkeys count, as the bank was told in joining; nil: nobody told it
	Halt    func(bool)   // keeps the locks still, or lets them move again; nil: nothing waits for them
	Random  io.Reader    // of nonces, crypto/rand.Reader outside simulations; nil: no order can be sent
}

// NewBank folds the ledgers and starts with all doors unread. It records that
// the bank started and which rules it goes by.
func NewBank(ctx context.Context, parts Parts, now Moment) (*Bank, error) {
	b := &Bank{
		Parts: parts, state: locker.NewState(parts.Setup), next: parts.Log.Size(), began: now.Machine,
		senses: map[int]*sensing{}, pending: map[int]*pending{}, showing: map[string]int{},
		nonces: nonces{random: parts.Random, life: OrderLife, most: maxNonces}, approvals: nonces{random: parts.Random, life: locker.ApprovalLife, most: maxApprovals},
		sessions: map[string]*session{},
	}
	for n := range parts.Setup.All() {
		b.senses[n] = &sensing{}
	}
	doubt := b.foldHistory(ctx)
	if err := parts.Log.Read(ctx, 0, b.fold); err != nil {
		return nil, errs.Wrap(err, errs.Internal, "The ledger cannot be read.", "Run: bellkeep ledger verify; then start a new epoch: bellkeep ledger new-epoch --help")
	}
	t := &turn{Bank: b, now: now.recorded()}
	t.note(locker.Event{Kind: locker.Started, At: now.School, Body: locker.Body{Version: parts.Version}})
	if doubt {
		t.note(locker.Event{Kind: locker.Doubted, At: now.School})
	}
	t.noteRules()
	t.noteTold()
	for _, kiosk := range parts.Kiosks {
		t.show(kiosk, locker.Screen{Word: locker.Starting})
	}
	t.proclaim()
	return b, t.finish(ctx)
}

// noteTold records whose passkeys the bank goes by, when it was told in joining and
// has never known any: nothing that is told later without two of them counts.
func (t *turn) noteTold() {
	if t.Told == nil || !t.state.Approvers.Set.Empty() {
		return
	}
	e, err := locker.LearnApprovers(t.state, *t.Told, "", t.now.School)
	if err != nil {
		e = locker.Event{Kind: locker.MessageRefused, At: t.now.School, Body: locker.Body{What: "approvers", Why: string(errs.CodeOf(err))}}
	}
	t.note(e)
}

// foldHistory folds what can be read of earlier epochs and reports whether
// anything was missing: then nobody can be sure of what is held.
func (b *Bank) foldHistory(ctx context.Context) (doubt bool) {
	for _, past := range b.History {
		if err := past.Read(ctx, 0, b.fold); err != nil {
			doubt = true
		}
	}
	return doubt
}

func (b *Bank) fold(r ledger.Record) error {
	e, err := record.Event(r)
	if err != nil {
		return err
	}
	b.state.Apply(r.Seq, e)
	return nil
}

// State is what the bank believes. Callers must not change it.
func (b *Bank) State() *locker.State { return b.state }

// TakeUnsigned reports, once, that the ledger should be signed now and not only by the
// minute: an item has come or gone, and its paper is about to be printed.
func (b *Bank) TakeUnsigned() bool {
	was := b.unsigned
	b.unsigned = false
	return was
}

// Handle takes inputs that arrived together. Whatever they lead to is durable
// before any order is sent, any screen changes or anybody is answered. An error means that the
// ledger can no longer be trusted to take events: the program must end.
func (b *Bank) Handle(ctx context.Context, now Moment, inputs ...Input) error {
	t := &turn{Bank: b, now: now.recorded()}
	for _, in := range inputs {
		t.take(in)
	}
	return t.finish(ctx)
}
