package uplink

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/wire"
)

const (
	answerWithin = 3 * time.Second  // before the server is asked again
	retryAfter   = 2 * time.Second  // after the broker refused something
	publishFor   = 10 * time.Second // for one message
	restFor      = time.Minute      // after the server refused the ledger
)

var errAgain = errors.New("the line came up anew")

// journal sends epoch after epoch, and begins again with each connection.
func (l *Link) journal(ctx context.Context) error {
	for {
		err := l.all(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if !errors.Is(err, errAgain) {
			return err
		}
	}
}

func (l *Link) all(ctx context.Context) error {
	for _, e := range l.History {
		id, err := identify(ctx, e.Ledger)
		if err == nil {
			err = l.follow(ctx, e, id, nil)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errAgain):
			return err
		case err != nil: // it must not stand in the way of the one that is being written
			warn("an earlier ledger cannot be sent; the server keeps what it has of it", err, "epoch", e.Number)
		}
	}
	grown := make(chan struct{}, 1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go watch(ctx, l.Log, l.Log.Size(), grown)
	id, err := identify(ctx, l.Log)
	if err != nil {
		return err
	}
	return l.follow(ctx, Epoch{l.Epoch, l.Log}, id, grown)
}

// identify reads which ledger this is.
func identify(ctx context.Context, log Ledger) (id string, err error) {
	err = log.Read(ctx, 0, func(r ledger.Record) error {
		id = wire.LedgerID(r.Leaf)
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return "", unreadable(err)
	}
	return id, nil
}

func unreadable(err error) error {
	return errs.Wrap(err, errs.Internal, "The ledger cannot be read for the school server.", "Run: bellkeep ledger verify")
}

// watch signals whenever the ledger has grown beyond the size somebody saw. It
// takes the size before it signals, so that nothing grows unsaid.
func watch(ctx context.Context, log Growing, size uint64, grown chan<- struct{}) {
	for log.Wait(ctx, size) == nil {
		size = log.Size()
		select {
		case grown <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

// follower sends one epoch.
type follower struct {
	*Link
	Epoch
	window
	id         string // wire.LedgerID
	checkpoint string // the newest one sent
	refusal    string // why the server takes no more of it; "" while it does
}

// follow sends an epoch until the server has all of it; the epoch that still
// grows is never done. Its error is errAgain when the line came up anew, and
// otherwise that the bank's own ledger cannot be read, or, for one that does not
// grow, that the server refuses it.
func (l *Link) follow(ctx context.Context, e Epoch, id string, grown <-chan struct{}) error {
	f := &follower{Link: l, Epoch: e, id: id, window: window{size: e.Ledger.Size()}}
	f.ask(ctx)
	silence := time.NewTimer(answerWithin)
	defer silence.Stop()
	for grown != nil || !f.complete() {
		if from, until, ok := f.next(wire.MaxLeaves); ok {
			if err := f.send(ctx, from, until); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.up:
			return errAgain
		case <-grown:
			f.size = e.Ledger.Size()
		case ack := <-l.acks:
			if rest := f.take(ack); rest > 0 {
				silence.Reset(rest)
			}
			if grown == nil && f.refusal != "" {
				return errs.New(errs.Conflict, "The school server takes no more of this ledger: "+f.refusal, "Compare it with the server's copy.")
			}
		case <-silence.C:
			if f.waiting() || f.newCheckpoint() {
				f.reset()
				f.ask(ctx)
			}
			silence.Reset(answerWithin)
		}
	}
	return nil
}

// take goes by an acknowledgement, if it speaks of this ledger: another machine
// may be using this bank's name. It says for how long the server may now be
// silent before it is asked again; 0 for no news.
func (f *follower) take(ack wire.JournalAck) time.Duration {
	if ack.Epoch != f.Number || ack.Ledger != f.id {
		return 0
	}
	why, next := ack.Refused, "Look at this bank on the school server."
	if why == "" {
		if err := f.ack(ack.Size); err != nil {
			why, next = err.Error(), "Start a new epoch: bellkeep ledger new-epoch --help"
		}
	}
	if why != "" && why != f.refusal {
		slog.Error("the school server takes no more of this ledger", "epoch", f.Number, "why", why, "next", next)
	}
	f.refusal = why
	if why != "" {
		f.reset() // nothing is sent before the server has been asked again
		return restFor
	}
	return answerWithin
}

// ask sends no records: the answer says where the server's copy ends.
func (f *follower) ask(ctx context.Context) {
	f.publish(ctx, wire.Journal{V: wire.V, Epoch: f.Number, Ledger: f.id, From: f.size, Checkpoint: f.lastCheckpoint(), Seen: f.seen()})
}

// newCheckpoint reports whether there is a checkpoint the server has not got.
func (f *follower) newCheckpoint() bool {
	return string(f.Ledger.LastCheckpoint()) != f.checkpoint
}

func (f *follower) lastCheckpoint() []byte {
	signed := f.Ledger.LastCheckpoint()
	f.checkpoint = string(signed)
	return signed
}

// send publishes the records from from on, fewer than until if they are long.
func (f *follower) send(ctx context.Context, from, until uint64) error {
	j := wire.Journal{V: wire.V, Epoch: f.Number, Ledger: f.id, From: from}
	bytes := 0
	err := f.Ledger.Read(ctx, from, func(r ledger.Record) error {
		bytes += len(r.Leaf)
		if r.Seq >= until || (bytes > wire.MaxLeafBytes && len(j.Leaves) > 0) {
			return errEnough
		}
		j.Leaves = append(j.Leaves, append([]byte(nil), r.Leaf...))
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return unreadable(err)
	}
	if f.publish(ctx, j) {
		f.sent = from + uint64(len(j.Leaves))
	}
	return nil
}

var errEnough = errors.New("enough records for one message")

// publish sends a message to the server. When the broker does not take it the
// window starts from what the server says next.
func (f *follower) publish(ctx context.Context, j wire.Journal) bool {
	data, err := wire.Encode(j)
	if err == nil {
		within, cancel := context.WithTimeout(ctx, publishFor)
		defer cancel()
		err = f.Bus.Publish(within, f.Root.Bank(f.Bank, wire.LeafJournal), data, false)
	}
	if err != nil {
		f.reset()
	}
	return err == nil
}

// acked hands an acknowledgement to whoever follows that epoch.
func (l *Link) acked(ctx context.Context, payload []byte) error {
	var ack wire.JournalAck
	if err := wire.Decode(payload, &ack); err != nil {
		return l.refuse(ctx, wire.LeafJournalAck, err)
	}
	select {
	case l.acks <- ack:
	case <-ctx.Done():
	}
	return l.witness(ctx, ack.School)
}
