package fleet

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

// What somebody did so that devices come under management. The book remembers nothing
// of it: the ledger says who did what, when.
const (
	kindInvited   = "device-invited"
	kindAssigned  = "device-assigned"
	kindRehearsed = "device-rehearsed"
	kindPush      = "push-certificate-taken"
)

type (
	rehearsed struct {
		about
		Until time.Time `json:"until"`
	}
	pushTaken struct {
		Topic string    `json:"topic"`
		Until time.Time `json:"until"`
		By    string    `json:"by"`
	}
)

// Invite records that devices may enrol, before they are given what it takes. Nothing
// is recorded if one may not. Errors: not found, denied in quarantine, and those of the
// ledger.
func (b *Book) Invite(ctx context.Context, by string, devices ...string) error {
	return b.about(ctx, kindInvited, by, devices, b.mayEnrol)
}

// Assign records that devices are given to the school's gateway where their maker keeps
// the list of what the school bought. Errors: as Invite.
func (b *Book) Assign(ctx context.Context, by string, devices ...string) error {
	return b.about(ctx, kindAssigned, by, devices, b.mayEnrol)
}

// mayEnrol is called with mu held.
func (b *Book) mayEnrol(device string) error {
	l, err := b.managed(device)
	if err != nil {
		return err
	}
	return b.mayAlter(l)
}

// Rehearse records that a device is as in a lesson until a moment. Errors: not found,
// denied in quarantine, and those of the ledger.
func (b *Book) Rehearse(ctx context.Context, by, device string, until time.Time) error {
	return b.do(ctx, kindRehearsed, by, rehearsed{about{Device: device, By: by}, until.UTC()}, func() error { return b.mayEnrol(device) })
}

// TakePush records that the school has a certificate to wake its devices with. Errors:
// invalid, those of the ledger.
func (b *Book) TakePush(ctx context.Context, by, topic string, until time.Time) error {
	return b.do(ctx, kindPush, by, pushTaken{topic, until.UTC(), by}, func() error {
		if topic == "" {
			return errs.New(errs.Invalid, "A push certificate has a topic.", "")
		}
		return nil
	})
}

// about records the same of several devices.
func (b *Book) about(ctx context.Context, kind, by string, devices []string, may func(device string) error) error {
	b.command.Lock()
	defer b.command.Unlock()
	var entries []ledger.Entry
	for _, id := range devices {
		if err := b.ask(func() error { return may(id) }); err != nil {
			return err
		}
		e, err := b.entry(kind, by, about{Device: id, By: by})
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	return b.append(ctx, entries)
}
