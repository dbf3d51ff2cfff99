package notify

import (
	"context"
	"errors"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// outbox is whom records name that no person made.
const outbox = "outbox"

// Run sends what is queued, one e-mail at a time, until ctx ends. Call it once
// for a book that has folded its ledger. What an earlier run was sending when it
// ended becomes unsure first. Errors: those of the ledger and the vault; the
// process must then stop and start again.
func (b *Book) Run(ctx context.Context) error {
	err := b.doubt(ctx)
	for err == nil && ctx.Err() == nil {
		id, wait := b.next(time.Now())
		if id == "" || b.Mailer == nil {
			b.rest(ctx, wait)
			continue
		}
		err = b.attempt(ctx, id)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// doubt marks as unsure whatever was being sent when the process ended.
func (b *Book) doubt(ctx context.Context) error {
	b.command.Lock()
	defer b.command.Unlock()
	for _, n := range b.where(func(n *Notice) bool { return n.State == Sending }) {
		if err := b.record(ctx, KindUnsure, body{By: outbox, Notice: n.ID, Attempt: n.Attempts}); err != nil {
			return err
		}
		b.Logger.Warn("it is not known whether a notice was sent before the restart", "notice", n.ID)
	}
	return nil
}

// next is the first notice that is due, or how long none will be: 0 is until
// something is queued.
func (b *Book) next(now time.Time) (id string, wait time.Duration) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, n := range b.queue {
		left := b.due[n.ID].Sub(now)
		if left <= 0 {
			return n.ID, 0
		}
		if wait == 0 || left < wait {
			wait = left
		}
	}
	return "", wait
}

// rest waits for d, for ever if it is 0, or until something is queued.
func (b *Book) rest(ctx context.Context, d time.Duration) {
	var due <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-b.wake:
	case <-ctx.Done():
	}
}

// stir wakes the outbox.
func (b *Book) stir() {
	select {
	case b.wake <- struct{}{}:
	default: // it has been told
	}
}

// attempt calls the mail server for one notice and records what came of it.
func (b *Book) attempt(ctx context.Context, id string) error {
	m, ok, err := b.claim(ctx, id)
	if err != nil || !ok {
		return err
	}
	outcome := b.Mailer.Send(ctx, m)
	// What the server said must be on record even if ctx has ended meanwhile.
	return b.conclude(context.WithoutCancel(ctx), id, outcome)
}

// claim records that a notice is being sent. It reports false when the notice is
// not to be sent any more.
func (b *Book) claim(ctx context.Context, id string) (Mail, bool, error) {
	b.command.Lock()
	defer b.command.Unlock()
	n, err := b.Get(id)
	if err != nil || !n.State.waits() { // cancelled a moment ago
		return Mail{}, false, err
	}
	l, why, err := b.deliverable(ctx, n)
	if err != nil {
		return Mail{}, false, err
	}
	if why != "" {
		b.Logger.Warn("a notice is not sent", "notice", id, "why", why)
		return Mail{}, false, b.record(ctx, KindFailed, body{By: outbox, Notice: id, Attempt: n.Attempts, Why: why})
	}
	if err := b.record(ctx, KindSending, body{By: outbox, Notice: id, Attempt: n.Attempts + 1}); err != nil {
		return Mail{}, false, err
	}
	return Mail{ID: id, To: l.Address, Subject: l.Subject, Text: l.Text}, true, nil
}

// conclude records what an attempt came to.
func (b *Book) conclude(ctx context.Context, id string, outcome error) error {
	b.command.Lock()
	defer b.command.Unlock()
	n, err := b.Get(id)
	if err != nil {
		return err
	}
	if n.State != Sending {
		return errs.New(errs.Internal, "A notice that was being sent has become "+string(n.State)+".", "")
	}
	e := body{By: outbox, Notice: id, Attempt: n.Attempts}
	kind := KindUnsure
	var r *Refusal
	switch {
	case outcome == nil:
		kind = KindSent
	case errors.As(outcome, &r):
		e.Why, e.Code = r.Why, r.Code
		kind = KindFailed
		if r.Temporary && n.Attempts < MaxAttempts {
			kind = KindDeferred
		}
	}
	if outcome != nil {
		b.Logger.Warn("a notice could not be sent", "notice", id, "attempt", n.Attempts, "outcome", kind, "err", outcome)
	}
	if err := b.record(ctx, kind, e); err != nil {
		return err
	}
	if kind == KindDeferred {
		b.mu.Lock()
		b.due[id] = time.Now().Add(pause(n.Attempts))
		b.mu.Unlock()
	}
	return nil
}

// pause is how long a notice rests after so many refusals.
func pause(attempts int) time.Duration { return firstPause << (attempts - 1) }
