// Package backups is the page on which whoever looks after the server sees that there
// is a second copy of everything, and has one made before a risky day.
package backups

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

//go:embed templates
var templateFiles embed.FS

// State is how the backups stand, by the machine's clock.
type State struct {
	Folder string // "" where none are made
	At     school.Clock
	Keep   int
	Last   time.Time // zero for none
	Late   bool
	Fault  string // of the last try
}

// Config is what the page works with.
type Config struct {
	State  func() State
	BackUp func(ctx context.Context) error // makes one and reads it back
}

type pages struct {
	*kit.Kit
	Config
}

// Pages are the pages of this package.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{k, cfg}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: "/backups", Text: "Backups", Under: kit.School, Permission: roles.KeepBackups}},
		Routes: []kit.Route{
			kit.Get("/backups", roles.KeepBackups, p.show),
			kit.Post("/backups", roles.KeepBackups, p.make),
		},
	}, err
}

type data struct {
	Form *kit.Form
	State
	When string // the newest was made
}

func (p *pages) data(f *kit.Form) data {
	d := data{Form: f, State: p.State()}
	if !d.Last.IsZero() {
		d.When = d.Last.In(p.Now().Location()).Format("15:04 on Monday 2 January 2006")
	}
	return d
}

func (p *pages) show(c echo.Context) error {
	return p.Page(c, http.StatusOK, "backups", "Backups", p.data(p.NewForm(c, nil)))
}

// make waits for the backup: it is asked for by one person, and may take a minute.
func (p *pages) make(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) { return "/backups", p.BackUp(c.Request().Context()) })
	if err != nil {
		return p.Refuse(c, f, err, "backups", "Backups", p.data(f))
	}
	return nil
}

// Tasks are what the start page says about backups that are missing.
func (cfg Config) Tasks() []board.Task {
	s := cfg.State()
	t := board.Task{Key: "backups", Href: "/backups", Link: "Backups", Permission: roles.KeepBackups, Since: s.Last}
	switch {
	case s.Folder == "":
		t.What, t.Next = "This server makes no backups: what it knows is on one disk.", "Say in its file where they go, and make the key they are sealed to."
	case s.Fault != "":
		t.What, t.Next = "The last backup failed: "+s.Fault, "Look at the disk for backups, then have one made."
	case s.Late:
		t.What, t.Next = "The newest backup is more than a day and a half old.", "Look at the disk for backups, then have one made."
	default:
		return nil
	}
	return []board.Task{t}
}
