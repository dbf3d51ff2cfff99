package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/bellkeep/bellkeep/internal/badges"
)

const badgesListHelp = `Shows the book of badges: serial numbers, states and holders' ids. A badge's
secrets are on the badge and nowhere else.

Example: bellkeep badges list --data /var/lib/bellkeep --form 7A`

// badgeFilter says which badges to list; the zero value lists all.
type badgeFilter struct {
	person, form string
	spares       bool
}

func badgesList(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newBadgeFlags("list", badgesListHelp)
	var f badgeFilter
	fs.StringVar(&f.person, "person", "", "only badges of one person, by `id`")
	fs.StringVar(&f.form, "form", "", "only badges of a `form`")
	fs.BoolVar(&f.spares, "spares", false, "only spares that are nobody's yet")
	without := fs.Bool("without", false, "list the people who have no badge instead")
	if err := fs.parse(args, stdout); err != nil {
		return err
	}
	return withBadges(ctx, fs.data, func(o *badgeOffice) error {
		if *without {
			return o.listWithout(stdout, f.form)
		}
		return o.list(stdout, f)
	})
}

func (o *badgeOffice) list(stdout io.Writer, f badgeFilter) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NO.\tSTATE\tSINCE (UTC)\tPERSON\tFORM\tWHY")
	count := map[badges.State]int{}
	for _, b := range o.book.All() {
		who, _ := o.people.Person(b.Person)
		if f.person != "" && b.Person != f.person || f.form != "" && who.Form != f.form || f.spares && b.State != badges.Spare {
			continue
		}
		count[b.State]++
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", b.Serial, b.State, b.Since.Format("2006-01-02 15:04"), b.Person, who.Form, b.Why)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(stdout, "%d live, %s, %d revoked.\n", count[badges.Live], counted(count[badges.Spare], "spare"), count[badges.Revoked])
	return err
}

func (o *badgeOffice) listWithout(stdout io.Writer, form string) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PERSON\tFORM")
	for _, p := range o.without(form) {
		fmt.Fprintf(w, "%s\t%s\n", p.ID, p.Form)
	}
	return w.Flush()
}
