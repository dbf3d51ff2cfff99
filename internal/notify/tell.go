package notify

import (
	"cmp"
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Alert is what a member of staff is told without anybody sending it.
type Alert struct {
	About    string // id of what waits, or of what went wrong
	Template string // one for staff
	Staff    string
	Time     time.Time // for {time}
	What     string    // for {what}: groups and counts, no names
	Link     string    // for {link}
}

// Tell sends an e-mail to a member of staff by itself, once ever about one thing by
// one template, whatever became of the first. It does nothing where there is no mail
// server or no address. Errors: invalid, not_found (nobody on the staff), not_now (too
// many wait), those of the vault and the ledger.
func (b *Book) Tell(ctx context.Context, a Alert) error {
	b.command.Lock()
	defer b.command.Unlock()
	if b.Mailer == nil || b.told(a) {
		return nil
	}
	l, err := b.alert(a)
	switch {
	case err != nil || l.Address == "":
		return err
	case b.waiting() >= MaxQueue:
		return errs.New(errs.NotNow, "Too many e-mails wait to be sent.", "It is tried again.")
	}
	e := body{By: outbox, Notice: ledger.NewID("n"), About: a.About, Template: a.Template, Way: Email, Staff: a.Staff}
	if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("notice"), l); err != nil {
		return err
	}
	if err := b.recordAlert(ctx, e); err != nil {
		return err
	}
	b.stir()
	return nil
}

// told reports whether somebody has been told of something before.
func (b *Book) told(a Alert) bool {
	for _, n := range b.Of(a.About) {
		if n.Template == a.Template && n.Staff == a.Staff {
			return true
		}
	}
	return false
}

// Told reports whether anybody has been told of something, or will be.
func (b *Book) Told(about string) bool {
	for _, n := range b.Of(about) {
		if n.State == Sent || n.State == Sending || n.State == Unsure || n.State.waits() {
			return true
		}
	}
	return false
}

// alert is the letter of an alert, without an address where there is none.
func (b *Book) alert(a Alert) (letter, error) {
	if err := checkIDs(outbox, a.About); err != nil {
		return letter{}, err
	}
	texts := b.Texts()
	t, ok := texts.template(a.Template)
	if !ok || t.For != ToStaff {
		return letter{}, errs.At("template", "There is no such template for staff.", "Choose another one.")
	}
	if err := t.Check(); err != nil {
		return letter{}, err
	}
	address, err := b.staffAddress(a.Staff)
	if err != nil {
		return letter{}, err
	}
	l := letter{Address: address}
	l.Subject, l.Text, err = t.render(fields{School: texts.School, OfficePhone: texts.OfficePhone, Time: clock(a.Time, cmp.Or(texts.Zone, time.UTC)), What: a.What, Link: a.Link})
	return l, err
}

// recordAlert records that an alert is prepared and queued, in one step: one that is
// prepared and not queued would wait for a person. The caller holds command.
func (b *Book) recordAlert(ctx context.Context, e body) error {
	prepared, err := ledger.NewEntry(KindPrepared, b.Stamp(), e)
	if err != nil {
		return err
	}
	queued, err := ledger.NewEntry(KindQueued, b.Stamp(), body{By: outbox, Notice: e.Notice})
	if err != nil {
		return err
	}
	return ledger.Commit(ctx, b.Log, b.Fold, prepared, queued)
}
