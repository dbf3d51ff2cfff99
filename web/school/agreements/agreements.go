// Package agreements is the pages on which the school's agreements on acceptable use
// are read, signed and published: by members of staff in their own account, by pupils
// and parents at the desk before a witness, and there by visitors too. They also say who has not signed, and list
// the own phones of staff, which nobody enforces: somebody attests to the advice, or
// was told of it.
package agreements

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Texts are the versions of the agreements, and who has signed which.
type Texts interface {
	Versions(k agreements.Kind) []agreements.Version
	Signed(person string, k agreements.Kind) (agreements.Signature, bool)
	Counts(person string, k agreements.Kind) (counts bool, until time.Time)
}

// Signing is what may be done about them; see package internal/agreements.
type Signing interface {
	Sign(ctx context.Context, who school.Actor, k agreements.Kind, n int, name string) error
	Witness(ctx context.Context, who school.Actor, person string, n int, how agreements.How, name string) error
	WitnessParent(ctx context.Context, who school.Actor, pupil string, n int, name string) error
	Advise(ctx context.Context, who school.Actor, person string) error
	Publish(ctx context.Context, who school.Actor, d agreements.Draft) (agreements.Version, error)
}

// Visits are what visitors signed; see package internal/agreements.
type Visits interface {
	Visits() []agreements.Visit
	MayEnter(visit string) error
	Receive(ctx context.Context, who school.Actor, n int, g agreements.Guest) (agreements.Visit, error)
}

// People are those of the register, by name.
type People interface {
	Person(id string) (register.Person, bool)
	People() []register.Person
	Search(query string) []register.Person
}

// Config is what the pages work with.
type Config struct {
	Texts   Texts
	Signing Signing
	Visits  Visits
	People  People
	Devices func() map[string]int // how many devices of the school somebody has
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about agreements.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu: []kit.MenuItem{{Href: "/agreements", Text: "Agreements", Under: kit.School, Permission: roles.OwnAccount},
			{Href: "/agreements/visitors", Text: "Visitors", Under: kit.School, Permission: roles.KeepAgreements}},
		Routes: p.routes(),
	}, err
}

func (p *pages) routes() []kit.Route {
	own := func(r kit.Route) kit.Route { return r.About(kit.Anything) } // about whoever asks
	return []kit.Route{
		own(kit.Get("/agreements", roles.OwnAccount, p.mine)),
		own(kit.Get("/agreements/sign/:kind", roles.OwnAccount, p.signForm)),
		own(kit.Post("/agreements/sign/:kind", roles.OwnAccount, p.sign)),
		kit.Get("/agreements/unsigned", roles.KeepAgreements, p.unsigned),
		kit.Get("/agreements/person/:id", roles.KeepAgreements, p.witnessForm),
		kit.Post("/agreements/person/:id", roles.KeepAgreements, p.witness),
		kit.Get("/agreements/parents", roles.KeepAgreements, p.parents),
		kit.Get("/agreements/parents/:id", roles.KeepAgreements, p.parentForm),
		kit.Post("/agreements/parents/:id", roles.KeepAgreements, p.parent),
		kit.Get("/agreements/phones", roles.KeepAgreements, p.phones),
		kit.Post("/agreements/phones/:id", roles.KeepAgreements, p.advise),
		kit.Get("/agreements/visitors", roles.KeepAgreements, p.visitors),
		kit.Get("/agreements/visitors/sign", roles.KeepAgreements, p.receiveForm),
		kit.Post("/agreements/visitors/sign", roles.KeepAgreements, p.receive),
		kit.Get("/agreements/publish/:kind", roles.ChangePolicy, p.publishForm),
		kit.Post("/agreements/publish/:kind", roles.ChangePolicy, p.publish),
	}
}

func (p *pages) may(c echo.Context, permission roles.Permission) bool {
	return p.May(c, permission, roles.Target{})
}

// current is the newest version of an agreement.
func (p *pages) current(k agreements.Kind) (agreements.Version, bool) {
	list := p.Texts.Versions(k)
	if len(list) == 0 {
		return agreements.Version{Kind: k}, false
	}
	return list[len(list)-1], true
}

func title(k agreements.Kind) string {
	switch k {
	case agreements.Staff:
		return "Acceptable use, for staff"
	case agreements.Pupils:
		return "Acceptable use, for pupils"
	case agreements.Visitors:
		return "Acceptable use, for visitors"
	case agreements.Parents:
		return "The school’s agreements, read by parents"
	case agreements.SocialMedia:
		return "Social media for the school, for staff who post"
	case agreements.Monitoring:
		return "What is monitored: a notice to everybody"
	case agreements.Briefing:
		return "Safeguarding, for whoever works here for a day"
	case agreements.Help:
		return "Help and reporting: the school’s own words"
	}
	return "Staff’s own phones: the school’s advice"
}

func (p *pages) day(t time.Time) string { return t.In(p.Now().Location()).Format("2 January 2006") }

// how says how somebody signed.
func how(s agreements.Signature) string {
	switch s.How {
	case agreements.InAccount:
		return "in their own account"
	case agreements.ByParent:
		return "by a parent, witnessed by " + s.By
	case agreements.Advised:
		return "told of it by " + s.By
	}
	return "at the desk, witnessed by " + s.By
}
