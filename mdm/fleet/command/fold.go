package command

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
)

// The kinds of record.
const (
	kindAsked     = "device-command-asked"
	kindApproved  = "device-command-approved"
	kindWithdrawn = "device-command-withdrawn"
	kindSent      = "device-command-sent"
	kindAnswered  = "device-command-answered"
	kindEnded     = "device-command-ended"
)

// body is that of every kind; each uses some of it.
type body struct {
	ID     string       `json:"id"`
	Device string       `json:"device,omitempty"`
	Op     mdm.Op       `json:"op,omitempty"`
	Exp    time.Time    `json:"exp,omitzero"`
	State  mdm.AckState `json:"state,omitempty"`
	By     string       `json:"by,omitempty"`
	Person string       `json:"person,omitempty"`
	vault.Kept
}

// text is what lies in the vault.
type text struct {
	Args   mdm.Args `json:"args,omitzero"`
	Detail string   `json:"detail,omitempty"`
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	var apply func(e body, t text, at time.Time) error
	switch r.Kind {
	case kindAsked:
		apply = b.asked
	case kindApproved:
		apply = b.approved
	case kindWithdrawn:
		apply = b.moved(func(body) Progress { return Withdrawn })
	case kindSent:
		apply = b.moved(func(body) Progress { return Sent })
	case kindAnswered:
		apply = b.moved(func(e body) Progress { return Progress(e.State) })
	case kindEnded:
		apply = b.moved(func(body) Progress { return Quarantined })
	default:
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	var t text
	if err := vault.Read(context.Background(), b.Vault, e.Content, &t); err != nil { // one local file: there is nothing to wait for
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := apply(e, t, r.Stamp.Wall.UTC().Truncate(time.Millisecond)); err != nil {
		return ledger.Unreadable(r, err)
	}
	return nil
}

func (b *Book) asked(e body, t text, at time.Time) error {
	l := &Line{Command: mdm.NewCommand(e.Device, e.ID, e.Op, t.Args, at, e.Exp), By: e.By, Person: e.Person, Progress: Waiting, At: at}
	switch {
	case !school.ValidID(e.ID) || !school.ValidID(e.Device) || e.Exp.IsZero():
		return fmt.Errorf("it has the id %.40q, for %.40q", e.ID, e.Device)
	case b.lines[e.ID] != nil:
		return fmt.Errorf("there are two commands %s", e.ID)
	case l.Op.TakesTwo():
		l.Progress = Unapproved
	}
	maps.DeleteFunc(b.open, func(id string, _ bool) bool { return !at.Before(b.lines[id].Exp) })
	b.lines[e.ID], b.open[e.ID] = l, true
	b.byDevice[e.Device] = append(b.byDevice[e.Device], e.ID)
	b.trim(e.Device)
	return nil
}

// trim forgets the oldest commands of a device.
func (b *Book) trim(device string) {
	ids := b.byDevice[device]
	for len(ids) > maxLines {
		delete(b.lines, ids[0])
		delete(b.open, ids[0])
		ids = ids[1:]
	}
	b.byDevice[device] = ids
}

func (b *Book) approved(e body, _ text, at time.Time) error {
	l := b.lines[e.ID]
	if l == nil || l.Progress != Unapproved {
		return fmt.Errorf("no command %.40q waits for anybody", e.ID)
	}
	l.Approved = &school.Approval{By: e.By, Person: e.Person, At: at}
	l.Progress, l.At = Waiting, at
	return nil
}

// moved makes a step that needs a command which was asked for.
func (b *Book) moved(to func(body) Progress) func(body, text, time.Time) error {
	return func(e body, t text, at time.Time) error {
		l := b.lines[e.ID]
		if l == nil {
			return fmt.Errorf("there is no command %.40q", e.ID)
		}
		l.Progress, l.At = to(e), at
		if t.Detail != "" {
			l.Detail = t.Detail
		}
		if l.Progress.Over() {
			delete(b.open, e.ID)
		}
		return nil
	}
}
