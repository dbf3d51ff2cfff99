// Package record is how custody events stand on a ledger: one leaf each, door
// and purpose in the envelope, the rest in its body.
package record

import (
	"encoding/json"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Entry is how an event is written down.
func Entry(e locker.Event) (ledger.Entry, error) {
	body, err := json.Marshal(e.Body)
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("encoding %s: %w", e.Kind, err)
	}
	if string(body) == "{}" {
		body = nil
	}
	return ledger.Entry{Kind: string(e.Kind), Stamp: ledger.Stamp(e.At), Door: e.Door, Purpose: string(e.Purpose), Body: body}, nil
}

// Event reads an event back.
func Event(r ledger.Record) (locker.Event, error) {
	e := locker.Event{Kind: locker.Kind(r.Kind), At: school.Instant(r.Stamp), Door: r.Door, Purpose: locker.Purpose(r.Purpose)}
	if r.Kind == ledger.KindEpochOpened || len(r.Body) == 0 {
		return e, nil
	}
	if err := json.Unmarshal(r.Body, &e.Body); err != nil {
		return e, fmt.Errorf("record %d (%s): %w", r.Seq, r.Kind, err)
	}
	for _, id := range append([]string{e.Person, e.By, e.Item}, e.Approvals[:]...) {
		if id != "" && !school.ValidID(id) {
			return e, fmt.Errorf("record %d (%s) names nobody: %.40q", r.Seq, r.Kind, id)
		}
	}
	return e, nil
}
