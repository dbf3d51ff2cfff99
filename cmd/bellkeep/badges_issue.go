package main

import (
	"context"
	"io"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const badgesIssueHelp = `Prints badges for people who have none: everybody, a form or one person. The PDF
holds the badges' secrets; delete it once it is printed.

Example: bellkeep badges issue --data /var/lib/bellkeep --form 7A --out 7a.pdf --title "Elmfield Academy" --name`

func badgesIssue(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newBadgeFlags("issue", badgesIssueHelp)
	fs.signed()
	fs.Bool("all", false, "everybody without a badge")
	form := fs.String("form", "", "those of a `form` without a badge")
	person := fs.String("person", "", "one person, by `id`")
	paper := newPaper(fs)
	if err := fs.parse(args, stdout); err != nil {
		return err
	}
	if !fs.one("all", "form", "person") {
		return misuse("Say for whom: --all, --form FORM or --person ID.")
	}
	if err := paper.check(); err != nil {
		return err
	}
	return withBadges(ctx, fs.data, func(o *badgeOffice) error {
		ids, err := o.choose(*form, *person)
		if err != nil {
			return err
		}
		return paper.print(ctx, o, fs.by, stdout, func() ([]badges.Fresh, error) {
			return o.book.IssueTo(ctx, fs.by, ids...)
		})
	})
}

// choose gives the ids to issue to: of one person, else of those without a
// badge in a form, else of all without one.
func (o *badgeOffice) choose(form, person string) ([]string, error) {
	if person != "" {
		p, err := o.known(person)
		return []string{p.ID}, err
	}
	var ids []string
	for _, p := range o.without(form) {
		ids = append(ids, p.ID)
	}
	if len(ids) == 0 {
		return nil, errs.New(errs.NotFound, "There is nobody without a badge among them.",
			"See who has which: bellkeep badges list. A lost one is replaced: bellkeep badges replace")
	}
	return ids, nil
}

const badgesReplaceHelp = `Revokes the badge of a person and prints another, in one step.

Example: bellkeep badges replace --data /var/lib/bellkeep --person p-0412 --why lost --out p-0412.pdf --title "Elmfield Academy"`

func badgesReplace(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newBadgeFlags("replace", badgesReplaceHelp)
	fs.signed()
	person := fs.String("person", "", "whose badge, by `id`")
	why := fs.String("why", "", "`reason`: lost, damaged or other")
	paper := newPaper(fs)
	if err := fs.parse(args, stdout); err != nil {
		return err
	}
	if *person == "" || *why == "" {
		return misuse("Say whose badge and why: --person ID --why lost.")
	}
	if err := paper.check(); err != nil {
		return err
	}
	return withBadges(ctx, fs.data, func(o *badgeOffice) error {
		if _, err := o.known(*person); err != nil {
			return err
		}
		return paper.print(ctx, o, fs.by, stdout, func() ([]badges.Fresh, error) {
			fresh, err := o.book.Replace(ctx, fs.by, *person, badges.Why(*why))
			if err != nil {
				return nil, err
			}
			return []badges.Fresh{fresh}, nil
		})
	})
}

const badgesSparesHelp = `Prints badges that are nobody's yet, for the box at the office. They carry only
a serial number and do nothing until one is assigned.

Example: bellkeep badges spares --data /var/lib/bellkeep --count 20 --out spares.pdf --title "Elmfield Academy"`

func badgesSpares(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newBadgeFlags("spares", badgesSparesHelp)
	fs.signed()
	count := fs.Int("count", 0, "how `many`")
	paper := newPaper(fs)
	if err := fs.parse(args, stdout); err != nil {
		return err
	}
	if *count < 1 || *count > badges.MaxAtOnce {
		return misuse("Say how many spares, 1 to %d: --count 20.", badges.MaxAtOnce)
	}
	if err := paper.check(); err != nil {
		return err
	}
	return withBadges(ctx, fs.data, func(o *badgeOffice) error {
		return paper.print(ctx, o, fs.by, stdout, func() ([]badges.Fresh, error) {
			return o.book.Spares(ctx, fs.by, *count)
		})
	})
}
