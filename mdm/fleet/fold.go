package fleet

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
)

// The kinds of event.
const (
	kindListed   = "device-listed"
	kindIssued   = "device-issued"
	kindReturned = "device-returned"
	kindRetired  = "device-retired"
)

type (
	listed struct {
		Device mdm.Device `json:"device"`
		By     string     `json:"by"`
	}
	issued struct {
		Device string `json:"device"`
		To     string `json:"to"`
		By     string `json:"by"`
	}
	ended struct { // of an issue, or of the device's time with us
		Device string `json:"device"`
		By     string `json:"by"`
	}
)

// Fold takes in one record of the ledger and passes over kinds that are not
// the book's. Errors: invalid, for a record that does not fit those before it.
func (b *Book) Fold(r ledger.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fold(r.Entry); err != nil {
		return errs.Wrap(err, errs.Invalid, fmt.Sprintf("Record %d of the school's ledger does not fit the book of devices.", r.Seq),
			"Verify the ledger: bellkeep ledger verify")
	}
	return nil
}

func (b *Book) fold(e ledger.Entry) error {
	at := e.Stamp.Wall.UTC().Truncate(time.Millisecond) // as the ledger keeps it
	switch e.Kind {
	case kindListed:
		return read(e, func(l listed) error { return b.list(l, at) })
	case kindIssued:
		return read(e, func(i issued) error { return b.issue(i, at) })
	case kindReturned:
		return read(e, func(r ended) error { return b.giveBack(r, at) })
	case kindRetired:
		return read(e, func(r ended) error { return b.retire(r, at) })
	}
	return nil
}

func read[Body any](e ledger.Entry, apply func(Body) error) error {
	var body Body
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return fmt.Errorf("reading a %s: %w", e.Kind, err)
	}
	return apply(body)
}

func (b *Book) list(l listed, at time.Time) error {
	if err := l.Device.Validate(); err != nil {
		return err
	}
	if known := b.devices[l.Device.ID]; known == nil {
		b.devices[l.Device.ID] = &Listing{Device: l.Device, Since: at}
	} else if !known.Retired.IsZero() {
		return retiredAlready(l.Device.ID)
	} else {
		known.Device = l.Device
	}
	b.version++
	return nil
}

func (b *Book) issue(i issued, at time.Time) error {
	if err := b.mayIssue(i); err != nil {
		return err
	}
	b.devices[i.Device].Holder = i.To
	b.open[i.Device] = len(b.issues)
	b.issues = append(b.issues, Issue{Device: i.Device, To: i.To, By: i.By, From: at})
	b.version++ // a holder's exceptions bind the device
	return nil
}

func (b *Book) mayIssue(i issued) error {
	l, err := b.managed(i.Device)
	switch {
	case err != nil:
		return err
	case !school.ValidID(i.To):
		return errs.New(errs.Invalid, fmt.Sprintf("%.40q is nobody's id.", i.To), "")
	case l.Holder != "":
		return errs.New(errs.Conflict, "Device "+i.Device+" is issued already.", "Take it back first.")
	}
	return nil
}

func (b *Book) giveBack(r ended, at time.Time) error {
	if err := b.mayGiveBack(r); err != nil {
		return err
	}
	line := &b.issues[b.open[r.Device]]
	line.Until, line.EndedBy = at, r.By
	b.devices[r.Device].Holder = ""
	delete(b.open, r.Device)
	b.version++
	return nil
}

func (b *Book) mayGiveBack(r ended) error {
	if l := b.devices[r.Device]; l == nil || l.Holder == "" {
		return errs.New(errs.Conflict, fmt.Sprintf("Device %.40q is issued to nobody.", r.Device), "")
	}
	return nil
}

// retire leaves a register line open: whoever has the device still has it.
func (b *Book) retire(r ended, at time.Time) error {
	l, err := b.managed(r.Device)
	if err != nil {
		return err
	}
	l.Retired = at
	b.version++
	return nil
}

func (b *Book) managed(id string) (*Listing, error) {
	l := b.devices[id]
	switch {
	case l == nil:
		return nil, errs.New(errs.NotFound, fmt.Sprintf("There is no device %.40q.", id), "See the list: bellkeep device list --data FOLDER")
	case !l.Retired.IsZero():
		return nil, retiredAlready(id)
	}
	return l, nil
}

func retiredAlready(id string) error {
	return errs.New(errs.Conflict, "Device "+id+" is retired.", "Give a device that comes back a new id.")
}
