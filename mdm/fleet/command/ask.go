package command

import (
	"context"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
)

// Ask tells a device to do something, until exp at the latest, and gives the
// command's id. What takes two people waits for the second. Errors: invalid, not
// found, denied, conflict, those of the ledger and the vault.
func (b *Book) Ask(ctx context.Context, by school.Actor, device string, op mdm.Op, args mdm.Args, exp time.Time) (string, error) {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	c := mdm.NewCommand(device, ledger.NewID("c"), op, args, stamp.Wall, exp)
	if err := b.mayAsk(by, c); err != nil {
		return "", err
	}
	e := body{ID: c.ID, Device: device, Op: op, Exp: c.Exp, By: by.Account, Person: by.Person}
	if err := b.keep(ctx, &e, text{Args: args}); err != nil {
		return "", err
	}
	return c.ID, b.record(ctx, kindAsked, stamp, e)
}

func (b *Book) mayAsk(by school.Actor, c mdm.Command) error {
	if !school.ValidID(by.Account) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Sign in and try again.")
	}
	if err := c.Validate(); err != nil {
		return err
	}
	if err := b.allowed(c); err != nil {
		return err
	}
	if c.Op.TakesTwo() {
		if err := by.Ask(); err != nil {
			return err
		}
	}
	open := 0
	for _, l := range b.Of(c.Dev, c.TS) {
		if !l.Progress.Over() {
			open++
		}
	}
	if open >= MaxOpen {
		return errs.New(errs.Conflict, fmt.Sprintf("Device %s has %d commands that are not over.", c.Dev, open), "Withdraw some of them first.")
	}
	return nil
}

// allowed refuses what a device may not be told now. Errors: not found, conflict.
func (b *Book) allowed(c mdm.Command) error {
	d, ok := b.managed(c.Dev)
	switch {
	case !ok:
		return errs.New(errs.NotFound, fmt.Sprintf("There is no device %.40q under management.", c.Dev), "Look at the list of devices.")
	case d.Quarantined && c.Op.Destroys():
		return errs.New(errs.Conflict, "Device "+c.Dev+" stays as it is for now: nothing on it may be destroyed.", "Its page may say why. Ask the headteacher.")
	case c.Op == mdm.Locate && !b.isLost(c.Dev):
		return errs.New(errs.Conflict, "Device "+c.Dev+" is not on record as lost, so nobody asks where it is: whoever holds it would be found with it.", "If it is lost, say so on its page first.")
	}
	return nil
}

// Approve is the second person's consent. Errors: not found, denied, conflict,
// and those of the ledger.
func (b *Book) Approve(ctx context.Context, by school.Actor, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	l, err := b.unfinished(id, stamp.Wall)
	switch {
	case err != nil:
		return err
	case l.Progress != Unapproved:
		return errs.New(errs.Conflict, "This command needs no second person, or has one.", "Look at how far it is.")
	}
	if err := b.allowed(l.Command); err != nil {
		return err
	}
	if _, err := by.Approve(stamp.Wall, l.Person); err != nil {
		return err
	}
	return b.record(ctx, kindApproved, stamp, body{ID: id, By: by.Account, Person: by.Person})
}

// Withdraw takes a command back. A device that has been told already may do it
// all the same. Errors: not found, conflict, and those of the ledger.
func (b *Book) Withdraw(ctx context.Context, by school.Actor, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	if !school.ValidID(by.Account) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Sign in and try again.")
	}
	if _, err := b.unfinished(id, stamp.Wall); err != nil {
		return err
	}
	return b.record(ctx, kindWithdrawn, stamp, body{ID: id, By: by.Account})
}

// unfinished is a command that is not over.
func (b *Book) unfinished(id string, now time.Time) (Line, error) {
	l, ok := b.Line(id, now)
	switch {
	case !ok:
		return l, errs.New(errs.NotFound, fmt.Sprintf("There is no command %.40q.", id), "Look at the device's commands.")
	case l.Progress.Over():
		return l, errs.New(errs.Conflict, "This command is over: "+string(l.Progress)+".", "Ask for it anew.")
	}
	return l, nil
}

// Sent records that a command is handed to the broker; repeats are passed over.
// Errors: conflict for one that may not be sent any more, those of the ledger.
func (b *Book) Sent(ctx context.Context, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	l, err := b.unfinished(id, stamp.Wall)
	switch {
	case err == nil && b.forbidden(l.Command):
		return errs.New(errs.Conflict, "This command may not be sent as its device stands.", "")
	case err != nil || l.Progress != Waiting:
		return err
	}
	return b.record(ctx, kindSent, stamp, body{ID: id})
}

// Answered records what a device says of a command it was told. What it said
// already is passed over. Errors: denied for a command that is not the device's or
// that it was never sent, conflict for one that is over, those of the ledger and
// the vault.
func (b *Book) Answered(ctx context.Context, device string, a mdm.Ack) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	b.mu.RLock()
	l := b.lines[a.ID]
	b.mu.RUnlock()
	switch {
	case l == nil || l.Dev != device || l.Progress == Unapproved || l.Progress == Waiting:
		return errs.New(errs.Denied, "It answers a command it was never told.", "")
	case l.Progress == Progress(a.State), l.Progress.Over() && a.State == mdm.Accepted:
		return nil
	case l.Progress.Over() && l.Progress != Withdrawn && l.Progress != Quarantined && !a.State.MayFollow(mdm.AckState(l.Progress)):
		return errs.New(errs.Conflict, "It says otherwise of a command than before.", "")
	}
	e := body{ID: a.ID, State: a.State}
	if err := b.keep(ctx, &e, text{Detail: a.Detail}); err != nil {
		return err
	}
	return b.record(ctx, kindAnswered, stamp, e)
}

// keep puts a text into the vault, unless there is none.
func (b *Book) keep(ctx context.Context, e *body, t text) error {
	if t == (text{}) {
		return nil
	}
	var err error
	e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("device-command"), t)
	return err
}

func (b *Book) record(ctx context.Context, kind string, stamp ledger.Stamp, e body) error {
	return ledger.Write(ctx, b.Log, b.Fold, kind, stamp, e)
}
