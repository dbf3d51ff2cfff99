package main

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
)

// check says what a bank is and whether it has joined a school, as whom and
// until when. Errors: denied when its certificate has run out, that of a door map that
// is missing or does not fit.
func (b bank) check(now time.Time, stdout io.Writer) error {
	c := b.station
	fmt.Fprintf(stdout, "%s: %d doors on %d buses; directory %d, plan %d.\n",
		c.Cabinet.Label, len(c.Cabinet.Setup.Doors), len(c.Cabinet.Buses), c.Rules.Directory.Version, c.Rules.Plan.Version)
	if c.Notice.Word != "" {
		return errs.New(errs.Conflict, cmp.Or(c.Notice.Says, "Another computer is this bank now."), c.Notice.Next)
	}
	if b.member != nil {
		if err := checkIdentity(b.member.Identity, now, stdout); err != nil {
			return err
		}
	} else if c.JoinTo != "" {
		fmt.Fprintf(stdout, "It has not joined a school. Once it runs, its kiosk asks for the code of: bellkeep bank add %s\n", c.Cabinet.Setup.Bank)
	} else {
		fmt.Fprintln(stdout, "It has not joined a school, and works by the directory and plan in its data folder.")
	}
	if err := c.Cabinet.Unmapped; err != nil {
		return err
	}
	if c.Cabinet.Map != nil {
		fmt.Fprintf(stdout, "Its doors hang as map %s of %s says.\n", c.Cabinet.Map.Sum()[:16], c.Cabinet.Map.Made.Format(day))
	}
	problems := b.problems()
	for _, p := range problems {
		what, next := p.Words()
		fmt.Fprintf(stdout, "%s\n  Next step: %s\n", what, next)
	}
	if len(problems) > 0 {
		fmt.Fprintln(stdout, "No faults in its files.")
		return nil
	}
	fmt.Fprintln(stdout, "No faults.")
	return nil
}

// problems are those of the machine and what is plugged into it, as far as they
// show while another program may be at work with it.
func (b bank) problems() []health.Problem {
	list := append(b.station.Cabinet.Away(), b.station.Machine.Problems()...)
	if !b.station.Now().Trusted {
		list = append(list, health.Problem{Code: health.ClockUnsure})
	}
	return list
}

func checkIdentity(id *identity.Identity, now time.Time, stdout io.Writer) error {
	about, until := id.About(), id.NotAfter().UTC()
	if now.After(until) {
		return errs.New(errs.Denied, fmt.Sprintf("The certificate of bank %s ran out on %s.", about.ID, until.Format(day)),
			fmt.Sprintf("Make a code with: bellkeep bank add %s; then start the bank with: bellkeep-bank run --join. Its ledger stays.", about.ID))
	}
	fmt.Fprintf(stdout, "It has joined the school at %s as bank %s until %s, and renews that by itself.\n", about.Server, about.ID, until.Format(day))
	return nil
}

const day = "2 January 2006"
