// Package policy is the pages about a school's rules: what they are in words,
// which clauses of the written policy they follow, who set them when and why,
// and how each clause is met. Whoever may change the rules does so here, one
// rule at a time; what loosens them waits for a second person.
package policy

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/reviews"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Versions tells which rules are and were in force. The last to come into force
// is first.
type Versions interface {
	VersionAt(t time.Time) (rules.Version, bool)
	Versions() []rules.Version
	Waiting() []rules.Version
}

// Proposals takes changes: of a person, and of a program that a person adopts.
// waiting says that a second person is needed.
type Proposals interface {
	Propose(ctx context.Context, who school.Actor, r policy.Rules, from time.Time, why string) (v rules.Version, waiting bool, err error)
	Adopt(ctx context.Context, who school.Actor, id string) (v rules.Version, waiting bool, err error)
}

// Decisions end what waits.
type Decisions interface {
	Approve(ctx context.Context, who school.Actor, id string) (rules.Version, error)
	Drop(ctx context.Context, who school.Actor, id string) error
}

// Reviews are the prompts to look at the policy again; see package reviews.
type Reviews interface {
	Open() []reviews.Prompt
	Answers() []reviews.Answer
	Answer(ctx context.Context, who school.Actor, s reviews.Said) error
}

// Config is what the pages show.
type Config struct {
	Versions  Versions
	Proposals Proposals
	Decisions Decisions
	Reviews   Reviews // or nil

	Policy  string              // the written policy that the rules follow; "" for none
	Clauses []clauses.Clause    // of it, in order
	Follows map[string][]string // ids of the clauses that a rule follows, by its key
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about the rules.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	o := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{Routes: o.routes(), Templates: templates, Menu: []kit.MenuItem{{Href: "/policy", Text: "Rules", Under: kit.School, Permission: roles.SeePolicy}}}, err
}

func (o *pages) routes() []kit.Route {
	return []kit.Route{
		kit.Get("/policy", roles.SeePolicy, o.rules),
		kit.Get("/policy/clauses", roles.SeePolicy, o.clauses),
		kit.Get("/policy/signs", roles.SeePolicy, o.signs),
		kit.Get("/policy/reviews", roles.SeePolicy, o.reviews),
		kit.Post("/policy/reviews", roles.ReviewPolicy, o.answer),
		kit.Get("/policy/version/:id", roles.SeePolicy, o.version),
		kit.Get("/policy/change/:key", roles.ChangePolicy, o.changeForm),
		kit.Post("/policy/change/:key", roles.ChangePolicy, o.change),
		kit.Post("/policy/version/:id/adopt", roles.ChangePolicy, o.adopt),
		kit.Post("/policy/version/:id/drop", roles.ChangePolicy, o.drop),
		kit.Post("/policy/version/:id/approve", roles.ApprovePolicy, o.approve),
	}
}

// inForce are the rules in force now, with their version if there is one.
func (o *pages) inForce() (rules.Version, bool) {
	v, ok := o.Versions.VersionAt(o.Now())
	if !ok {
		v.Rules = policy.Default()
	}
	return v, ok
}

func (o *pages) may(c echo.Context, p roles.Permission) bool { return o.May(c, p, roles.Target{}) }

// when is a moment for people: its day, and its time unless it is midnight.
func (o *pages) when(t time.Time) string {
	t = t.In(o.Now().Location())
	if t.Hour() == 0 && t.Minute() == 0 {
		return t.Format("2 January 2006")
	}
	return t.Format("2 January 2006, 15:04")
}
