// Package registers is the pages on which staff keep the school's registers: what each
// is for and how it stands, its entries, and the forms to write, correct, see and end
// them. Nothing is deleted here. What each person may read and write is said by the
// register itself, and nobody sees an entry about themselves where it hides such.
package registers

import (
	"context"
	"embed"
	"io/fs"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Book is the registers and their entries; see package internal/registers.
type Book interface {
	Registers() []registers.Kind
	Register(id string) (registers.Kind, bool)
	Entries(k registers.Kind, viewer string) []registers.Entry
	Entry(id, viewer string) (registers.Entry, registers.Kind, bool)
	Standing(k registers.Kind, viewer string) registers.Standing
}

// Desk is what may be done with them.
type Desk interface {
	Add(ctx context.Context, by registers.By, register string, said ...registers.Said) ([]string, error)
	Correct(ctx context.Context, by registers.By, id string, s registers.Said, why string) error
	End(ctx context.Context, by registers.By, id, outcome string, values map[string]string) error
	See(ctx context.Context, by registers.By, id string) error
}

// People are those of the school, by name.
type People interface {
	Person(id string) (register.Person, bool)
	People() []register.Person
	Search(query string) []register.Person
}

// Filled is what other books say in a register: rows under headings.
type Filled struct {
	Heads []string
	Rows  [][]string
}

// Config is what the pages work with.
type Config struct {
	Book    Book
	Desk    Desk
	People  People
	Rules   func() policy.Rules
	Clauses []clauses.Clause         // of the written policy; none where they are not listed
	Filled  map[string]func() Filled // by register
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about registers.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: "/registers", Text: "Registers", Under: kit.School, Permission: roles.KeepRegisters}},
		Routes: []kit.Route{
			kit.Get("/registers", roles.KeepRegisters, p.list),
			kit.Get("/registers/:id", roles.KeepRegisters, p.one),
			kit.Get("/registers/:id/csv", roles.KeepRegisters, p.csv),
			kit.Get("/registers/:id/new", roles.KeepRegisters, p.newForm),
			kit.Post("/registers/:id/new", roles.KeepRegisters, p.add),
			kit.Get("/entries/:id", roles.KeepRegisters, p.entry),
			kit.Get("/entries/:id/correct", roles.KeepRegisters, p.correctForm),
			kit.Post("/entries/:id/correct", roles.KeepRegisters, p.correct),
			kit.Post("/entries/:id/seen", roles.KeepRegisters, p.seen),
			kit.Post("/entries/:id/end", roles.KeepRegisters, p.end),
		},
	}, err
}

// by is who asks, and as what.
func (p *pages) by(c echo.Context) registers.By {
	who := p.Who(c)
	return registers.By{Actor: who.Actor, Roles: who.Roles}
}

func (p *pages) mayRead(c echo.Context, k registers.Kind) bool {
	return k.MayRead(p.Who(c).Roles, p.Now())
}

func (p *pages) mayWrite(c echo.Context, k registers.Kind) bool {
	return k.MayWrite(p.Who(c).Roles, p.Now())
}

// register is the one in the path, if it is any of the reader's business.
func (p *pages) register(c echo.Context) (registers.Kind, error) {
	k, ok := p.Book.Register(kit.Param(c, "id"))
	if !ok || !p.mayRead(c, k) && !p.mayWrite(c, k) {
		return k, registers.ErrNoRegister
	}
	return k, nil
}

// find is the entry in the path, if its reader may know of it: who may not read the
// register has their own entries.
func (p *pages) find(c echo.Context) (registers.Entry, registers.Kind, error) {
	who := p.Who(c)
	e, k, ok := p.Book.Entry(kit.Param(c, "id"), who.Person)
	if !ok || !p.mayRead(c, k) && e.Person != who.Person {
		return e, k, registers.ErrNoEntry
	}
	return e, k, nil
}

// entries are those of a register that the reader may see, the newest first.
func (p *pages) entries(c echo.Context, k registers.Kind) []registers.Entry {
	who := p.Who(c)
	list := p.Book.Entries(k, who.Person)
	if !p.mayRead(c, k) {
		list = slices.DeleteFunc(list, func(e registers.Entry) bool { return e.Person != who.Person })
	}
	slices.SortStableFunc(list, func(a, b registers.Entry) int {
		switch {
		case b.On.Before(a.On):
			return -1
		case a.On.Before(b.On):
			return 1
		}
		return b.At.Compare(a.At)
	})
	return list
}

// clausesOf are the clauses of the written policy that a register answers.
func (p *pages) clausesOf(k registers.Kind) (list []clauses.Clause) {
	for _, id := range k.Clauses {
		if c, ok := clauses.Find(p.Clauses, id); ok {
			list = append(list, c)
		}
	}
	return list
}
