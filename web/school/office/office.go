// Package office is the office's day: who is here and has not handed in, the
// marks of the register, a pupil who leaves early, a lost badge, and devices that
// staff take in by hand. Each page is one errand, begun on the pupil's page or
// from a list.
//
// Handing in never marks anybody present: the pages only compare the two.
package office

import (
	"embed"
	"html/template"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Config is what the pages stand on. What may be nil is left out of the pages
// then.
type Config struct {
	Calendar school.Calendar
	Banks    Banks
	Force    Force
	People   People

	Register Register
	Leaves   Leaves
	Grants   Grants

	Badges Badges // or nil
	Desk   Desk   // or nil: no devices are kept at the desk
	Hands  Hands  // with Desk
	Spots  []Spot // where at the desk
	Trays  Trays  // or nil: class teachers take nothing in
	Exempt Exempt // or nil: nobody but whom a bank knows may keep their phone

	Machine func() time.Time // machine time
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
	files files
}

// Pages are the office's pages.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	o := &pages{Config: cfg, Kit: k, files: files{now: cfg.Machine}}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{Routes: o.routes(), Menu: o.menu(), Templates: templates, Funcs: template.FuncMap{"lines": lines}}, err
}

func (o *pages) routes() []kit.Route {
	list := []kit.Route{
		kit.Get("/missing", roles.SeeForm, o.missing).About(kit.Anything), // each reader's own forms
		kit.Get("/left", roles.PrintLists, o.left),
		kit.Get("/attendance", roles.MarkAttendance, o.attendance).About(kit.Anything),
		kit.Post("/attendance/undo/:batch", roles.MarkAttendance, o.undo),
		kit.Get("/attendance/form/:name", roles.MarkAttendance, o.formPage).About(onForm),
		kit.Post("/attendance/form/:name", roles.MarkAttendance, o.markForm).About(onForm),
		kit.Get("/attendance/file", roles.MarkAttendance, o.filePage),
		kit.Post("/attendance/file", roles.MarkAttendance, o.takeFile).UpTo(maxUpload),
		kit.Get("/attendance/file/:key", roles.MarkAttendance, o.preview),
		kit.Post("/attendance/file/:key", roles.MarkAttendance, o.useFile),
		kit.Get("/leave/:grant", roles.LeaveEarly, o.leavePage),
		kit.Post("/leave/:grant/end", roles.LeaveEarly, o.endLeave),
	}
	list = append(list, o.about("/person/:id/today", roles.MarkAttendance, o.pupilPage, o.markPupil)...)
	list = append(list, o.about("/person/:id/leave", roles.LeaveEarly, o.leaveForm, o.giveLeave)...)
	if o.Badges != nil {
		list = append(list, o.about("/person/:id/spare", roles.ReplaceBadge, o.spareForm, o.giveSpare)...)
	}
	if o.Desk != nil {
		list = append(list, o.deskRoutes()...)
	}
	return list
}

// about is a form about one pupil, and its sending.
func (o *pages) about(path string, p roles.Permission, ask, do echo.HandlerFunc) []kit.Route {
	return []kit.Route{kit.Get(path, p, ask).About(o.OnPerson("id")), kit.Post(path, p, do).About(o.OnPerson("id"))}
}

func onForm(c echo.Context) roles.Target { return roles.Target{Form: c.Param("name")} }

func (o *pages) menu() []kit.MenuItem {
	list := []kit.MenuItem{{Href: "/missing", Text: "Not handed in", Under: kit.Pupils, Permission: roles.SeeForm}, {Href: "/attendance", Text: "Attendance", Under: kit.Pupils, Permission: roles.MarkAttendance}}
	if o.Desk != nil {
		list = append(list, kit.MenuItem{Href: "/desk", Text: "At the desk", Under: kit.Kept, Permission: roles.DepositAtDesk})
	}
	return list
}

// Actions are what a pupil's page offers of these pages.
func (cfg Config) Actions() []board.Action {
	onRoll := func(p board.Pupil) bool { return p.OnRoll }
	list := []board.Action{
		{Path: "today", Text: "Present, absent, no phone", Permission: roles.MarkAttendance, When: onRoll},
		{Path: "leave", Text: "Leaves early", Permission: roles.LeaveEarly, When: onRoll},
	}
	if cfg.Badges != nil {
		list = append(list, board.Action{Path: "spare", Text: "Lost badge", Permission: roles.ReplaceBadge, When: onRoll})
	}
	if cfg.Desk != nil {
		list = append(list, board.Action{Path: "desk", Text: "Take a device in at the desk", Permission: roles.DepositAtDesk})
	}
	return list
}
