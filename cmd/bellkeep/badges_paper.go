package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/badges/print"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// paper says how badges are printed.
type paper struct {
	out, title, layout string
	name               bool
}

func newPaper(fs *badgeFlags) *paper {
	p := &paper{}
	fs.StringVar(&p.out, "out", "", "PDF `file` to write; must not exist")
	fs.StringVar(&p.title, "title", "", "the school's `name`, printed on every badge")
	fs.StringVar(&p.layout, "layout", "sheet", "`sheet`: A4, ten to a page, to be cut; single: one to a page, for a card printer")
	fs.BoolVar(&p.name, "name", false, "print first name and form too")
	return p
}

func (p *paper) check() error {
	if p.out == "" {
		return misuse("Say which file to write: --out badges.pdf.")
	}
	if p.layout != "sheet" && p.layout != "single" {
		return misuse("--layout is sheet or single, not %q.", p.layout)
	}
	return nil
}

// print makes badges and writes them to the file. The file is made first, for
// a badge on record that could not be written is of no use to anybody; should
// that happen all the same, it is revoked.
func (p *paper) print(ctx context.Context, o *badgeOffice, by string, stdout io.Writer, issue func() ([]badges.Fresh, error)) error {
	f, err := os.OpenFile(p.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errs.Wrap(err, errs.Conflict, fmt.Sprintf("%s cannot be made; no badge was issued.", p.out),
			"Name a file that does not exist, in a folder you may write to.")
	}
	fresh, err := issue()
	var report print.Report
	if err == nil {
		report, err = p.write(f, o, fresh)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(p.out), undo(ctx, o, by, fresh))
	}
	p.tell(stdout, len(fresh), report)
	return nil
}

func (p *paper) write(f *os.File, o *badgeOffice, fresh []badges.Fresh) (print.Report, error) {
	layout := print.Sheet
	if p.layout == "single" {
		layout = print.Single
	}
	report, err := print.PDF(f, p.cards(o, fresh), layout, o.now())
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return report, errs.Wrap(err, errs.Unavailable, fmt.Sprintf("%s could not be written; what was issued is revoked.", p.out),
			"Make room on the disk, then issue badges again to those without one.")
	}
	return report, nil
}

func (p *paper) cards(o *badgeOffice, fresh []badges.Fresh) []print.Card {
	cards := make([]print.Card, len(fresh))
	for i, f := range fresh {
		cards[i] = print.Card{School: p.title, Serial: f.Serial, Badge: f.Token.Badge(), Code: f.Code.Text()}
		if who, ok := o.people.Person(f.Person); ok && p.name {
			cards[i].Name, cards[i].Form = who.Given, who.Form
		}
	}
	return cards
}

// undo revokes badges that nobody will ever hold, even when the person at the
// terminal has lost patience.
func undo(ctx context.Context, o *badgeOffice, by string, fresh []badges.Fresh) error {
	if len(fresh) == 0 {
		return nil
	}
	hashes := make([]school.BadgeHash, len(fresh))
	for i, f := range fresh {
		hashes[i] = f.Token.Hash()
	}
	return o.book.Revoke(context.WithoutCancel(ctx), by, badges.Other, hashes...)
}

func (p *paper) tell(w io.Writer, n int, r print.Report) {
	fmt.Fprintf(w, "Wrote %s on %s to %s.\n", counted(n, "badge"), counted(r.Pages, "page"), p.out)
	fmt.Fprintln(w, "The file holds the badges' secrets. Print it, then delete it: no badge can be printed again.")
	if len(r.Initials) > 0 {
		fmt.Fprintf(w, "With initials only, because a name has letters the printer's font cannot set: %s.\n", serials(r.Initials))
	}
	if len(r.Nameless) > 0 {
		fmt.Fprintf(w, "Without a name, because a name is in letters the printer's font does not have: %s.\n", serials(r.Nameless))
	}
}

// counted words a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// serials lists the first of some badges.
func serials(numbers []int) string {
	const most = 20
	var b strings.Builder
	for i, n := range numbers[:min(most, len(numbers))] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "No. %d", n)
	}
	if more := len(numbers) - most; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}
