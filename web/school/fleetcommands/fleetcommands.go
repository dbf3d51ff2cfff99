// Package fleetcommands is the page on which IT tells a school device to do
// something once, and sees what came of it. A wipe waits there for the second
// person.
package fleetcommands

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

//go:embed templates
var templateFiles embed.FS

// Book is the book of commands.
type Book interface {
	Of(device string, now time.Time) []command.Line
	Unapproved(now time.Time) []command.Line
	Ask(ctx context.Context, by school.Actor, device string, op mdm.Op, args mdm.Args, exp time.Time) (string, error)
}

// Decisions are made of commands that were asked for.
type Decisions interface {
	Approve(ctx context.Context, by school.Actor, id string) error
	Withdraw(ctx context.Context, by school.Actor, id string) error
}

// Config is what the page needs.
type Config struct {
	Book      Book
	Decisions Decisions
	Device    func(id string) (d mdm.Device, online, ok bool) // a managed one
	Lost      func(id string) bool                            // whether a device is on record as lost
	Account   func(account string) string                     // whose it is, in words
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
		Routes: []kit.Route{
			kit.Get("/device/:id/commands", roles.SeeDevices, p.show),
			kit.Post("/device/:id/commands", roles.ManageDevices, p.ask),
			kit.Post("/device/:id/commands/:command/withdraw", roles.ManageDevices, p.withdraw),
			kit.Post("/device/:id/commands/:command/approve", roles.ApprovePolicy, p.approve), // what takes a second person
		},
	}, err
}

type data struct {
	mdm.Device
	Name        string
	Online, May bool
	Phone, Pad  bool // speaks through the gateway to staff phones, or to iPads
	Form        *kit.Form
	Ops, Lives  []kit.Option
	Not         []unable
	Lines       []line
	OnItsWay    bool
}

// line is one command as somebody may see it.
type line struct {
	ID, What, Text, State, Tag, When, Until, By, Detail string
	Approve, Withdraw                                   bool
}

func (p *pages) find(c echo.Context) (mdm.Device, bool, error) {
	id := kit.Param(c, "id")
	d, online, ok := p.Config.Device(id)
	if !ok {
		return d, false, errs.New(errs.NotFound, "There is no device of that name under management.", "Look at the list of devices.")
	}
	return d, online, nil
}

func (p *pages) show(c echo.Context) error {
	d, online, err := p.find(c)
	if err != nil {
		return err
	}
	page := p.data(c, d, online, p.NewForm(c, url.Values{"op": {string(mdm.Sync)}, "life": {"24h"}}))
	return p.Page(c, http.StatusOK, "device-commands", "Tell "+page.Name, page)
}

func (p *pages) data(c echo.Context, d mdm.Device, online bool, f *kit.Form) data {
	v := data{Device: d, Name: d.Label, Online: online, Phone: d.Platform == headwind.Platform, Pad: d.Platform == apple.Platform, Form: f, Lives: lives, May: p.May(c, roles.ManageDevices, roles.Target{})}
	if v.Name == "" {
		v.Name = d.ID
	}
	v.Ops, v.Not = choices(d, p.Config.Lost(d.ID))
	approves := p.May(c, roles.ApprovePolicy, roles.Target{})
	for _, l := range p.Book.Of(d.ID, p.Now()) {
		w := line{ID: l.ID, What: words[l.Op].done, Text: l.Args.Text, When: p.moment(l.At), Until: p.moment(l.Exp), By: p.Account(l.By)}
		w.State, w.Tag = stage(d, l.Progress)
		if v.May || l.Op != mdm.ClearPasscode && (l.Op != mdm.Locate || approves) { // it may say a passcode, or where somebody is
			w.Detail = l.Detail
		}
		w.Withdraw = v.May && !l.Progress.Over()
		w.Approve = approves && l.Progress == command.Unapproved && p.Who(c).Actor.Person != l.Person
		v.OnItsWay = v.OnItsWay || online && (l.Progress == command.Waiting || l.Progress == command.Sent || l.Progress == command.Accepted)
		v.Lines = append(v.Lines, w)
	}
	return v
}

func (p *pages) moment(t time.Time) string {
	return t.In(p.Now().Location()).Format("Monday 2 January 15:04")
}

// lives are how long a command may wait for its device.
var lives = []kit.Option{{Value: "1h", Text: "1 hour"}, {Value: "24h", Text: "1 day"}, {Value: "168h", Text: "7 days"}, {Value: "720h", Text: "30 days"}}

func (p *pages) ask(c echo.Context) error {
	return p.about(c, func(d mdm.Device, f *kit.Form) error {
		op := mdm.Op(f.Get("op"))
		life, err := time.ParseDuration(f.Get("life"))
		if err != nil {
			return errs.At("life", "Say how long it may wait.", "Choose one of the times.")
		}
		var args mdm.Args
		if op == mdm.Message || op == mdm.Lock {
			args.Text = strings.TrimSpace(f.Get("text"))
		}
		if op == mdm.Message && args.Text == "" {
			return errs.At("text", "Write the message.", "One sentence is enough.")
		}
		if len(args.Text) > mdm.MaxText {
			return errs.At("text", "The text is too long.", "Use about 30 words.")
		}
		_, err = p.Book.Ask(c.Request().Context(), p.Who(c).Actor, d.ID, op, args, p.Now().Add(life))
		return err
	})
}

func (p *pages) withdraw(c echo.Context) error {
	return p.about(c, func(mdm.Device, *kit.Form) error {
		return p.Decisions.Withdraw(c.Request().Context(), p.Who(c).Actor, kit.Param(c, "command"))
	})
}

func (p *pages) approve(c echo.Context) error {
	return p.about(c, func(mdm.Device, *kit.Form) error {
		return p.Decisions.Approve(c.Request().Context(), p.Who(c).Actor, kit.Param(c, "command"))
	})
}

// about does something about the device in the path, once, and leads to its page.
// What is wrong is shown there, with what was typed.
func (p *pages) about(c echo.Context, do func(d mdm.Device, f *kit.Form) error) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, online, err := p.find(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) { return "/device/" + url.PathEscape(d.ID) + "/commands", do(d, f) })
	var wrong *errs.Error
	if !errors.As(err, &wrong) {
		return err
	}
	page := p.data(c, d, online, f)
	return p.Refuse(c, f, err, "device-commands", "Tell "+page.Name, page)
}
