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
	"github.com/bellkeep/bellkeep/internal/school/policy"
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

	visitEvery = 2 * time.Second
	halfDay    = 6 * time.Hour
)

// benchYear gives a server's folder with one school year in it: made once, and
// used again while it lies there.
func benchYear(ctx context.Context, o benchOptions, pupils, devices int) (*benchSchool, error) {
	dir := o.dir
	if o.keep != "" {
		dir = filepath.Join(o.keep, fmt.Sprintf("bellkeep-year-%d-%d", pupils, o.records))
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
	if _, err := b.settle(ctx, pupils, devices); err != nil {
		return nil, err
	}
	if err := b.officeYear(ctx, o.records/schoolShare, pupils, devices); err != nil {
		return nil, err
	}
	monday, err := b.mondayAfter(pupils, o.records)
	if err != nil {
		return nil, err
	}
	if err := b.lifeYear(ctx, pupils, monday.At(school.Clock{}, b.school.Calendar.Zone)); err != nil {
		return nil, err
	}
	cabinets := cabinetsFor(pupils)
	for n := range cabinets {
		o.say("bank %d of %d", n+1, cabinets)
		if err := b.bankYear(ctx, pretendBank(n), o.records/cabinets); err != nil {
			return nil, err
		}
	}
	return b, durable.WriteFile(filepath.Join(dir, yearDone), nil, 0o600)
}

func cabinetsFor(pupils int) int { return (pupils + benchDoors - 1) / benchDoors }

// nextSchoolDay makes it half past eight on the Monday after a year's records.
func (b *benchSchool) nextSchoolDay(pupils, records int) error {
	monday, err := b.mondayAfter(pupils, records)
	if err != nil {
		return err
	}
	b.day = monday
	b.set(b.at(school.Clock{Hour: 8, Minute: 30}))
	return nil
}

// mondayAfter is the first school Monday after as many records at the banks.
func (b *benchSchool) mondayAfter(pupils, records int) (school.Date, error) {
	days := records/cabinetsFor(pupils)/(2*3*benchDoors) + 1
	last := b.now().Wall.Add(time.Duration(days) * 2 * (benchDoors*visitEvery + halfDay))
	monday, ok := b.school.Calendar.NextMonday(school.DateOf(last))
	if !ok {
		return monday, errors.New("the calendar ends before these records do")
	}
	return monday, nil
}

// officeYear records what an office does in a year, on the school's ledger:
// bars placed and ended, devices given out and taken back, rules published.
func (b *benchSchool) officeYear(ctx context.Context, records, pupils, count int) error {
	log, err := boltlog.Open(filepath.Join(b.dir, "school-ledger"), boltlog.Options{Writer: server.Writer, Stamp: b.stamp})
	if err != nil {
		return err
	}
	batch := &batch{log: log}
	bars := desk.New(batch, b.stamp, policy.Default)
	devices := fleet.New(fleet.Config{Log: batch, Stamp: b.stamp, MayHave: allSigned, Passcode: confirmed})
	if err := log.Read(ctx, 0, devices.Fold); err != nil {
		return errors.Join(err, log.Close())
	}
	for n := 0; n < records/6 && err == nil; n++ {
		person, device := fmt.Sprintf("p-%04d", n%pupils), fmt.Sprintf("pad-%05d", n%count+1)
		err = b.officeMorning(ctx, batch, bars, devices, n, person, device)
	}
	return errors.Join(err, batch.flush(ctx), log.Close())
}

// allSigned and confirmed let every device be issued.
func allSigned(string) error { return nil }

func confirmed(string) fleet.Confirmation { return fleet.Reported }

// officeMorning is six records.
func (b *benchSchool) officeMorning(ctx context.Context, batch *batch, bars *desk.Book, devices *fleet.Book, n int, person, device string) error {
	bar, err := bars.Place(ctx, benchBy, desk.Stop, locker.Subject{Person: person})
	if err == nil {
		_, err = bars.End(ctx, desk.By{Actor: school.Actor{Account: benchBy, Person: benchBy}}, bar.ID)
	}
	if err == nil {
		err = devices.Issue(ctx, benchBy, fleet.Handover{Device: device, To: person})
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
			w.at.Wall, w.at.Mono = w.at.Wall.Add(visitEvery), w.at.Mono+visitEvery
			if err := w.visit(ctx, fmt.Sprintf("p-%04d", w.first-1+n), w.first+n, purpose); err != nil {
				return err
			}
		}
		w.at.Wall, w.at.Mono = w.at.Wall.Add(halfDay), w.at.Mono+halfDay
	}
	return nil
}

func (w *bankWriter) visit(ctx context.Context, person string, door int, purpose locker.Purpose) error {
	for _, e := range visitOf(person, door, purpose, w.size) {
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

// visitOf is the three records of a visit, of which the first is at seq.
func visitOf(person string, door int, purpose locker.Purpose, seq uint64) []locker.Event {
	done := locker.Deposited
	if purpose == locker.Collection {
		done = locker.Collected
	}
	return []locker.Event{
		{Kind: locker.Intent, Door: door, Purpose: purpose, Body: locker.Body{Person: person, Attempt: 1}},
		{Kind: locker.Outcome, Door: door, Body: locker.Body{Person: person, Of: seq, Result: locker.Opened, Contact: locker.Open}},
		{Kind: done, Door: door, Body: locker.Body{Person: person, Of: seq, Contact: locker.Closed}},
	}
}
