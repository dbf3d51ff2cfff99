// Package fleet is the pages about the school's own devices: how they join, who has
// them, which are lost, retired or kept as evidence, and the register of who had what.
// What each device is set to and does is shown on the board.
//
// Joining codes are secrets for half an hour. They are kept in memory only, for the
// account that made them.
package fleet

import (
	"embed"
	"html/template"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Config is what the pages work with.
type Config struct {
	Book     Book
	Desk     Desk
	Ends     Ends
	Evidence Evidence
	Joining  Joining
	Checks   Checks
	People   People
	Visitors Visitors
	Rules    Rules
	Groups   func() []string // that the school's rules know

	Notice     func() string          // what is said of monitoring with a device that joins; nil for nothing
	GroupWords func(id string) string // what people call a group

	Machine func() time.Time // machine time
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
	batches batches
}

// Pages are the pages about the fleet.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{Config: cfg, Kit: k, batches: batches{now: cfg.Machine}}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Funcs:     template.FuncMap{"platformWords": platformWords, "fleetGroup": cfg.GroupWords, "monitored": cfg.notice},
		Menu:      []kit.MenuItem{{Href: "/fleet", Text: "Device list", Under: kit.Devices, Permission: roles.SeeDevices}},
		Routes:    p.routes(),
	}, err
}

func (cfg Config) notice() string {
	if cfg.Notice == nil {
		return ""
	}
	return cfg.Notice()
}

// largeForm is a list of devices with the form around it, in bytes.
const largeForm = 1 << 20

func (p *pages) routes() []kit.Route {
	return []kit.Route{
		kit.Get("/fleet", roles.SeeDevices, p.list),
		kit.Get("/fleet/register", roles.SeeDevices, p.register),
		kit.Get("/fleet/register.csv", roles.SeeDevices, p.registerCSV),
		kit.Get("/fleet/enrol", roles.ManageDevices, p.enrolForm),
		kit.Post("/fleet/enrol", roles.ManageDevices, p.enrolOne),
		kit.Get("/fleet/enrol/list", roles.ManageDevices, p.sheetForm),
		kit.Post("/fleet/enrol/list", roles.ManageDevices, p.enrolSheet).UpTo(largeForm),
		kit.Get("/fleet/codes/:key", roles.ManageDevices, p.codes),
		kit.Get("/fleet/codes/:key/events", roles.ManageDevices, p.follow),
		kit.Post("/fleet/codes/:key/again", roles.ManageDevices, p.again),
		kit.Get("/fleet/device/:id", roles.SeeDevices, p.device),
		kit.Post("/fleet/device/:id/code", roles.ManageDevices, p.newCode),
		kit.Get("/fleet/device/:id/details", roles.ManageDevices, p.detailsForm),
		kit.Post("/fleet/device/:id/details", roles.ManageDevices, p.details),
		kit.Get("/fleet/device/:id/issue", roles.ManageDevices, p.issueForm),
		kit.Post("/fleet/device/:id/issue", roles.ManageDevices, p.issue),
		kit.Post("/fleet/device/:id/return", roles.ManageDevices, p.takeBack),
		kit.Get("/fleet/device/:id/lost", roles.ManageDevices, p.lostForm),
		kit.Post("/fleet/device/:id/lost", roles.ManageDevices, p.lose),
		kit.Post("/fleet/device/:id/found", roles.ManageDevices, p.find),
		kit.Get("/fleet/device/:id/replace", roles.ManageDevices, p.replaceForm),
		kit.Post("/fleet/device/:id/replace", roles.ManageDevices, p.replace),
		kit.Get("/fleet/device/:id/retire", roles.ManageDevices, p.retireForm),
		kit.Post("/fleet/device/:id/retire", roles.ManageDevices, p.retire),
		kit.Get("/fleet/device/:id/quarantine", roles.QuarantineDevice, p.quarantineForm),
		kit.Post("/fleet/device/:id/quarantine", roles.QuarantineDevice, p.quarantine),
		kit.Post("/fleet/device/:id/advice", roles.QuarantineDevice, p.advise),
		kit.Get("/fleet/quarantine", roles.SeeHolds, p.quarantines),
		kit.Post("/fleet/quarantine/:id/end", roles.EndHold, p.endQuarantine),
	}
}
