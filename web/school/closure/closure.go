// Package closure is the pages for the hours when the lockers cannot be used as usual:
// the building is left and the all-clear given, access is lost, a bank's key is out,
// the desk works on paper. What stands here is about lockers: it is no list of who is
// in the building.
package closure

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

//go:embed templates
var templateFiles embed.FS

// Banks are those of the school; see package internal/banks.
type Banks interface {
	Banks() []banks.Status
	News() uint64
	Wait(ctx context.Context, seen uint64) error
}

// Orders is how a bank is told that what it began itself is over.
type Orders interface {
	Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error)
}

// People are those of the register, by name.
type People interface {
	Name(id string) (name, form string, ok bool)
	Staff() []kit.Option                             // by name
	Search(query string) []kit.Option                // pupils
	Known(person string, at time.Time) closure.Known // what the banks' records say
}

// DoorLine is one line of a list for paper.
type DoorLine struct {
	Bank       string
	Door       int
	Name, Form string
}

// Config is what the pages work with.
type Config struct {
	Book   *closure.Book
	Banks  Banks
	Orders Orders
	People People
	// Whole is all that a bank's record says, for what is frozen: whoever does that may
	// not know of all of it.
	Whole func(bank string) (view.Board, bool)
	// Hides reports whether whoever looks must not know of an item.
	Hides func(item string) bool
	// PDF draws a list.
	PDF func(title string, lines []DoorLine, made time.Time) ([]byte, error)
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
		Menu: []kit.MenuItem{
			{Href: "/closure", Text: "Emergencies", Permission: roles.Evacuate},
			{Href: "/closure/keys", Text: "Keys of banks", Under: kit.School, Permission: roles.TakeKey},
			{Href: "/closure/paper", Text: "Paper mode", Under: kit.Pupils, Permission: roles.DepositAtDesk},
		},
		Routes: p.routes(),
	}, err
}

func (p *pages) routes() []kit.Route {
	list := []kit.Route{
		kit.Get("/closure", roles.Evacuate, p.hub),
		kit.Get("/closure/evacuation/:id", roles.Evacuate, p.report),
		kit.Get("/closure/lost/:id", roles.PrintLists, p.frozen),
		kit.Get("/closure/lost/:id/list.csv", roles.PrintLists, p.frozenCSV),
		kit.Get("/closure/lost/:id/list.pdf", roles.PrintLists, p.frozenPDF),
		kit.Get("/closure/list.pdf", roles.PrintLists, p.listPDF),
	}
	people := func(r kit.Route) kit.Route { r.For = kit.ForPeople; return r }
	return append(list,
		kit.Get("/closure/evacuate", roles.Evacuate, p.evacuateForm), people(kit.Post("/closure/evacuate", roles.Evacuate, p.evacuate)),
		kit.Get("/closure/all-clear", roles.Evacuate, p.allClearForm), people(kit.Post("/closure/all-clear", roles.Evacuate, p.allClear)),
		kit.Get("/closure/lost", roles.LoseAccess, p.lostForm), people(kit.Post("/closure/lost", roles.LoseAccess, p.lose)),
		people(kit.Post("/closure/lost/:id/told", roles.LoseAccess, p.told)), people(kit.Post("/closure/back", roles.LoseAccess, p.back)),
		kit.Get("/closure/keys", roles.TakeKey, p.keys), people(kit.Post("/closure/keys", roles.TakeKey, p.keyOut)),
		people(kit.Post("/closure/keys/:id/back", roles.TakeKey, p.keyBack)),
		kit.Get("/closure/paper", roles.DepositAtDesk, p.paper), people(kit.Post("/closure/paper", roles.DepositAtDesk, p.typed)),
	)
}

// Alarm is what everybody signed in should know, "" for nothing.
func (cfg Config) Alarm(zone *time.Location) string {
	if e, running := cfg.Book.Running(); running {
		what := "The building is being left"
		if e.Drill {
			what = "Fire drill: the building is being left"
		}
		return fmt.Sprintf("%s, since %s. No locker opens until the all-clear.", what, e.Began.At.In(zone).Format("15:04"))
	}
	if l, lost := cfg.Book.Lost(); lost {
		return fmt.Sprintf("Nobody can get at the lockers since %s. Print what is behind which door from the page Emergencies.", l.Lost.At.In(zone).Format("15:04 on 2 January"))
	}
	return ""
}

// Tasks are what waits for somebody.
func (cfg Config) Tasks() []board.Task {
	var list []board.Task
	if e, running := cfg.Book.Running(); running {
		list = append(list, board.Task{Key: "evacuation", What: "The building is being left. No locker opens.", Next: "Give the all-clear when everybody may go back in.",
			Href: "/closure", Link: "Emergencies", Permission: roles.Evacuate, Grave: true, Since: e.Began.At})
	} else {
		for _, b := range cfg.Banks.Banks() {
			if v := b.Board.Evacuation; v.On() {
				list = append(list, board.Task{Key: "evacuation-" + b.Setup.Bank, What: kit.BankName(b.Setup.Bank) + " still tells people to leave the building.",
					Next: "Give the all-clear there, once it is over.", Href: "/closure", Link: "Emergencies", Permission: roles.Evacuate, Grave: true, Since: v.Since.Wall})
			}
		}
	}
	for _, k := range cfg.Book.Keys() {
		if !k.In.Done() {
			list = append(list, board.Task{Key: "key-" + k.ID, What: fmt.Sprintf("The key of %s is out.", kit.BankName(k.Bank)), Next: "Have it brought back; then look at the doors.",
				Href: "/closure/keys", Link: "Keys of banks", Permission: roles.TakeKey, Since: k.Out.At})
		}
	}
	return list
}

// person is how a page names somebody.
func (p *pages) person(id string) string {
	if name, _, ok := p.People.Name(id); ok && name != "" {
		return name
	}
	return id
}

// by is who did something, and when.
func (p *pages) by(a closure.Act) string {
	return fmt.Sprintf("%s by %s", p.when(a.At), p.who(a))
}

func (p *pages) who(a closure.Act) string {
	if a.Person == "" {
		return a.By
	}
	return p.person(a.Person)
}

func (p *pages) when(at time.Time) string {
	return at.In(p.Now().Location()).Format("15:04:05 on 2 January 2006")
}

func (p *pages) clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(p.Now().Location()).Format("15:04:05")
}
