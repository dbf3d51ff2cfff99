package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/badges/print"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
)

// cardPrinter prints badges for the school's pages: A4 sheets with first name
// and form, which the office gives out by.
type cardPrinter struct{ *server.Server }

// Missing are the pupils on the roll without a badge, by name.
func (c cardPrinter) Missing() []string {
	has := map[string]bool{}
	for _, id := range c.Badges.Holders() {
		has[id] = true
	}
	var list []string
	for _, p := range c.People.People() {
		if p.Kind == register.Pupil && !has[p.ID] {
			list = append(list, p.ID)
		}
	}
	return list
}

// Print issues a badge to each of some people and prints them.
func (c cardPrinter) Print(ctx context.Context, by string, persons []string) ([]byte, error) {
	fresh, err := c.Badges.IssueTo(ctx, by, persons...)
	return c.paper(ctx, by, fresh, err)
}

// Spares prints badges that are nobody's yet.
func (c cardPrinter) Spares(ctx context.Context, by string, n int) ([]byte, error) {
	fresh, err := c.Badges.Spares(ctx, by, n)
	return c.paper(ctx, by, fresh, err)
}

// Replace revokes a person's badge and prints another.
func (c cardPrinter) Replace(ctx context.Context, by, person string, why badges.Why) ([]byte, error) {
	fresh, err := c.Badges.Replace(ctx, by, person, why)
	return c.paper(ctx, by, []badges.Fresh{fresh}, err)
}

// paper prints what was issued. Badges that cannot be printed are revoked: they
// would be on record and in nobody's hand.
func (c cardPrinter) paper(ctx context.Context, by string, fresh []badges.Fresh, err error) ([]byte, error) {
	var pdf bytes.Buffer
	if err == nil {
		_, err = print.PDF(&pdf, c.cards(fresh), print.Sheet, c.Now().Wall)
	}
	if err == nil {
		return pdf.Bytes(), nil
	}
	var hashes []school.BadgeHash
	for _, f := range fresh {
		if f.Serial != 0 {
			hashes = append(hashes, f.Token.Hash())
		}
	}
	if len(hashes) > 0 {
		err = errors.Join(err, c.Badges.Revoke(context.WithoutCancel(ctx), by, badges.Other, hashes...))
	}
	return nil, err
}

func (c cardPrinter) cards(fresh []badges.Fresh) []print.Card {
	var list []print.Card
	for _, f := range fresh {
		card := print.Card{School: c.School.Name, Serial: f.Serial, Badge: f.Token.Badge(), Code: f.Code.Text()}
		if p, ok := c.People.Person(f.Person); ok {
			card.Name, card.Form = p.Given, p.Form
		}
		list = append(list, card)
	}
	return list
}
