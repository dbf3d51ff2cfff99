package fleet

import (
	"encoding/json"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/mdm"
)

// The kinds of event.
const (
	kindListed   = "device-listed"
	kindIssued   = "device-issued"
	kindReturned = "device-returned"
	kindLost     = "device-lost"
	kindFound    = "device-found"
	kindReplaced = "device-replaced"
	kindRetired  = "device-retired"
)

type (
	listed struct {
		Device mdm.Device `json:"device"`
		By     string     `json:"by"`
	}
	issued struct {
		Device   string       `json:"device"`
		To       string       `json:"to"`
		By       string       `json:"by"`
		Passcode Confirmation `json:"passcode,omitempty"`
	}
	replaced struct {
		Device   string       `json:"device"`
		With     string       `json:"with"`
		By       string       `json:"by"`
		Passcode Confirmation `json:"passcode,omitempty"`
	}
	about struct { // one device, and no more to say
		Device string `json:"device"`
		By     string `json:"by"`
	}
)

// Fold takes in one record of the ledger and passes over kinds that are not
// the book's. Errors: for a record that does not fit those before it, and
// those of the vault.
func (b *Book) Fold(r ledger.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fold(r.Entry); err != nil {
		return ledger.Unreadable(r, err)
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
		return read(e, func(r about) error { return b.giveBack(r, at) })
	case kindLost:
		return read(e, func(r about) error { return b.lose(r, at) })
	case kindFound:
		return read(e, func(r about) error { return b.find(r) })
	case kindReplaced:
		return read(e, func(r replaced) error { return b.replace(r, at) })
	case kindRetired:
		return read(e, func(r about) error { return b.retire(r, at) })
	case kindQuarantined, kindAdvice, kindEndAsked, kindEnded:
		return read(e, func(q quarantined) error { return b.quarantine(e.Kind, q, at) })
	case kindMoveAsked, kindMoveReviewed, kindMoveCancelled, kindMoved:
		return read(e, func(m moved) error { return b.move(e.Kind, m, at) })
	}
	return nil
}

func read[Body any](e ledger.Entry, apply func(Body) error) error {
	var body Body
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return err
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
	b.begin(Issue{Device: i.Device, To: i.To, By: i.By, From: at, Passcode: i.Passcode})
	return nil
}

// begin begins a line of the register.
func (b *Book) begin(line Issue) {
	b.devices[line.Device].Holder = line.To
	b.open[line.Device] = len(b.issues)
	b.issues = append(b.issues, line)
	b.version++ // a holder's exceptions bind the device
}

func (b *Book) giveBack(r about, at time.Time) error {
	if err := b.mayGiveBack(r.Device); err != nil {
		return err
	}
	b.end(r.Device, r.By, at)
	return nil
}

// end ends the open line of a device.
func (b *Book) end(device, by string, at time.Time) {
	line := &b.issues[b.open[device]]
	line.Until, line.EndedBy = at, by
	b.devices[device].Holder = ""
	delete(b.open, device)
	b.version++
}

func (b *Book) lose(r about, at time.Time) error {
	if err := b.mayLose(r.Device); err != nil {
		return err
	}
	b.devices[r.Device].Lost = Mark{At: at, By: r.By}
	return nil
}

func (b *Book) find(r about) error {
	if err := b.mayFind(r.Device); err != nil {
		return err
	}
	b.devices[r.Device].Lost = Mark{}
	return nil
}

func (b *Book) replace(r replaced, at time.Time) error {
	if err := b.mayReplace(r); err != nil {
		return err
	}
	old := b.devices[r.Device]
	line := Issue{Device: r.With, To: old.Holder, By: r.By, From: at, Passcode: r.Passcode}
	b.end(r.Device, r.By, at)
	old.Retired, old.ReplacedBy = at, r.With
	b.begin(line)
	return nil
}

// retire leaves a register line open: whoever has the device still has it.
func (b *Book) retire(r about, at time.Time) error {
	if err := b.mayRetire(r.Device); err != nil {
		return err
	}
	b.devices[r.Device].Retired = at
	b.version++
	return nil
}
