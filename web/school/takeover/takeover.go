// Package takeover is the pages for the day a bank's computer dies: IT lets another
// take its place, and whoever is at the desk walks along the doors with a list until
// record, sensors and a person agree on each. The same list is for the doors that
// somebody may have been at while a bank had no power, or with its key.
package takeover

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

//go:embed templates
var templateFiles embed.FS

// Banks are those of the school; see package internal/banks.
type Banks interface {
	Banks() []banks.Status
	Loss(bank string) (banks.BankLoss, error)
	News() uint64
	Wait(ctx context.Context, seen uint64) error
}

// Orders is how a bank is told that somebody has looked at its doors.
type Orders interface {
	Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error)
}

// Config is what the pages work with.
type Config struct {
	Banks  Banks
	Orders Orders
	Name   func(id string) (name, form string, ok bool) // of a person
	// Replace makes the joining code of a computer that takes a bank's place, which is
	// a secret. by is an account.
	Replace func(ctx context.Context, by, bank string) (joining.Code, time.Time, error)
	Looks   Looks
}

// Looks keeps who looked at evidence doors first: it takes two.
type Looks interface {
	First(ctx context.Context, who school.Actor, bank string, doors []int) error
	// Looked is who did, other than person and since a moment; false for nobody.
	Looked(bank string, door int, person string, since time.Time) (closure.Look, bool)
}

type pages struct {
	*kit.Kit
	Config
}

// Pages are the pages of this package.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{k, cfg}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: "/banks", Text: "Banks", Under: kit.School, Permission: roles.ManageBanks}},
		Routes: []kit.Route{
			kit.Get("/banks", roles.ManageBanks, p.list),
			kit.Get("/banks/:id/replace", roles.ManageBanks, p.replaceForm),
			kit.Post("/banks/:id/replace", roles.ManageBanks, p.replace),
			kit.Get("/doors/:id", roles.PrintLists, p.doors),
			kit.Post("/doors/:id", roles.DepositAtDesk, p.looked),
		},
	}, err
}
