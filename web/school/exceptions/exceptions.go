// Package exceptions is the pages on which exceptions are asked for, decided,
// extended and ended. The head sees first what waits to be decided, each with one
// button to approve it.
//
// Who may not see reasons sees that there is an exception, for whom and until
// when, but neither its kind nor a word of what was written. Who may not see
// everybody's sees what they asked for themselves.
package exceptions

import (
	"embed"
	"html/template"
	"io/fs"

	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Config is what the pages work with.
type Config struct {
	Book     Book
	People   People
	Force    Force
	Rules    func() policy.Rules
	Calendar school.Calendar

	Devices Devices // or nil
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about exceptions.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Funcs:     template.FuncMap{"kindWords": kindWords, "settingWords": settingWords},
		Menu:      []kit.MenuItem{{Href: "/exceptions", Text: "Exceptions", Under: kit.Pupils, Permission: roles.AskException}},
		Routes:    p.routes(),
	}, err
}

func (p *pages) routes() []kit.Route {
	person := p.OnPerson("id")
	return []kit.Route{
		kit.Get("/exceptions", roles.AskException, p.list),
		kit.Get("/exceptions/new", roles.AskException, p.choose),
		kit.Get("/person/:id/exception", roles.AskException, p.form).About(person),
		kit.Post("/person/:id/exception", roles.AskException, p.ask).About(person),
		kit.Get("/exceptions/lesson", roles.AskException, p.lessonForm),
		kit.Post("/exceptions/lesson", roles.AskException, p.askLesson),
		kit.Get("/exception/:id", roles.AskException, p.show),
		kit.Post("/exception/:id/approve", roles.ApproveException, p.approve),
		kit.Post("/exception/:id/countersign", roles.Countersign, p.approve),
		kit.Post("/exception/:id/refuse", roles.ApproveException, p.refuse),
		kit.Post("/exception/:id/withdraw", roles.AskException, p.withdraw),
		kit.Get("/exception/:id/extend", roles.AskException, p.extendForm),
		kit.Post("/exception/:id/extend", roles.AskException, p.extend),
		kit.Post("/exception/:id/end", roles.EndException, p.end),
		kit.Get("/exception/:id/card", roles.PrintLists, p.card),
		kit.Get("/exception/:id/permission", roles.AskException, p.permission),
	}
}

// by is whoever asks, and whether they approve exceptions.
func (p *pages) by(c echo.Context) exceptions.By {
	return exceptions.By{Actor: p.Who(c).Actor, Head: p.May(c, roles.ApproveException, roles.Target{})}
}

func (p *pages) sight(c echo.Context) exceptions.Sight {
	who := p.Who(c)
	return exceptions.SightOf(who.Person, who.Roles, p.Now())
}

// kinds are those the school's rules know, for a pupil or a member of staff.
func (p *pages) kinds(staff bool) []exception.Kind {
	var list []exception.Kind
	for _, k := range exception.Kinds {
		if k != exception.Curriculum && k.Allowed(p.Rules()) && (k == exception.Staff) == staff {
			list = append(list, k)
		}
	}
	return list
}
