// Package devicehistory is the pages that say what school devices did: was this
// iPad's camera off during Monday's exam? They tell what a device reported, what is
// only assumed and what nobody knows apart, show the lines it rests on, and say
// whether those hash to what the school's ledger has.
package devicehistory

import (
	"embed"
	"html/template"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Days gives a day as it was kept. Errors: not found when it is not, unavailable.
type Days interface {
	Read(school.Date) (*history.Day, error)
}

// Bells gives what the school's ledger has of each bell.
type Bells interface {
	Of(school.Date) []history.Bell
	Last() (history.Bell, bool)
}

// Config is what the pages show.
type Config struct {
	Days    Days
	Bells   Bells
	Periods func(time.Time) []mdm.Period // of the day of a moment
	Name    func(device string) string   // what is painted on it; "" for one nobody listed
	Told    func(about string) bool      // whether anybody has been told of a thing by e-mail; nil: nobody is
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about what devices did.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	o := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Routes: []kit.Route{
			kit.Get("/device/:id/history", roles.SeeDevices, o.device),
			kit.Get("/device-history", roles.SeeDevices, o.all),
			kit.Get("/device-history.csv", roles.SeeDevices, o.csv),
		},
		Templates: templates,
		Funcs:     template.FuncMap{"took": took},
	}, err
}

// Tasks are what the start page says of the newest bell, until the next: that it
// did not take.
func (cfg Config) Tasks() []board.Task {
	if cfg.Bells == nil {
		return nil
	}
	b, ok := cfg.Bells.Last()
	if !ok || b.Missed == nil {
		return nil
	}
	next, told := "See which, and set them right by hand. Until they answer, take it that their rules are not in force.", cfg.Told != nil && cfg.Told(b.Missed.ID())
	if !told {
		next = "Nobody was told by e-mail: tell IT. " + next
	}
	return []board.Task{{
		Key: "device-bell", What: missedWords(*b.Missed), Since: b.At, Permission: roles.SeeDevices, Grave: !told || len(b.Missed.Violating) > 0,
		Next: next,
		Href: "/device-history?day=" + b.Day + "&period=" + b.Bell, Link: "These devices",
	}}
}
