// Package school puts the pages for staff together: signing in, and a feature
// for each kind of work. Each feature is a package of its own beside package
// kit, which they all stand on.
package school

import (
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/web/school/access"
	"github.com/bellkeep/bellkeep/web/school/agreements"
	"github.com/bellkeep/bellkeep/web/school/api"
	"github.com/bellkeep/bellkeep/web/school/apple"
	"github.com/bellkeep/bellkeep/web/school/audit"
	"github.com/bellkeep/bellkeep/web/school/backups"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/cases"
	"github.com/bellkeep/bellkeep/web/school/closure"
	"github.com/bellkeep/bellkeep/web/school/declarations"
	"github.com/bellkeep/bellkeep/web/school/devicehistory"
	"github.com/bellkeep/bellkeep/web/school/devicerules"
	"github.com/bellkeep/bellkeep/web/school/exams"
	"github.com/bellkeep/bellkeep/web/school/exceptions"
	"github.com/bellkeep/bellkeep/web/school/figures"
	"github.com/bellkeep/bellkeep/web/school/fleet"
	"github.com/bellkeep/bellkeep/web/school/fleetcommands"
	"github.com/bellkeep/bellkeep/web/school/handover"
	"github.com/bellkeep/bellkeep/web/school/help"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/office"
	"github.com/bellkeep/bellkeep/web/school/phones"
	"github.com/bellkeep/bellkeep/web/school/policy"
	"github.com/bellkeep/bellkeep/web/school/programs"
	"github.com/bellkeep/bellkeep/web/school/registers"
	"github.com/bellkeep/bellkeep/web/school/safeguarding"
	"github.com/bellkeep/bellkeep/web/school/signin"
	"github.com/bellkeep/bellkeep/web/school/takeover"
	"github.com/bellkeep/bellkeep/web/school/teacher"
	"github.com/bellkeep/bellkeep/web/school/trays"
	"github.com/bellkeep/bellkeep/web/school/visitors"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Config is what the pages need.
type Config struct {
	School string           // its name, for the header
	Now    func() time.Time // school time, in the school's zone
	Demo   func() kit.Demo  // nil outside a demonstration
	Alarm  func() string    // what everybody signed in should know; may be nil
	Log    *slog.Logger

	// Behind are the web servers that hand requests on. Without one the pages are
	// for this computer only.
	Behind []netip.Addr

	SignIn   signin.Config
	Access   access.Config
	Board    board.Config
	Cases    cases.Config
	Office   office.Config
	Policy   policy.Config
	Audit    audit.Config
	API      api.Config
	Programs Tokens
	Phones   phones.Config
	IPads    apple.Config

	Commands fleetcommands.Config
	Takeover takeover.Config
	Handover handover.Config
	Backups  backups.Config
	Closure  closure.Config

	Teacher    teacher.Config
	Trays      trays.Config
	Help       help.Config
	Exceptions exceptions.Config
	Exams      exams.Config
	Visitors   visitors.Config

	Declarations declarations.Config

	DeviceRules   devicerules.Config
	Fleet         fleet.Config
	Agreements    agreements.Config
	DeviceHistory devicehistory.Config
	Registers     registers.Config
	Figures       figures.Config

	Safeguarding safeguarding.Config

	// Apart is what the pages need for somebody who must not know of what is about
	// them: everything as if that were not there. It gives nil for everybody else, and
	// is nil where there is nobody like that.
	Apart func(person string) func() Config
}

// Tokens is the book of programs' tokens.
type Tokens interface {
	programs.Tokens
	api.Tokens
}

// Site is the school's pages and its API, put together.
type Site struct {
	http.Handler
	Kit  *kit.Kit   // with every route
	Echo *echo.Echo // behind the handler, without what protects it
}

// Route is the path of the route that answers a GET of an address, as /bank/:id;
// "" when there is none.
func (s *Site) Route(address string) string {
	path, _, _ := strings.Cut(address, "?")
	c := s.Echo.NewContext(nil, nil)
	s.Echo.Router().Find(http.MethodGet, path, c)
	return c.Path()
}

// New makes the handler of all pages. It fails only when what is compiled in is
// broken.
func New(cfg Config) (*Site, error) {
	sessions := signin.New(cfg.SignIn)
	callers := api.NewPrograms(sessions, cfg.Programs, cfg.Now, cfg.SignIn.Now)
	k, e, err := cfg.pages(callers, nil, sessions.Pages)
	if err != nil {
		return nil, err
	}
	pages := ui.Compress(ui.Protect(callers.Wrap(sessions.Wrap(&rooms{Config: cfg, kit: k, all: e}), k.Failures), k.Failures))
	if len(cfg.Behind) == 0 {
		return &Site{ui.OnlyLoopback(pages, k.Failures), k, e}, nil
	}
	e.IPExtractor = ui.PeerBehind(cfg.Behind)
	return &Site{ui.OnlyBehind(pages, k.Failures, cfg.Behind, cfg.SignIn.Hosts), k, e}, nil
}

// pages puts all features together, for whoever gate lets in, beside those given.
// Forms are shared with like; nil for none.
func (cfg Config) pages(gate kit.Gate, like *kit.Kit, beside ...func(*kit.Kit) (kit.Feature, error)) (*kit.Kit, *echo.Echo, error) {
	var moved func(person string) bool
	if cfg.Apart != nil {
		moved = func(person string) bool { return cfg.Apart(person) != nil }
	}
	k := kit.New(kit.Config{School: cfg.School, Gate: gate, People: cfg.Board.People, Now: cfg.Now, Demo: cfg.Demo, Alarm: cfg.Alarm, Log: cfg.Log, Like: like, Moved: moved})
	var features []kit.Feature
	for _, pages := range beside {
		f, err := pages(k)
		if err != nil {
			return nil, nil, err
		}
		features = append(features, f)
	}
	own, err := cfg.features(k)
	if err != nil {
		return nil, nil, err
	}
	features = append(features, own...)
	e, err := k.Serve(features...)
	return k, e, err
}

// features are all kinds of work there are pages for, in the order of the menu.
func (cfg Config) features(k *kit.Kit) ([]kit.Feature, error) {
	var list []kit.Feature
	for _, pages := range []func() (kit.Feature, error){
		func() (kit.Feature, error) { return board.Pages(k, cfg.board()) },
		func() (kit.Feature, error) { return figures.Pages(k, cfg.Figures) },
		func() (kit.Feature, error) { return devicehistory.Pages(k, cfg.DeviceHistory) },
		func() (kit.Feature, error) { return teacher.Pages(k, cfg.Teacher) },
		func() (kit.Feature, error) { return trays.Pages(k, cfg.Trays) },
		func() (kit.Feature, error) { return cases.Pages(k, cfg.cases()) },
		func() (kit.Feature, error) { return handover.Pages(k, cfg.Handover) },
		func() (kit.Feature, error) { return office.Pages(k, cfg.Office) },
		func() (kit.Feature, error) { return exceptions.Pages(k, cfg.Exceptions) },
		func() (kit.Feature, error) { return exams.Pages(k, cfg.Exams) },
		func() (kit.Feature, error) { return visitors.Pages(k, cfg.Visitors) },
		func() (kit.Feature, error) { return declarations.Pages(k, cfg.Declarations) },
		func() (kit.Feature, error) { return devicerules.Pages(k, cfg.DeviceRules) },
		func() (kit.Feature, error) { return fleet.Pages(k, cfg.Fleet) },
		func() (kit.Feature, error) { return access.Pages(k, cfg.Access) },
		func() (kit.Feature, error) { return policy.Pages(k, cfg.Policy) },
		func() (kit.Feature, error) { return audit.Pages(k, cfg.Audit) },
		func() (kit.Feature, error) { return phones.Pages(k, cfg.Phones) },
		func() (kit.Feature, error) { return apple.Pages(k, cfg.IPads) },
		func() (kit.Feature, error) { return fleetcommands.Pages(k, cfg.Commands) },
		func() (kit.Feature, error) { return takeover.Pages(k, cfg.Takeover) },
		func() (kit.Feature, error) { return safeguarding.Pages(k, cfg.Safeguarding) },
		func() (kit.Feature, error) { return backups.Pages(k, cfg.Backups) },
		func() (kit.Feature, error) { return closure.Pages(k, cfg.Closure) },
		func() (kit.Feature, error) { return programs.Pages(k, cfg.Programs) },
		func() (kit.Feature, error) { return agreements.Pages(k, cfg.Agreements) },
		func() (kit.Feature, error) { return help.Pages(k, cfg.Help) },
		func() (kit.Feature, error) { return registers.Pages(k, cfg.Registers) },
		func() (kit.Feature, error) { return api.Pages(k, cfg.API) },
	} {
		f, err := pages()
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

// board is the start page and what it shows of the pages beside it.
func (cfg Config) board() board.Config {
	b := cfg.Board
	b.Day = cfg.Office.Day(cfg.Now)
	b.Actions = append(b.Actions, cfg.Office.Actions()...)
	b.Actions = append(b.Actions, exceptions.Action(), safeguarding.Action())
	b.Tasks = func() []board.Task {
		return slices.Concat(
			cfg.Safeguarding.Tasks(),
			cfg.cases().Tasks(cfg.Now()),
			cfg.Handover.Tasks(),
			cfg.Access.Tasks(),
			cfg.Exceptions.Tasks(),
			cfg.Exams.Tasks(cfg.Now()),
			cfg.Visitors.Tasks(),
			cfg.Declarations.Tasks(),
			cfg.Fleet.Tasks(),
			cfg.Commands.Tasks(cfg.Now()),
			cfg.DeviceRules.Tasks(),
			cfg.Trays.Tasks(cfg.Now()),
			cfg.Policy.Tasks(),
			cfg.DeviceHistory.Tasks(),
			cfg.Closure.Tasks(),
			cfg.Backups.Tasks(),
			cfg.IPads.Tasks(),
			cfg.Registers.Tasks(),
		)
	}
	return b
}

// cases are the pages about confiscated devices, which count in school days.
func (cfg Config) cases() cases.Config {
	c := cfg.Cases
	c.SchoolDays = cfg.Office.Day(cfg.Now).SchoolDays
	return c
}
