// Package help is the pages that everybody may read, signed in or not: whom to tell,
// how to complain, what is monitored; and, for staff, posters to print and put up.
// What a school says in its own words it publishes as the agreements; the rest follows
// from its rules.
package help

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	signs "github.com/bellkeep/bellkeep/web/school/policy"
	"github.com/labstack/echo/v4"
)

// The pages.
const (
	Path       = "/help"
	NoticePath = Path + "/notice"
	PosterPath = Path + "/posters"
)

// Texts are what the school has published.
type Texts interface {
	Current(k agreements.Kind) (agreements.Version, bool)
}

// Config is what the pages show.
type Config struct {
	Texts Texts
	Rules func() policy.Rules
	Phone string        // of the office; "" for none
	Leads func() []Lead // whom staff tell; nil for nobody
}

// Lead is a role and who has it now.
type Lead struct {
	Role  string
	Names []string
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages of help.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: Path, Text: "Help and reporting", Under: kit.School, Permission: roles.OwnAccount}},
		Routes: []kit.Route{
			kit.Get(Path, kit.Open, p.help),
			kit.Get(NoticePath, kit.Open, p.notice),
			kit.Get(PosterPath, roles.OwnAccount, p.posters).About(kit.Anything),
		},
	}, err
}

// text is what the school published of a kind, "" for nothing.
func (p *pages) text(k agreements.Kind) string {
	v, _ := p.Texts.Current(k)
	return v.Text
}

type helpData struct {
	School string
	Own    string // the school's own words
	Routes []Route
	Phone  string
	Leads  []Lead // for staff alone
	Staff  bool
}

func (p *pages) help(c echo.Context) error {
	d := helpData{School: p.School, Own: p.text(agreements.Help), Routes: Routes(p.Rules()), Phone: p.Phone, Staff: p.Who(c).Account != ""}
	if d.Staff && p.Leads != nil {
		d.Leads = p.Config.Leads()
	}
	return p.Page(c, http.StatusOK, "help", "Help and reporting", d)
}

type noticeData struct {
	Text    string // the school's own, "" for none
	Lines   []string
	Version int
	Staff   bool // may say that they have seen it
}

func (p *pages) notice(c echo.Context) error {
	v, _ := p.Texts.Current(agreements.Monitoring)
	return p.Page(c, http.StatusOK, "notice", "What is monitored", noticeData{Text: v.Text, Version: v.N, Lines: Notice, Staff: p.Who(c).Account != ""})
}

// Notice is what is said of monitoring where the school has published no words of its
// own.
var Notice = []string{
	"The school monitors the use of its network, its systems and its devices, to keep everybody safe.",
	"What is done can be traced to the person who did it. That goes for staff, pupils and visitors.",
	"Monitoring keeps to the law on data protection, privacy and human rights.",
	"Whatever device you use, your own too: the school’s rules and its code of conduct hold.",
}

// Short is the notice as it stands on other pages: at signing in, with a device that
// joins.
func (cfg Config) Short() string {
	if v, ok := cfg.Texts.Current(agreements.Monitoring); ok {
		first, _, _ := strings.Cut(v.Text, "\n")
		if len([]rune(first)) > maxShort {
			first = string([]rune(first)[:maxShort]) + " …"
		}
		return first
	}
	return Notice[0] + " " + Notice[1]
}

// maxShort is how many characters of the notice other pages show.
const maxShort = 400

// poster is one sheet to put up.
type poster struct {
	Title string
	Lines []string
	Text  string // in place of Lines
	No    bool   // with a sign that phones are not allowed
}

func (p *pages) posters(c echo.Context) error {
	r := p.Rules()
	var list []poster
	for _, s := range signs.Signs(r) {
		if s.For == signs.Pupils {
			list = append(list, poster{Title: s.Title, Lines: s.Lines})
		}
	}
	for _, zone := range []string{"the changing rooms", "the toilets", "the pool", "the medical room"} {
		list = append(list, poster{Title: "No phones in " + zone, Lines: []string{"Nobody uses a phone, a watch that connects, or a camera here.", "Not pupils, not staff, not visitors."}, No: true})
	}
	if text := p.text(agreements.Pupils); text != "" {
		list = append(list, poster{Title: "How we use computers and the internet", Text: text})
	}
	notice := poster{Title: "What is monitored", Lines: Notice, Text: p.text(agreements.Monitoring)}
	help := poster{Title: "Worried about something online?"}
	for _, route := range Routes(r) {
		if route.Poster {
			help.Lines = append(help.Lines, route.When+". "+route.Do)
		}
	}
	return p.Page(c, http.StatusOK, "posters", "Posters", append(list, notice, help))
}
