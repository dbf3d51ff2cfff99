// Package visitors is the pages about visitors' devices: reception takes them in and
// prints a slip, gives them back, and sees what was left; any member of staff records
// that they asked a visitor about a device, and the safeguarding lead reads every
// breach and takes note of it.
package visitors

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Devices are those that visitors handed in; see package visit.
type Devices interface {
	Deposits() []visit.Deposit
	Deposit(item string) (visit.Deposit, error)
	Left(d visit.Deposit) bool
	BySlip(text string) (visit.Deposit, error)
	Take(ctx context.Context, by desk.By, visit string, in desk.Intake) (visit.Deposit, school.Token, error)
	Give(ctx context.Context, by desk.By, item, slip string, known bool) error
}

// Challenges are what staff recorded; see package visit.
type Challenges interface {
	Challenges() []visit.Challenge
	Unseen() []visit.Challenge
	Record(ctx context.Context, by desk.By, a visit.Asked) (visit.Challenge, error)
	See(ctx context.Context, by desk.By, id, text string) error
}

// Visits are who signed the visitors' agreement.
type Visits interface {
	Visit(id string) (agreements.Visit, bool)
	Present() []agreements.Visit
}

// Custody tells where a device is.
type Custody interface {
	Item(id string) (desk.Item, error)
}

// Spot is a named place at the desk.
type Spot struct{ ID, Label string }

// Config is what the pages work with.
type Config struct {
	Devices    Devices
	Challenges Challenges
	Visits     Visits
	Custody    Custody
	Rules      func() policy.Rules
	Spots      []Spot
	School     string
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about visitors' devices.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu: []kit.MenuItem{
			{Href: "/visitors", Text: "Visitors’ devices", Under: kit.Kept, Permission: roles.DepositAtDesk},
			{Href: "/visitors/challenge", Text: "A visitor’s use of a device", Under: kit.School, Permission: roles.ChallengeVisitor},
			{Href: "/visitors/breaches", Text: "Visitors’ breaches", Under: kit.School, Permission: roles.SeeReasons},
		},
		Routes: []kit.Route{
			kit.Get("/visitors", roles.DepositAtDesk, p.list),
			kit.Post("/visitors/slip", roles.DepositAtDesk, p.slip),
			kit.Get("/visitors/visit/:id/take", roles.DepositAtDesk, p.takeForm),
			kit.Post("/visitors/visit/:id/take", roles.DepositAtDesk, p.take),
			kit.Get("/visitors/device/:item", roles.DepositAtDesk, p.device),
			kit.Post("/visitors/device/:item/give", roles.DepositAtDesk, p.give),
			kit.Get("/visitors/challenge", roles.ChallengeVisitor, p.challengeForm),
			kit.Post("/visitors/challenge", roles.ChallengeVisitor, p.challenge),
			kit.Get("/visitors/recorded", roles.ChallengeVisitor, p.recorded),
			kit.Get("/visitors/breaches", roles.SeeReasons, p.breaches),
			kit.Post("/visitors/breach/:id/seen", roles.SeeReasons, p.seen),
		},
	}, err
}

func (p *pages) by(c echo.Context) desk.By {
	who := p.Who(c)
	return desk.By{Actor: who.Actor, Roles: who.Roles}
}

// called is how a visitor is called.
func (p *pages) called(id string) string {
	if id == "" {
		return "Somebody who signed nothing"
	}
	v, _ := p.Visits.Visit(id)
	return v.Called()
}

func (p *pages) when(t time.Time) string { return t.In(p.Now().Location()).Format("Mon 2 Jan, 15:04") }

// where says where a device is.
func (p *pages) where(i desk.Item) string {
	switch i.Place.Kind {
	case desk.Behind:
		return fmt.Sprintf("%s, door %d", kit.BankName(i.Place.Bank), i.Place.Door)
	case desk.Hands:
		return "in the hands of " + p.NameOf(i.Place.Person)
	case desk.AtSpot:
		for _, s := range p.Spots {
			if s.ID == i.Place.Spot {
				return s.Label
			}
		}
		return i.Place.Spot
	}
	return "given back"
}

// Tasks are what the start page says of visitors. It names nobody, for it may hang on
// a wall.
func (cfg Config) Tasks() []board.Task {
	left := 0
	for _, d := range cfg.Devices.Deposits() {
		if cfg.Devices.Left(d) {
			left++
		}
	}
	var list []board.Task
	if left > 0 {
		list = append(list, board.Task{Key: "visitors-left", What: fmt.Sprintf("Devices of visitors that were left behind: %d.", left), Next: "Reception calls them, or whom they visited.", Href: "/visitors", Link: "Visitors’ devices", Permission: roles.DepositAtDesk})
	}
	if n := len(cfg.Challenges.Unseen()); n > 0 {
		list = append(list, board.Task{Key: "visitors-breach", What: fmt.Sprintf("Records about visitors that wait for the safeguarding lead: %d.", n), Next: "The safeguarding lead reads them.", Href: "/visitors/breaches", Link: "Visitors’ breaches", Permission: roles.SeeReasons})
	}
	return list
}

var errNobody = errs.New(errs.NotFound, "There is no such visitor.", "Let them sign the agreement first.")
