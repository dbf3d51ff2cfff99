package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"golang.org/x/term"
)

const badgesAssignHelp = `Gives a spare badge to a person. The badge is scanned when the command asks for
it, never given on the command line, where others could read it. With
--replaces the person's own badge is revoked in the same step.

Example: bellkeep badges assign --data /var/lib/bellkeep --person p-0412 --replaces lost`

func badgesAssign(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newBadgeFlags("assign", badgesAssignHelp)
	fs.signed()
	person := fs.String("person", "", "who gets the badge, by `id`")
	replaces := fs.String("replaces", "", "also revoke the badge the person has; `reason`: lost, damaged or other")
	if err := fs.parse(args, stdout); err != nil {
		return err
	}
	if *person == "" {
		return misuse("Say who gets the badge: --person ID.")
	}
	return withBadges(ctx, fs.data, func(o *badgeOffice) error {
		return o.assign(ctx, fs.by, *person, badges.Why(*replaces), os.Stdin, stdout)
	})
}

func (o *badgeOffice) assign(ctx context.Context, by, person string, why badges.Why, in io.Reader, stdout io.Writer) error {
	if _, err := o.known(person); err != nil {
		return err
	}
	fmt.Fprint(stdout, "Scan the spare badge: ")
	scanned, err := readScan(in)
	fmt.Fprintln(stdout)
	if err != nil {
		return err
	}
	if err := o.book.Assign(ctx, by, scanned, person, why); err != nil {
		return err
	}
	badge, err := o.book.Live(person)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Badge %d is now the badge of %s.\n", badge.Serial, person)
	return nil
}

// readScan reads one line without showing it. Errors: invalid.
func readScan(in io.Reader) (school.Token, error) {
	const longest = 256 // bytes; a badge has 30
	var line string
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		typed, err := term.ReadPassword(int(f.Fd()))
		if err != nil {
			return school.Token{}, errs.Wrap(err, errs.Unavailable, "The scanner could not be read.", "Try again in another terminal.")
		}
		line = string(typed)
	} else {
		s := bufio.NewScanner(io.LimitReader(in, longest))
		s.Scan() // nothing read is no badge
		line = s.Text()
	}
	return school.ParseBadge(strings.TrimSpace(line))
}

const badgesRevokeHelp = `Makes a badge useless for good, at every bank as soon as it hears of it.

Example: bellkeep badges revoke --data /var/lib/bellkeep --person p-0412 --why leaver`

func badgesRevoke(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newBadgeFlags("revoke", badgesRevokeHelp)
	fs.signed()
	person := fs.String("person", "", "whose badge, by `id`")
	serial := fs.Int("serial", 0, "which badge, by the `number` printed on it")
	why := fs.String("why", "", "`reason`: lost, leaver, damaged or other")
	if err := fs.parse(args, stdout); err != nil {
		return err
	}
	if !fs.one("person", "serial") || *why == "" {
		return misuse("Say which badge and why: --person ID or --serial NUMBER, and --why lost.")
	}
	return withBadges(ctx, fs.data, func(o *badgeOffice) error {
		return o.revoke(ctx, fs.by, *person, *serial, badges.Why(*why), stdout)
	})
}

// revoke takes somebody's badge, or a numbered one when nobody is named. The
// person may have left the register already.
func (o *badgeOffice) revoke(ctx context.Context, by, person string, serial int, why badges.Why, stdout io.Writer) error {
	badge, err := o.book.Live(person)
	if person == "" {
		badge, err = o.book.Numbered(serial)
	}
	if err != nil {
		return err
	}
	if err := o.book.Revoke(ctx, by, why, badge.Hash); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Badge %d is revoked.\n", badge.Serial)
	return nil
}
