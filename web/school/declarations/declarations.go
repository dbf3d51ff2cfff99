// Package declarations is the pages on which members of staff declare their ties to
// pupils and parents, and ask before private contact; and on which those who have to
// know take note, and the headteacher decides. Nobody else sees a declaration.
package declarations

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/bellkeep/bellkeep/internal/declarations"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Reader gives declarations and of whom something is wanted.
type Reader interface {
	All() []declarations.Declaration
	Declaration(id string) (declarations.Declaration, error)
	Over(d declarations.Declaration) bool
	Waiting(d declarations.Declaration) bool
	Wanted(d declarations.Declaration) []policy.Approver
	Decider(d declarations.Declaration) policy.Approver
}

// Making is what whoever declares does.
type Making interface {
	Declare(ctx context.Context, by declarations.By, d declarations.Draft) (declarations.Declaration, error)
	End(ctx context.Context, by declarations.By, id string) error
}

// Answering is what others do about it.
type Answering interface {
	Acknowledge(ctx context.Context, by declarations.By, id string) error
	Decide(ctx context.Context, by declarations.By, id string, approved bool, why string) error
}

// Config is what the pages work with.
type Config struct {
	Reader    Reader
	Making    Making
	Answering Answering
	Rules     func() policy.Rules
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about declarations.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	own := func(r kit.Route) kit.Route { return r.About(kit.Anything) } // about whoever asks
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: "/declarations", Text: "Declarations", Under: kit.School, Permission: roles.OwnAccount}},
		Routes: []kit.Route{
			own(kit.Get("/declarations", roles.OwnAccount, p.list)),
			own(kit.Get("/declarations/relationship", roles.OwnAccount, p.relationship)),
			own(kit.Post("/declarations/relationship", roles.OwnAccount, p.declareRelationship)),
			own(kit.Get("/declarations/contact", roles.OwnAccount, p.contact)),
			own(kit.Post("/declarations/contact", roles.OwnAccount, p.declareContact)),
			own(kit.Get("/declaration/:id", roles.OwnAccount, p.show)),
			own(kit.Post("/declaration/:id/end", roles.OwnAccount, p.end)),
			kit.Post("/declaration/:id/acknowledge", roles.SeeDeclarations, p.acknowledge),
			kit.Post("/declaration/:id/approve", roles.SeeDeclarations, p.approve),
			kit.Post("/declaration/:id/refuse", roles.SeeDeclarations, p.refuse),
		},
	}, err
}

func (p *pages) by(c echo.Context) declarations.By {
	who := p.Who(c)
	return declarations.By{Actor: who.Actor, Roles: who.Roles}
}

func (p *pages) mayAll(c echo.Context) bool {
	return p.May(c, roles.SeeDeclarations, roles.Target{})
}

// Tasks are what the start page says waits. It names nobody, for it may hang on a wall.
func (cfg Config) Tasks() []board.Task {
	waiting := 0
	for _, d := range cfg.Reader.All() {
		if cfg.Reader.Waiting(d) {
			waiting++
		}
	}
	if waiting == 0 {
		return nil
	}
	return []board.Task{{Key: "declarations", What: fmt.Sprintf("Declarations of staff that wait: %d.", waiting), Next: "Those who have to know read them.", Href: "/declarations", Link: "Declarations", Permission: roles.SeeDeclarations}}
}
