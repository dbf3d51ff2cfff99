package fleet

import (
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
)

// List puts devices in the book, or changes what it says of them. Those that
// are there unchanged are passed over. Nothing is listed if one is at fault.
// Errors: invalid, conflict for a retired one, denied for one in quarantine and for
// a move to where another filter holds (see Change), and those of the ledger.
func (b *Book) List(ctx context.Context, by string, devices ...mdm.Device) error {
	b.command.Lock()
	defer b.command.Unlock()
	free, moves, err := b.sort(devices)
	if err != nil {
		return err
	}
	if len(moves) > 0 {
		return errs.New(errs.Denied, "In those groups other rules on sharing, apps or sites would hold for device "+moves[0].Devices[0]+", so a second person must agree.",
			"Ask for it on the device's page.")
	}
	entries, err := b.listing(by, free)
	if err != nil {
		return err
	}
	return b.append(ctx, entries)
}

// listing are the records that list devices.
func (b *Book) listing(by string, devices []mdm.Device) (entries []ledger.Entry, err error) {
	for _, d := range devices {
		e, err := b.entry(kindListed, by, listed{Device: d, By: by})
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// mayList reports whether d is other than it is listed.
func (b *Book) mayList(d mdm.Device) (news bool, err error) {
	if err := d.Validate(); err != nil {
		return false, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	known := b.devices[d.ID]
	switch {
	case known == nil:
		return true, nil
	case !known.Retired.IsZero():
		return false, retiredAlready(d.ID)
	case known.Device.Equal(d):
		return false, nil
	}
	return true, b.mayAlter(known)
}

// Handover gives a device to somebody.
type Handover struct {
	Device, To string
	Seen       bool // whoever hands it over has seen it ask for its passcode
}

// Issue records that somebody has a device from now on. Errors: invalid, not
// found, conflict, denied (see the package comment), and those of the ledger.
func (b *Book) Issue(ctx context.Context, by string, h Handover) error {
	b.command.Lock()
	defer b.command.Unlock()
	i := issued{Device: h.Device, To: h.To, By: by}
	if err := b.ask(func() error { return b.mayIssue(i) }); err != nil {
		return err
	}
	var err error
	if i.Passcode, err = b.entrusts(h); err != nil {
		return err
	}
	return b.record(ctx, kindIssued, by, i)
}

// entrusts checks all that has to be so before somebody has a device. The caller
// holds command, and not mu: others are asked.
func (b *Book) entrusts(h Handover) (Confirmation, error) {
	if b.MayHave == nil || b.Passcode == nil {
		return "", errs.New(errs.Unavailable, "Nobody can say whether this person has signed the agreement.", "")
	}
	if err := b.MayHave(h.To); err != nil {
		return "", err
	}
	switch c := b.Passcode(h.Device); {
	case c == Reported:
		return c, nil
	case c != Assumed:
		return "", errs.New(errs.Denied, "Device "+h.Device+" has not confirmed that it asks for a passcode.",
			"See that a passcode rule holds for its group, that it is online, and that a passcode is set on it; then try again.")
	case !h.Seen:
		return "", errs.At("seen", "Device "+h.Device+" cannot say whether it asks for a passcode", "Look at it, and say that you have seen it ask.")
	}
	return Seen, nil
}

// TakeBack records that nobody has a device any more. Errors: conflict, and
// those of the ledger.
func (b *Book) TakeBack(ctx context.Context, device, by string) error {
	r := about{Device: device, By: by}
	return b.do(ctx, kindReturned, by, r, func() error { return b.mayGiveBack(device) })
}

// Lose records that nobody knows where a device is. Errors: not found, conflict,
// and those of the ledger.
func (b *Book) Lose(ctx context.Context, device, by string) error {
	return b.do(ctx, kindLost, by, about{Device: device, By: by}, func() error { return b.mayLose(device) })
}

// Find records that a lost device is where it belongs again. Errors: not found,
// conflict, and those of the ledger.
func (b *Book) Find(ctx context.Context, device, by string) error {
	return b.do(ctx, kindFound, by, about{Device: device, By: by}, func() error { return b.mayFind(device) })
}

// Replace gives the holder of a device another one in one step, and retires the
// first for good. Errors: as Issue, conflict where nobody has it, and denied where
// the other one is filtered otherwise: that would be a move by one person.
func (b *Book) Replace(ctx context.Context, device, by string, h Handover) error {
	b.command.Lock()
	defer b.command.Unlock()
	r := replaced{Device: device, With: h.Device, By: by}
	if err := b.ask(func() error { return b.mayReplace(r) }); err != nil {
		return err
	}
	if err := b.replacesAlike(device, h.Device); err != nil {
		return err
	}
	h.To = b.Holder(device)
	var err error
	if r.Passcode, err = b.entrusts(h); err != nil {
		return err
	}
	return b.record(ctx, kindReplaced, by, r)
}

// Retire ends the management of a device for good. Errors: not found,
// conflict, denied in quarantine, and those of the ledger.
func (b *Book) Retire(ctx context.Context, device, by string) error {
	return b.do(ctx, kindRetired, by, about{Device: device, By: by}, func() error { return b.mayRetire(device) })
}

// do records one event if check, called with the book locked, has nothing
// against it.
func (b *Book) do(ctx context.Context, kind, by string, body any, check func() error) error {
	b.command.Lock()
	defer b.command.Unlock()
	if err := b.ask(check); err != nil {
		return err
	}
	return b.record(ctx, kind, by, body)
}

func (b *Book) ask(check func() error) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return check()
}

func (b *Book) record(ctx context.Context, kind, by string, body any) error {
	e, err := b.entry(kind, by, body)
	if err != nil {
		return err
	}
	return b.append(ctx, []ledger.Entry{e})
}

func (b *Book) entry(kind, by string, body any) (ledger.Entry, error) {
	if !school.ValidID(by) {
		return ledger.Entry{}, errs.New(errs.Invalid, fmt.Sprintf("%.40q is nobody's id.", by), "")
	}
	return ledger.NewEntry(kind, b.Stamp(), body)
}

// append writes entries and folds them in as they are written.
func (b *Book) append(ctx context.Context, entries []ledger.Entry) error {
	for len(entries) > 0 {
		part := entries[:min(len(entries), ledger.MaxEntries)]
		entries = entries[len(part):]
		if err := ledger.Commit(ctx, b.Log, b.Fold, part...); err != nil {
			return err
		}
	}
	return nil
}
