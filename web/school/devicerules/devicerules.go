// Package devicerules is the pages about what school devices must be: the rules in
// force and those before, who agreed to each, asking for a change with forms,
// reviewing it, undoing the last one, and why a device must be what it must be.
//
// A form changes one thing: a profile and where it holds, a list, a group, or what
// quarantine asks. What the change would do on which devices is shown before it is
// asked for.
package devicerules

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Versions are what was and is in force.
type Versions interface {
	VersionAt(t time.Time) (change.Version, bool)
	Last() (change.Version, bool)
	Version(n int) (change.Version, bool)
	Before(n int) (change.Version, bool)
	Versions() []change.Version
}

// Requests are what was asked for.
type Requests interface {
	Requests() []change.Request
	Request(id string) (change.Request, bool)
}

// Effects tell what other rules would do.
type Effects interface {
	Diff(from, to mdm.Rules) []change.Line
	Affected(from, to mdm.Rules) (devices, of int)
	Filters(from, to mdm.Rules) bool
	MoveDiff(from, to []string) []change.Line // of a device that goes to other groups
}

// Asking takes requests.
type Asking interface {
	Ask(ctx context.Context, by change.By, a change.Ask) (change.Request, error)
	Rebase(ctx context.Context, by change.By, id string) (change.Request, error)
	MayCancel(r change.Request, now time.Time) error
	Cancel(ctx context.Context, by change.By, id, why string) error
}

// Deciding is what others say, and the way back.
type Deciding interface {
	Review(ctx context.Context, by change.By, id string, as change.Side, agreed bool, words string) (change.Request, error)
	MayRollBack(now time.Time) error
	RollBack(ctx context.Context, by change.By, why string) (change.Version, error)
}

// Devices are what rules are for.
type Devices interface {
	Device(id string) (mdm.Device, bool)
	Exceptions(d mdm.Device, at time.Time) []mdm.Exception
}

// Config is what the pages work with.
type Config struct {
	Versions Versions
	Requests Requests
	Effects  Effects
	Asking   Asking
	Deciding Deciding
	Moves    Moves

	Devices Devices
	Day     func(t time.Time) []mdm.Period // of a moment
	Kinds   []mdm.Mode                     // of period, that the calendar has
	Told    func(about string) bool        // whether anybody has been told of a thing by e-mail; nil: nobody is
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about device rules.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{Routes: p.routes(), Templates: templates, Funcs: template.FuncMap{"upper": upper}, Menu: []kit.MenuItem{{Href: "/device-rules", Text: "Device rules", Under: kit.Devices, Permission: roles.SeeDeviceRules}}}, err
}

func (p *pages) routes() []kit.Route {
	return []kit.Route{
		kit.Get("/device-rules", roles.SeeDeviceRules, p.overview),
		kit.Get("/device-rules/version/:n", roles.SeeDeviceRules, p.version),
		kit.Get("/device-rules/version/:n/devices.yaml", roles.SeeDeviceRules, p.file),
		kit.Post("/device-rules/version/:n/roll-back", roles.ManageDevices, p.rollBack),
		kit.Get("/device-rules/edit/:what/:id", roles.AskDeviceChange, p.editForm),
		kit.Post("/device-rules/edit/:what/:id", roles.AskDeviceChange, p.edit),
		kit.Get("/device-rules/change/:id", roles.SeeDeviceRules, p.change),
		kit.Post("/device-rules/change/:id/technical", roles.ManageDevices, p.say(change.Technical)),
		kit.Post("/device-rules/change/:id/educational", roles.ReviewFiltering, p.say(change.Educational)),
		kit.Post("/device-rules/change/:id/leadership", roles.ConsentFiltering, p.say(change.Leadership)),
		kit.Post("/device-rules/change/:id/cancel", roles.AskDeviceChange, p.cancel),
		kit.Post("/device-rules/change/:id/rebase", roles.AskDeviceChange, p.rebase),
		kit.Get("/device-rules/move/:id", roles.SeeDeviceRules, p.movePage),
		kit.Post("/device-rules/move/:id/technical", roles.ManageDevices, p.sayOfMove(change.Technical)),
		kit.Post("/device-rules/move/:id/educational", roles.ReviewFiltering, p.sayOfMove(change.Educational)),
		kit.Post("/device-rules/move/:id/leadership", roles.ConsentFiltering, p.sayOfMove(change.Leadership)),
		kit.Post("/device-rules/move/:id/cancel", roles.ManageDevices, p.cancelMove),
		kit.Post("/device-rules/move/:id/again", roles.ManageDevices, p.askAgain),
		kit.Get("/device/:id/why", roles.SeeDevices, p.why),
	}
}

// by is whoever asks, with what they may do.
func (p *pages) by(c echo.Context) change.By {
	who := p.Who(c)
	return change.By{Actor: school.Actor{Account: who.Account, Person: who.Person, Changed: who.Changed}, Roles: who.Roles}
}

func (p *pages) may(c echo.Context, permission roles.Permission) bool {
	return p.May(c, permission, roles.Target{})
}

// when is a moment for people.
func (p *pages) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.Now().Location()).Format("Monday 2 January 2006, 15:04")
}

// name is what pages call whoever an account belongs to.
func (p *pages) name(approval school.Approval) string {
	if name, _, ok := p.People.Name(approval.Person); ok && name != "" {
		return name + " (" + approval.By + ")"
	}
	return approval.By
}
