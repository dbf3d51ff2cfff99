package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/audit"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker/view"
)

const (
	quiet     = 90 * time.Second        // school time without anything planned that may be skipped
	lead      = 20 * time.Second        // school time left before the next thing
	settle    = 1500 * time.Millisecond // machine time for doors and boards to be read
	lookAgain = 250 * time.Millisecond  // machine time between two looks at the agenda
	copyWait  = 20 * time.Second        // machine time for the server's copies to catch up
)

// play plays one day, or day after day until ctx ends.
func (d *demo) play(ctx context.Context) error {
	if err := d.checkFaults(); err != nil {
		return err
	}
	d.greet()
	for _, b := range d.banks {
		if err := b.world.AwaitKiosk(ctx, b.config.Kiosk.Name); err != nil {
			return err
		}
	}
	if err := d.leaveToHead(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go d.attend(ctx)
	for day, n := d.day, uint64(0); ; n++ {
		if err := d.playDay(ctx, day, d.seed+n); err != nil || d.once {
			return err
		}
		day = nextSchoolDay(d.school.Calendar, day)
	}
}

func (d *demo) playDay(ctx context.Context, day school.Date, seed uint64) error {
	today, stop := context.WithCancel(ctx)
	defer stop()
	go d.skipQuietHours(today)
	d.breakThings(today, day)
	group, within := errgroup.WithContext(ctx)
	for _, b := range d.banks {
		group.Go(func() error { return b.world.Play(within, d.plan(b, day, seed)) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "%s is over.\n", day)
	d.summary()
	if d.once {
		return d.compare(ctx)
	}
	next := nextSchoolDay(d.school.Calendar, day)
	d.clock.Skip(d.morning(next))
	return nil
}

// settle waits until no bank writes anything any more and the server has it all, or, as
// with a bank that was killed, for as long as that should take.
func (d *demo) settle(ctx context.Context) error {
	for end := time.Now().Add(copyWait); ; {
		before, _ := d.written()
		if err := wait.For(ctx, settle); err != nil {
			return err
		}
		if now, copied := d.written(); copied && slices.Equal(before, now) || time.Now().After(end) {
			return nil
		}
	}
}

// written is how many records the ledger of each bank has, and whether the server has
// them all.
func (d *demo) written() (records []uint64, copied bool) {
	copied = true
	for _, b := range d.banks {
		s, _ := b.current()
		n := s.Log.Size()
		c, ok := d.server.Banks.Copy(b.id)
		records, copied = append(records, n), copied && ok && c.Size() == n
	}
	return records, copied
}

// plan is who comes when to one bank: everybody in the morning, and home wave by
// wave; and what the office does there meanwhile.
func (d *demo) plan(b *demoBank, day school.Date, seed uint64) world.Plan {
	cal := d.school.Calendar
	bells, _ := cal.Day(day) // a school day has bells
	waves := map[time.Time][]world.Pupil{}
	for _, p := range b.cast.pupils {
		at := d.release(p.ID, day)
		waves[at] = append(waves[at], p)
	}
	var plan world.Plan
	for release, pupils := range waves {
		times := world.Times{Gate: bells.Gate, Peak: bells.Register.Add(-6 * time.Minute), Bell: bells.Register, Release: release, Spread: 12 * time.Minute}
		plan.Visits = append(plan.Visits, world.Day(seed, pupils, times).Visits...)
	}
	plan.Errands = [][]world.Errand{d.register(b.cast.pupils, day), d.confiscation(b, day)}
	if day == d.day {
		plan.Errands = append(plan.Errands, d.concern(b, day))
	}
	if b == d.banks[0] && day == d.day {
		plan.Errands = append(plan.Errands, d.visitor(day), d.exam(day))
	}
	if b == d.banks[0] {
		plan.Errands = append(plan.Errands, d.withoutBank(day)...)
	}
	plan.Jam = b.cast.jam
	return plan
}

// release is when a pupil's own wave begins.
func (d *demo) release(person string, day school.Date) time.Time {
	directory := d.server.Rules.Current()
	bells, _ := d.school.Calendar.Day(day)
	for _, w := range directory.Plan.Windows {
		if w.Use == school.Collection && w.For(directory.Directory.People[person].Wave) && !w.From.Before(bells.Collect) {
			return w.From
		}
	}
	return bells.Collect
}

// skipQuietHours jumps over school time in which nothing is planned.
func (d *demo) skipQuietHours(ctx context.Context) {
	for wait.For(ctx, lookAgain) == nil {
		next, calm := d.nextAt()
		if !calm || next.Sub(d.clock.Now()) < quiet {
			continue
		}
		if wait.For(ctx, settle) != nil {
			return
		}
		if again, calm := d.nextAt(); calm && again.Equal(next) {
			d.clock.Skip(d.nextBell(next.Add(-lead)))
		}
	}
}

// nextAt is the next thing planned at any bank, if it is calm at all of them.
func (d *demo) nextAt() (next time.Time, calm bool) {
	for _, b := range d.banks {
		if b.world.Busy() {
			return time.Time{}, false
		}
		if at, calm := b.world.NextAt(); calm && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next, !next.IsZero()
}

// nextBell is the next bell or fault before a time, or that time: devices are to be
// seen following each.
func (d *demo) nextBell(until time.Time) time.Time {
	now := d.clock.Now()
	for _, f := range d.faults {
		at := school.DateOf(now.In(d.school.Calendar.Zone)).At(f.at, d.school.Calendar.Zone)
		if at.After(now) && at.Before(until) {
			until = at
		}
	}
	day, ok := d.school.Calendar.Day(school.DateOf(now.In(d.school.Calendar.Zone)))
	if !ok || d.devices == 0 {
		return until
	}
	for _, p := range day.Periods {
		if p.From.After(now) && p.From.Before(until) {
			return p.From
		}
	}
	return until
}

func (d *demo) greet() {
	fmt.Fprintf(d.out, "%s, %s, %g times as fast as life. Fictional people, simulated boards, real everything else.\n\n", d.school.Name, d.day, d.speed)
	fmt.Fprintf(d.out, "  School pages  %s   everybody's password: %s\n", d.pages.url(), demoSecret)
	fmt.Fprint(d.out, "  Sign in as   ")
	for _, a := range demoAccounts {
		fmt.Fprintf(d.out, " %s", a.id)
	}
	fmt.Fprintln(d.out)
	for _, b := range d.banks {
		s, _ := b.current()
		fmt.Fprintf(d.out, "  Kiosk %s       %s\n", b.id, s.KioskURL())
	}
	fmt.Fprintf(d.out, "  State         %s\n\n", d.data)
	if d.server.Policy.Now().DepositPoint == policy.AtClass {
		fmt.Fprintln(d.out, "Class teachers take the phones in, in a tray for each class.")
	}
	if !d.once {
		bells, _ := d.school.Calendar.Day(d.day)
		fmt.Fprintf(d.out, "Pupils come from %s and leave from %s; quiet hours are skipped. Stop with Ctrl-C.\n", bells.Gate.Format("15:04"), bells.Collect.Format("15:04"))
	}
}

// summary prints how the day ended, by what the school's own boards say.
func (d *demo) summary() {
	for _, s := range d.server.Banks.Banks() {
		c := s.Board.Counts
		if s.Setup.Classes().Pupil {
			fmt.Fprintf(d.out, "  bank %s: %d collected, %d still in, %d keep theirs, %d handed nothing in\n", s.Setup.Bank, c.Out, c.In, c.Exempt, c.NotYet)
		} else {
			fmt.Fprintf(d.out, "  bank %s: %d devices behind its %d doors\n", s.Setup.Bank, len(s.Board.Items), s.Setup.Size())
		}
		for _, p := range s.Board.Problems {
			fmt.Fprintf(d.out, "    problem: %s%s, since %s\n", p.Code, where(p), p.Since.In(d.school.Calendar.Zone).Format("15:04"))
		}
	}
	board := d.server.Devices.Board()
	fmt.Fprintf(d.out, "  devices: %v of %d\n", board.Counts, len(board.Rows))
}

func where(p view.Problem) string {
	text := ""
	if p.Door != 0 {
		text = fmt.Sprintf(" at door %d", p.Door)
	}
	if p.Person != "" {
		text += " of " + p.Person
	}
	return text
}

// compare holds every bank's ledger against the truth, line by line, and the
// server's copy of it, byte by byte.
func (d *demo) compare(ctx context.Context) error {
	var failed error
	for _, b := range d.banks {
		fmt.Fprintf(d.out, "Bank %s. ", b.id)
		failed = errors.Join(failed, b.compare(ctx, d.out, d.verbose), b.compareCopy(ctx, d.out))
	}
	return failed
}

func (b *demoBank) compare(ctx context.Context, out io.Writer, verbose bool) error {
	file, err := os.Open(filepath.Join(b.data, "truth.jsonl"))
	if err != nil {
		return err
	}
	defer file.Close()
	truth, err := world.ReadTruth(file)
	if err != nil {
		return err
	}
	s, _ := b.current()
	dead, err := b.earlier()
	var logs []audit.Log
	for _, f := range dead {
		defer f.Close()
		logs = append(logs, f)
	}
	if err != nil {
		return err
	}
	for _, p := range s.Past() {
		logs = append(logs, p)
	}
	report, err := audit.Compare(ctx, b.config.Setup, truth, append(logs, s.Log)...)
	if err != nil {
		return err
	}
	return printReport(out, report, verbose)
}

// compareCopy waits until the server has heard everything, and compares.
func (b *demoBank) compareCopy(ctx context.Context, out io.Writer) error {
	s, _ := b.current()
	copied, ok := b.demo.server.Banks.Copy(b.id)
	if !ok {
		return errs.New(errs.Internal, "The server has no copy of the ledger of bank "+b.id+".", "")
	}
	size := s.Log.Size()
	wait, cancel := context.WithTimeout(ctx, copyWait)
	defer cancel()
	if err := copied.Wait(wait, size-1); err != nil {
		return errs.Wrap(err, errs.Internal, fmt.Sprintf("The server has %d of %d records of bank %s.", copied.Size(), size, b.id), "")
	}
	same, at := true, uint64(0)
	var mine [][]byte
	keep := func(r ledger.Record) error { mine = append(mine, bytes.Clone(r.Leaf)); return nil }
	if err := s.Log.Read(ctx, 0, keep); err != nil {
		return err
	}
	err := copied.Read(ctx, 0, func(r ledger.Record) error {
		if r.Seq < uint64(len(mine)) && same && !bytes.Equal(r.Leaf, mine[r.Seq]) {
			same, at = false, r.Seq
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !same {
		return errs.New(errs.Internal, fmt.Sprintf("The server's copy of bank %s differs at record %d.", b.id, at), "")
	}
	fmt.Fprintf(out, "The server's copy of bank %s is the same, byte by byte, in all %d records.\n", b.id, size)
	return nil
}

// printReport prints a comparison and fails when it found differences.
func printReport(w io.Writer, r audit.Report, all bool) error {
	rows := r.Differences()
	if all {
		rows = r.Rows
	}
	for _, row := range rows {
		fmt.Fprintln(w, " ", row)
	}
	differ := len(r.Differences())
	fmt.Fprintf(w, "Compared %d truth lines with %d ledger records: %d unlock frames seen by the boards, %d openings on the ledger, %d more unsure (%d of them seen), %d of %d lines differ.\n",
		r.Lines, r.Records, r.Frames, r.Openings, r.Unsure, r.Sent, differ, len(r.Rows))
	if differ > 0 || !r.Balanced() {
		return errDiffer
	}
	return nil
}

func nextSchoolDay(c school.Calendar, d school.Date) school.Date {
	for range 400 {
		if d = d.Next(); c.SchoolDay(d) {
			return d
		}
	}
	return d
}

var errDiffer = errs.New(errs.Internal, "Ledger and truth differ.", "Repeat the day with its seed, a new data folder and -v, which prints every line.")
