package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/record"
	"github.com/bellkeep/bellkeep/mdm/fleet"
)

const (
	yearPupils  = 900
	yearDevices = 300
	schoolShare = 10 // the banks' records for each of the school's own
	yearDone    = "complete"
)

// benchYear gives a server's folder with one school year in it: made once, and
// used again while it lies there.
func benchYear(ctx context.Context, o benchOptions) (*benchSchool, error) {
	dir := o.dir
	if o.keep != "" {
		dir = filepath.Join(o.keep, fmt.Sprintf("bellkeep-year-%d", o.records))
	}
	_, err := os.Stat(filepath.Join(dir, yearDone))
	made := err == nil
	if !made && o.keep != "" { // what there is was not finished
		if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
			return nil, err
		}
	}
	b, err := newBenchSchool(dir)
	if err != nil || made {
		return b, err
	}
	o.say("making a school year of %d records in %s", o.records, dir)
	if _, err := b.settle(ctx, yearPupils, yearDevices); err != nil {
		return nil, err
	}
	if err := b.officeYear(ctx, o.records/schoolShare); err != nil {
		return nil, err
	}
	for n := range yearPupils / benchDoors {
		o.say("bank %d of %d", n+1, yearPupils/benchDoors)
		if err := b.bankYear(ctx, pretendBank(n), o.records*benchDoors/yearPupils); err != nil {
			return nil, err
		}
	}
	return b, durable.WriteFile(filepath.Join(dir, yearDone), nil, 0o600)
}

// officeYear records what an office does in a year, on the school's ledger:
// bars placed and ended, devices given out and taken back, rules published.
func (b *benchSchool) officeYear(ctx context.Context, records int) error {
	log, err := boltlog.Open(filepath.Join(b.dir, "school-ledger"), boltlog.Options{Writer: server.Writer, Stamp: b.stamp})
	if err != nil {
		return err
	}
	batch := &batch{log: log}
	bars, devices := desk.New(batch, b.stamp), fleet.New(batch, b.stamp)
	if err := log.Read(ctx, 0, devices.Fold); err != nil {
		return errors.Join(err, log.Close())
	}
	for n := 0; n < records/6 && err == nil; n++ {
		err = b.officeMorning(ctx, batch, bars, devices, n)
	}
	return errors.Join(err, batch.flush(ctx), log.Close())
}

// officeMorning is six records.
func (b *benchSchool) officeMorning(ctx context.Context, batch *batch, bars *desk.Book, devices *fleet.Book, n int) error {
	person, device := fmt.Sprintf("p-%04d", n%yearPupils), fmt.Sprintf("pad-%05d", n%yearDevices+1)
	bar, err := bars.Place(ctx, benchBy, desk.Stop, locker.Subject{Person: person})
	if err == nil {
		_, err = bars.End(ctx, school.Actor{Account: benchBy, Person: benchBy}, bar.ID)
	}
	if err == nil {
		err = devices.Issue(ctx, device, person, benchBy)
	}
	if err == nil {
		err = devices.TakeBack(ctx, device, benchBy)
	}
	for i := range 2 {
		if err == nil {
			_, err = batch.Append(ctx, ledger.Entry{Kind: banks.KindPublished, Stamp: b.stamp(), Body: fmt.Appendf(nil, `{"directory":%d,"upto":%d}`, 2*n+i+1, 6*n)})
		}
	}
	return err
}

// bankYear writes a bank's ledger and leaves what the server has of it: the file
// without its key is a copy.
func (b *benchSchool) bankYear(ctx context.Context, bank banks.Bank, records int) error {
	id := bank.Setup.Bank
	dir := filepath.Join(b.dir, "banks", id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	log, err := boltlog.Open(dir, boltlog.Options{Writer: id, Stamp: b.stamp})
	if err != nil {
		return err
	}
	w := &bankWriter{batch: batch{log: log}, size: log.Size(), first: bank.Setup.Doors[0], at: b.now()}
	for err == nil && w.size < uint64(records) {
		err = w.day(ctx)
	}
	err = errors.Join(err, w.flush(ctx))
	if err == nil {
		_, err = log.Checkpoint(ctx)
	}
	err = errors.Join(err, log.Close())
	for _, name := range []string{id + ".1.ledger.key", "reserve." + id} {
		if removed := os.Remove(filepath.Join(dir, name)); !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}

// bankWriter records ordinary days of one bank.
type bankWriter struct {
	batch
	size  uint64 // with what is not flushed yet
	first int    // door
	at    school.Instant
}

// day is everybody handing in and collecting: three records each.
func (w *bankWriter) day(ctx context.Context) error {
	for _, purpose := range []locker.Purpose{locker.Deposit, locker.Collection} {
		for n := range benchDoors {
			w.at.Wall, w.at.Mono = w.at.Wall.Add(2*time.Second), w.at.Mono+2*time.Second
			if err := w.visit(ctx, fmt.Sprintf("p-%04d", w.first-1+n), w.first+n, purpose); err != nil {
				return err
			}
		}
		w.at.Wall, w.at.Mono = w.at.Wall.Add(6*time.Hour), w.at.Mono+6*time.Hour
	}
	return nil
}

func (w *bankWriter) visit(ctx context.Context, person string, door int, purpose locker.Purpose) error {
	intent := w.size
	done := locker.Deposited
	if purpose == locker.Collection {
		done = locker.Collected
	}
	for _, e := range []locker.Event{
		{Kind: locker.Intent, Door: door, Purpose: purpose, Body: locker.Body{Person: person, Attempt: 1}},
		{Kind: locker.Outcome, Door: door, Body: locker.Body{Person: person, Of: intent, Result: locker.Opened, Contact: locker.Open}},
		{Kind: done, Door: door, Body: locker.Body{Person: person, Of: intent, Contact: locker.Closed}},
	} {
		e.At = w.at
		entry, err := record.Entry(e)
		if err != nil {
			return err
		}
		if _, err := w.Append(ctx, entry); err != nil {
			return err
		}
		w.size++
	}
	return nil
}
