package command

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// The kinds with which the book of devices begins and ends a quarantine; their bodies
// name the device.
const (
	quarantineBegins = "device-quarantined"
	quarantineEnds   = "quarantine-ended"
)

// Follow is the log for the book of devices to write to. With the beginning of a
// quarantine, in the same step, it records that every command that would destroy what
// is kept as evidence is over: none waits for the quarantine's end. The end does the
// same for one that is still open. Nothing is asked for, approved or sent meanwhile.
func (b *Book) Follow() ledger.Appender { return follower{b} }

type follower struct{ *Book }

// Append gives the receipts of the entries it is handed. Errors: those of the ledger.
func (b follower) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	if !slices.ContainsFunc(entries, ofQuarantine) {
		return b.Log.Append(ctx, entries...)
	}
	b.command.Lock()
	defer b.command.Unlock()
	ends, err := b.ends(entries)
	if err != nil {
		return nil, err
	}
	n := len(entries)
	receipts, err := b.Log.Append(ctx, slices.Concat(entries, ends)...)
	if err != nil {
		return nil, err
	}
	for i, e := range ends {
		if err := b.Fold(ledger.Record{Seq: receipts[n+i].Seq(), Entry: e}); err != nil {
			return nil, err
		}
	}
	return receipts[:n], nil
}

func ofQuarantine(e ledger.Entry) bool { return e.Kind == quarantineBegins || e.Kind == quarantineEnds }

// ends are the records that end what quarantines among some entries forbid.
func (b *Book) ends(entries []ledger.Entry) (ends []ledger.Entry, err error) {
	for _, q := range entries {
		var about body
		if !ofQuarantine(q) {
			continue
		}
		if err := json.Unmarshal(q.Body, &about); err != nil {
			return nil, err
		}
		for _, id := range b.destroying(about.Device, q.Stamp.Wall) {
			e, err := ledger.NewEntry(kindEnded, q.Stamp, body{ID: id})
			if err != nil {
				return nil, err
			}
			ends = append(ends, e)
		}
	}
	return ends, nil
}

// destroying are the open commands that would destroy what is on a device.
func (b *Book) destroying(device string, now time.Time) (ids []string) {
	for _, l := range b.Of(device, now) {
		if l.Op.Destroys() && !l.Progress.Over() {
			ids = append(ids, l.ID)
		}
	}
	return ids
}
