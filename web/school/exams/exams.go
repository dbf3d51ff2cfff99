// Package exams is the pages of the exams officer and of invigilators: papers, who
// writes them where and until when, whether a room is clear of devices, who has
// finished, and what was found.
//
// They show that a candidate's device is with the invigilator and how long somebody
// writes, and of neither a reason.
package exams

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Sittings are the papers, and how their lines stand; see package exam.
type Sittings interface {
	Sittings() []exam.Sitting
	Sitting(id string) (exam.Sitting, error)
	Standings(s exam.Sitting) []exam.Standing
}

// Setting is what the exams officer does before a paper.
type Setting interface {
	Set(ctx context.Context, by desk.By, d exam.Draft) (exam.Sitting, error)
	Add(ctx context.Context, by desk.By, id string, list []exam.Candidate) error
	Adjust(ctx context.Context, by desk.By, id string, n int, to exam.Candidate) error
	Move(ctx context.Context, by desk.By, id string, start time.Time, minutes int) error
	Cancel(ctx context.Context, by desk.By, id string) error
}

// Invigilating is what is recorded in the room.
type Invigilating interface {
	Say(ctx context.Context, by desk.By, id string, n int, how exam.How, other string) error
	Clear(ctx context.Context, by desk.By, id string, asked bool) error
	Finish(ctx context.Context, by desk.By, id string, lines []int, at time.Time, why string) error
	Report(ctx context.Context, by desk.By, id string, n int, f exam.Found) (exam.Incident, error)
}

// People are those of the register.
type People interface {
	Person(id string) (register.Person, bool)
	People() []register.Person
}

// Force says, bank by bank, since when the rules hold that the record at seq of the
// school's ledger decided.
type Force interface {
	InForce(seq uint64) []banks.Force
}

// Config is what the pages work with.
type Config struct {
	Sittings Sittings
	Setting  Setting
	Room     Invigilating
	People   People
	Force    Force
	Needs    func(person string) bool // may keep a device for their health
	Spot     func(id string) string   // what a named place is called
	School   string
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about exams.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: "/exams", Text: "Exams", Under: kit.Pupils, Permission: roles.Invigilate}},
		Routes: []kit.Route{
			kit.Get("/exams", roles.Invigilate, p.list),
			kit.Get("/exams/new", roles.RunExams, p.newForm),
			kit.Post("/exams/new", roles.RunExams, p.set),
			kit.Get("/exam/:id", roles.Invigilate, p.show),
			kit.Get("/exam/:id/candidates", roles.RunExams, p.candidatesForm),
			kit.Post("/exam/:id/candidates", roles.RunExams, p.candidates).UpTo(maxList),
			kit.Get("/exam/:id/change", roles.RunExams, p.changeForm),
			kit.Post("/exam/:id/change", roles.RunExams, p.change),
			kit.Post("/exam/:id/cancel", roles.RunExams, p.cancel),
			kit.Post("/exam/:id/clear", roles.RunExams, p.clear),
			kit.Post("/exam/:id/finish", roles.Invigilate, p.finish),
			kit.Get("/exam/:id/print", roles.Invigilate, p.print),
			kit.Get("/exam/:id/line/:n", roles.Invigilate, p.line),
			kit.Post("/exam/:id/line/:n/say", roles.Invigilate, p.say),
			kit.Post("/exam/:id/line/:n/end", roles.Invigilate, p.end),
			kit.Post("/exam/:id/line/:n/adjust", roles.RunExams, p.adjust),
			kit.Get("/exam/:id/line/:n/incident", roles.Invigilate, p.incidentForm),
			kit.Post("/exam/:id/line/:n/incident", roles.Invigilate, p.report),
			kit.Get("/exam/:id/incident/:k", roles.Invigilate, p.incident),
		},
	}, err
}

// by is whoever asks, with their roles: the book weighs them again.
func (p *pages) by(c echo.Context) desk.By {
	who := p.Who(c)
	return desk.By{Actor: who.Actor, Roles: who.Roles}
}

func (p *pages) mayRun(c echo.Context) bool { return p.May(c, roles.RunExams, roles.Target{}) }
