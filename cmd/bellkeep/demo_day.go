package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/audit"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/view"
)

const (
	quiet     = 90 * time.Second       // school time without anything planned that may be skipped
	lead      = 20 * time.Second       // school time left before the next thing
	settle    = 2 * time.Second        // machine time for doors and boards to be read
	lookAgain = 250 * time.Millisecond // machine time between two looks at the agenda
)

// play plays one day, or day after day until ctx ends.
func (d *demo) play(ctx context.Context) error {
	d.greet()
	if err := d.station.Rule(ctx, d.rules(2)); err != nil {
		return err
	}
	d.board.Rule(d.rules(2))
	for day, n := d.day, uint64(0); ; n++ {
		if err := d.playDay(ctx, day, d.seed+n); err != nil || d.once {
			return err
		}
		day = nextSchoolDay(d.school.Calendar, day)
	}
}

func (d *demo) playDay(ctx context.Context, day school.Date, seed uint64) error {
	zone := d.school.Calendar.Zone
	skipping, stop := context.WithCancel(ctx)
	defer stop()
	go d.skipQuietHours(skipping)
	plan := world.Day(seed, d.cast.pupils, world.SchoolDay(day.At(school.Clock{Hour: 12}, zone)))
	plan.Jam = d.cast.jam
	if err := d.world.Play(ctx, plan); err != nil {
		return err
	}
	if err := pause(ctx, settle); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "%s is over.\n", day)
	d.summary()
	if d.once {
		return d.compare(ctx)
	}
	next := nextSchoolDay(d.school.Calendar, day)
	d.clock.Skip(next.At(school.Clock{Hour: 8, Minute: 10}, zone))
	return nil
}

// skipQuietHours jumps over school time in which nothing is planned.
func (d *demo) skipQuietHours(ctx context.Context) {
	for pause(ctx, lookAgain) == nil {
		next, calm := d.world.NextAt()
		if !calm || next.Sub(d.clock.Now()) < quiet {
			continue
		}
		if pause(ctx, settle) != nil {
			return
		}
		if again, calm := d.world.NextAt(); calm && again.Equal(next) {
			d.clock.Skip(next.Add(-lead))
		}
	}
}

func (d *demo) greet() {
	fmt.Fprintf(d.out, "%s, %s, %g times as fast as life. Fictional pupils, simulated boards, real everything else.\n\n", d.school.Name, d.day, d.speed)
	fmt.Fprintf(d.out, "  Office board  %s   sign in as %s with the password %s\n", d.office.url(), demoUser, demoSecret)
	fmt.Fprintf(d.out, "  Kiosk         %s\n", d.station.KioskURL())
	fmt.Fprintf(d.out, "  State         %s\n\n", d.data)
	if !d.once {
		fmt.Fprintln(d.out, "Pupils come from 08:15 and leave from 15:10; quiet hours are skipped. Stop with Ctrl-C.")
	}
}

// summary prints how the day ended, by what the board says.
func (d *demo) summary() {
	b := d.board.Board()
	fmt.Fprintf(d.out, "  %d collected, %d still in, %d keep theirs, %d handed nothing in\n", b.Counts.Out, b.Counts.In, b.Counts.Exempt, b.Counts.NotYet)
	for _, p := range b.Problems {
		fmt.Fprintf(d.out, "  problem: %s%s, since %s\n", p.Code, where(p), p.Since.In(d.school.Calendar.Zone).Format("15:04"))
	}
	for _, person := range d.cast.pupils {
		if person.Habit != world.Ordinary {
			fmt.Fprintf(d.out, "  played: %s %s\n", person.ID, person.Habit)
		}
	}
	fmt.Fprintf(d.out, "  played: jammed door %v\n", d.cast.jam)
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

// compare holds the ledger against the truth, line by line.
func (d *demo) compare(ctx context.Context) error {
	file, err := os.Open(filepath.Join(d.data, "truth.jsonl"))
	if err != nil {
		return err
	}
	defer file.Close()
	truth, err := world.ReadTruth(file)
	if err != nil {
		return err
	}
	var logs []audit.Log
	for _, p := range d.station.Past() {
		logs = append(logs, p)
	}
	logs = append(logs, d.station.Log)
	report, err := audit.Compare(ctx, d.station.Cabinet.Setup, truth, logs...)
	if err != nil {
		return err
	}
	return printReport(d.out, report, d.verbose)
}

func nextSchoolDay(c school.Calendar, d school.Date) school.Date {
	for range 400 {
		if d = d.Next(); c.SchoolDay(d) {
			return d
		}
	}
	return d
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errDiffer = errs.New(errs.Internal, "Ledger and truth differ.", "Repeat the day with its seed, a new data folder and -v, which prints every line.")
