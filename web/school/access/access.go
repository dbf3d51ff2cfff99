// Package access is the pages about who may sign in: accounts, their roles, day
// passes, and the written register of all of it.
package access

import (
	"embed"
	"html/template"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// People are the people of the register.
type People interface {
	People() []register.Person
}

// Config is what the pages need.
type Config struct {
	Accounts *accounts.Book
	People   People
	Base     string                      // address of the pages, for links on paper
	DayEnds  func(t time.Time) time.Time // end of the school day that t is in, for day passes
	Zone     *time.Location
	Visitors func() []kit.Option // who have signed the visitors' agreement and may have a day pass now
	Loose    bool                // in a demonstration a password is enough for everybody
}

// The pages' addresses.
const (
	root         = "/access"
	newPath      = root + "/new"
	passPath     = root + "/pass"
	registerPath = root + "/register"
	csvPath      = root + "/register.csv"
	onePath      = root + "/account/:id"
)

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	kit *kit.Kit
}

// Pages are the pages about who may sign in.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Funcs:     template.FuncMap{"day": p.day, "until": p.until, "role": kit.RoleName},
		Menu:      []kit.MenuItem{{Href: root, Text: "Access", Under: kit.School, Permission: roles.SeeAccess}, {Href: passPath, Text: "Day pass", Under: kit.School, Permission: roles.GivePasses}},
		Routes: []kit.Route{
			kit.Get(root, roles.SeeAccess, p.list),
			kit.Get(registerPath, roles.SeeAccess, p.register),
			kit.Get(csvPath, roles.SeeAccess, p.csv),
			kit.Get(onePath, roles.SeeAccess, p.one),
			kit.Get(newPath, roles.ManageAccounts, p.newForm),
			kit.Post(newPath, roles.ManageAccounts, k.Proved(p.make)),
			kit.Post(onePath+"/reset", roles.ManageAccounts, k.Proved(p.reset)),
			kit.Post(onePath+"/lost", roles.ManageAccounts, k.Proved(p.lost)),
			kit.Post(onePath+"/end", roles.ManageAccounts, k.Proved(p.end)),
			kit.Post(onePath+"/sign-out", roles.ManageAccounts, p.signOut),
			kit.Post(onePath+"/person", roles.ManageAccounts, p.link),
			kit.Post(onePath+"/role", roles.GiveRoles, p.give),
			kit.Post(onePath+"/role/end", roles.GiveRoles, p.endRole),
			kit.Get(passPath, roles.GivePasses, p.passForm),
			kit.Post(passPath, roles.GivePasses, p.givePass),
		},
	}, err
}

// day shows a moment as the school has it.
func (p *pages) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.kit.Now().Location()).Format("2 Jan 2006, 15:04")
}

// until shows when something ends. What ends at midnight has the day before as
// its last, as it was asked for.
func (p *pages) until(t time.Time) string {
	if at := t.In(p.kit.Now().Location()); !t.IsZero() && at.Hour() == 0 && at.Minute() == 0 {
		return "the end of " + at.AddDate(0, 0, -1).Format("2 Jan 2006")
	}
	return p.day(t)
}

// line is an account in the list.
type line struct {
	accounts.Account
	Live   bool
	Second bool // lacks what its role needs
	Bare   bool // has nothing to sign in with

	Resting bool // a role rests until it is said whose account it is
	Now     []accounts.Grant
}

// lines is one of the lists.
type lines struct {
	Label string
	Lines []line
}

func (p *pages) line(a accounts.Account) line {
	now := p.kit.Now()
	l := line{Account: a, Live: a.Live(now), Second: !p.Loose && a.NeedsSecond(now),
		Bare: a.Seal.Sealed.IsZero() && a.Password.IsZero() && a.TOTP.IsZero() && len(a.Passkeys)+len(a.Logins) == 0}
	if a.Left || !a.Ended.IsZero() {
		return l // its roles ended with it
	}
	for _, g := range a.Grants {
		if g.Ended.IsZero() && (g.Until.IsZero() || now.Before(g.Until)) {
			l.Now = append(l.Now, g)
			l.Resting = l.Resting || g.Rests
		}
	}
	return l
}

func (p *pages) list(c echo.Context) error {
	data := struct {
		Live, Other lines
		Missing     int // who lack a second factor
		MayMake     bool
	}{lines{Label: "Accounts"}, lines{Label: "Accounts without a role"}, 0, p.kit.May(c, roles.ManageAccounts, roles.Target{})}
	for _, a := range p.Accounts.List() {
		l := p.line(a)
		switch {
		case l.Live:
			data.Live.Lines = append(data.Live.Lines, l)
			if l.Second {
				data.Missing++
			}
		case a.Ended.IsZero() && !a.Left && !a.Pass:
			data.Other.Lines = append(data.Other.Lines, l)
		}
	}
	return p.kit.Page(c, 200, "access", "Who may sign in", data)
}
