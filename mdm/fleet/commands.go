package fleet

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
)

// List puts devices in the book, or changes what it says of them. Those that
// are there unchanged are passed over. Nothing is listed if one is at fault.
// Errors: invalid, conflict for a retired one, and those of the ledger.
func (b *Book) List(ctx context.Context, by string, devices ...mdm.Device) error {
	b.command.Lock()
	defer b.command.Unlock()
	var entries []ledger.Entry
	for _, d := range devices {
		if err := d.Validate(); err != nil {
			return err
		}
		known, ok := b.Device(d.ID)
		switch {
		case ok && !known.Retired.IsZero():
			return retiredAlready(d.ID)
		case ok && known.Device.Equal(d):
			continue
		}
		e, err := b.entry(kindListed, by, listed{Device: d, By: by})
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	return b.append(ctx, entries)
}

// Issue records that somebody has a device from now on. Errors: invalid, not
// found, conflict, and those of the ledger.
func (b *Book) Issue(ctx context.Context, device, to, by string) error {
	i := issued{Device: device, To: to, By: by}
	return b.do(ctx, kindIssued, by, i, func() error { return b.mayIssue(i) })
}

// TakeBack records that nobody has a device any more. Errors: conflict, and
// those of the ledger.
func (b *Book) TakeBack(ctx context.Context, device, by string) error {
	r := ended{Device: device, By: by}
	return b.do(ctx, kindReturned, by, r, func() error { return b.mayGiveBack(r) })
}

// Retire ends the management of a device for good. Errors: not found,
// conflict, and those of the ledger.
func (b *Book) Retire(ctx context.Context, device, by string) error {
	return b.do(ctx, kindRetired, by, ended{Device: device, By: by}, func() error {
		_, err := b.managed(device)
		return err
	})
}

// do records one event if check, called with the book locked, has nothing
// against it.
func (b *Book) do(ctx context.Context, kind, by string, body any, check func() error) error {
	b.command.Lock()
	defer b.command.Unlock()
	b.mu.RLock()
	err := check()
	b.mu.RUnlock()
	if err != nil {
		return err
	}
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
	raw, err := json.Marshal(body)
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("encoding %s: %w", kind, err)
	}
	return ledger.Entry{Kind: kind, Stamp: b.stamp(), Body: raw}, nil
}

// append writes entries and folds them in as they are written.
func (b *Book) append(ctx context.Context, entries []ledger.Entry) error {
	for len(entries) > 0 {
		part := entries[:min(len(entries), ledger.MaxEntries)]
		entries = entries[len(part):]
		if _, err := b.log.Append(ctx, part...); err != nil {
			return err
		}
		if err := b.foldAll(part); err != nil {
			return errs.Wrap(err, errs.Internal, "The book of devices does not take what it wrote.", "")
		}
	}
	return nil
}

func (b *Book) foldAll(entries []ledger.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range entries {
		if err := b.fold(e); err != nil {
			return err
		}
	}
	return nil
}
