// Package cases is the pages about devices that were taken from pupils: taking
// one, on a telephone in a corridor; seeing what waits for whom; putting it behind
// a door and taking it out; handing it to a parent; and the records a school must
// keep of searches and deletions. What is allowed is decided in package desk; the
// pages show it and say why not.
package cases

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/ban"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

//go:embed templates
var templates embed.FS

// People tells who a person is.
type People interface {
	Search(query string) []register.Person
	Person(id string) (register.Person, bool)
	Contacts(pupil string) []register.Contact
}

// Banks gives every bank as its record has it.
type Banks interface {
	Banks() []banks.Status
}

// Orders hands an order to a bank and waits for what became of it. An error means
// that the bank did not answer.
type Orders interface {
	Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error)
}

// Notices prepares what is sent to a parent, and sends it when a person says so.
type Notices interface {
	Prepare(ctx context.Context, by string, r notify.Request) (notify.Notice, error)
	Send(ctx context.Context, by school.Actor, id string) error
	Of(about string) []notify.Notice
}

// Slips are notices on paper: where there is no address to send them to.
type Slips interface {
	Slip(ctx context.Context, id string) (notify.Text, error)
	Printed(ctx context.Context, by school.Actor, id string) error
}

// Spot is a named place for devices.
type Spot struct{ ID, Label string }

// Config is what the pages need.
type Config struct {
	Custody *desk.Custody
	People  People
	Banks   Banks
	Orders  Orders
	Notices Notices                                     // nil: there is only the printed slip
	Slips   Slips                                       // with Notices
	Scanned func(badge string) (person string, ok bool) // whose a badge is, by its text
	Called  func(id string) string                      // the name of an account, by its id or that of its person; may be nil
	Spots   []Spot                                      // at least one
	School  string                                      // its name, for slips
	Ban     func(at time.Time) ban.Hours                // when phones are banned on the day of a moment

	SchoolDays func(from, to time.Time) int // that began between two moments
}

// pages are the pages with what they stand on.
type pages struct {
	*kit.Kit
	Config
	opened orders
}

// Pages makes the pages.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	if len(cfg.Spots) == 0 {
		return kit.Feature{}, errs.New(errs.Internal, "The pages for cases know no place for a device.", "")
	}
	o := &pages{Kit: k, Config: cfg}
	files, err := fs.Sub(templates, "templates")
	if err != nil {
		return kit.Feature{}, err
	}
	return kit.Feature{
		Templates: files, Routes: append(o.taking(), o.keeping()...),
		Menu: []kit.MenuItem{
			{Href: "/confiscate", Text: "Confiscate", Under: kit.Kept, Permission: roles.Confiscate},
			{Href: "/cases", Text: "Confiscated", Under: kit.Kept, Permission: roles.SeeCases},
		},
	}, nil
}

// taking are the pages for whoever takes a device.
func (o *pages) taking() []kit.Route {
	return []kit.Route{
		kit.Get("/confiscate", roles.Confiscate, o.findPage),
		kit.Get("/confiscate/:id", roles.Confiscate, o.takePage),
		kit.Post("/confiscate/:id", roles.Confiscate, o.take),
		kit.Get("/confiscated", roles.Confiscate, o.minePage),
		kit.Get("/confiscated/:case", roles.Confiscate, o.takenPage),
		kit.Post("/confiscated/:case/return", roles.Confiscate, o.giveBack),
	}
}

// keeping are the pages for whoever keeps devices and hands them over.
func (o *pages) keeping() []kit.Route {
	return []kit.Route{
		kit.Get("/cases", roles.SeeCases, o.listPage),
		kit.Get("/cases/:case", roles.SeeCases, o.filePage),
		kit.Post("/cases/:case/move", roles.MoveItem, o.move),
		kit.Get("/cases/:case/put", roles.OpenDoor, o.putPage),
		kit.Post("/cases/:case/put", roles.OpenDoor, o.put),
		kit.Post("/cases/:case/take-out", roles.OpenDoor, o.takeOut),
		kit.Get("/cases/:case/ordered/:key", roles.SeeCases, o.orderedPage),
		kit.Get("/item/:item/put", roles.OpenDoor, o.putPage),
		kit.Post("/item/:item/put", roles.OpenDoor, o.put),
		kit.Post("/item/:item/take-out", roles.OpenDoor, o.takeOut),
		kit.Get("/item/:item/ordered/:key", roles.OpenDoor, o.orderedPage),

		kit.Get("/cases/:case/release", roles.ReleaseItem, o.releasePage),
		kit.Post("/cases/:case/release", roles.ReleaseItem, o.release),
		kit.Post("/cases/:case/withdraw", roles.ReleaseItem, o.withdraw),
		kit.Post("/cases/:case/seen", roles.SeeReasons, o.seen),
		kit.Get("/cases/:case/code", roles.ReleaseItem, o.codePage),
		kit.Post("/cases/:case/code", roles.ReleaseItem, o.code),
		kit.Get("/release-code", roles.ReleaseItem, o.byCode),

		kit.Get("/cases/:case/search", roles.RecordSearch, o.searchPage),
		kit.Post("/cases/:case/search", roles.RecordSearch, o.search),
		kit.Get("/cases/:case/deletion", roles.RecordSearch, o.deletionPage),
		kit.Post("/cases/:case/deletion", roles.RecordSearch, o.deletion),
		kit.Get("/cases/:case/note", roles.MoveItem, o.notePage),
		kit.Post("/cases/:case/note", roles.MoveItem, o.note),
		kit.Get("/cases/:case/correct", roles.Correct, o.correctPage),
		kit.Post("/cases/:case/correct", roles.Correct, o.correct),

		kit.Get("/cases/:case/notice", roles.SendNotice, o.noticePage),
		kit.Post("/cases/:case/notice", roles.SendNotice, o.notice),
		kit.Post("/cases/:case/notice/:notice/send", roles.SendNotice, o.send),
		kit.Get("/cases/:case/notice/:notice/slip", roles.SendNotice, o.paperPage),
		kit.Post("/cases/:case/notice/:notice/printed", roles.SendNotice, o.printed),
		kit.Get("/cases/:case/slip", roles.SendNotice, o.slipPage),
	}
}

// by is whoever asks, as the desk wants to know it.
func (o *pages) by(c echo.Context) desk.By {
	who := o.Who(c)
	return desk.By{Actor: who.Actor, Roles: who.Roles}
}

// clock is a moment as people here say it.
func (o *pages) clock(t time.Time) string {
	now := o.Now()
	t = t.In(now.Location())
	if school.DateOf(t) == school.DateOf(now) {
		return t.Format("15:04")
	}
	return t.Format("Mon 2 Jan, 15:04")
}

// moment reads a date and time out of a form; zero when it is none.
func (o *pages) moment(f *kit.Form, name string) time.Time {
	t, _ := o.Moment(f, name, "") // the book says of a zero moment what it wants there
	return t
}
