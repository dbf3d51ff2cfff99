// Package handover is the pages for what two people sign with their passkeys: a device
// goes to the police or comes back out of evidence, a bank's own hold ends, a bank
// learns whose passkeys count. Both see the very words and
// bytes that they sign.
package handover

import (
	"context"
	"embed"
	"io/fs"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/consent"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

//go:embed templates
var templateFiles embed.FS

// Requests is the book of what two people sign; see package consent.
type Requests interface {
	Begin(ctx context.Context, who desk.By, a consent.Ask) (consent.Request, error)
	MayBeNext(who desk.By, r consent.Request) error
	Sign(ctx context.Context, who desk.By, id string, signed passkey.Assertion) (consent.Request, error)
	Receive(ctx context.Context, who desk.By, id string, receipt consent.Receipt) error
	Get(id string) (consent.Request, error)
	Of(item string) []consent.Request
	Waiting() []consent.Request
	Known(r consent.Request) (keys passkey.Set, count []string)
	Words(ctx context.Context, r consent.Request) (consent.Paper, error)
	Left(ctx context.Context, r consent.Request) (consent.Receipt, error)
	Wanted(r consent.Request) []policy.Approver
}

// Custody is where devices are.
type Custody interface {
	Item(id string) (desk.Item, error)
	Items() []desk.Item
	Held(i desk.Item) bool
}

// Banks are those of the school; see package internal/banks.
type Banks interface {
	Banks() []banks.Status
	News() uint64
	Wait(ctx context.Context, seen uint64) error
	Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error)
}

// Config is what the pages work with.
type Config struct {
	Requests  Requests
	Custody   Custody
	Banks     Banks
	Approvers func() passkey.Set                               // whose passkeys the school would tell a bank of
	Name      func(person string) (name, form string, ok bool) // of a person
	Holder    func(account string) string                      // name of whose account it is
	// Pretend signs for an account in a demonstration, where nobody has a passkey; nil
	// anywhere else.
	Pretend func(account string, w passkey.Wish) (passkey.Assertion, bool)
	Sheet   func(ctx context.Context, item string, names bool) (Sheet, error)
}

// Sheet is what proves where a device has been, as files.
type Sheet struct {
	PDF  []byte
	Data []byte // JSON with both proofs, for whoever verifies it
	Name string // of the files, without their ending
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
		Menu:      []kit.MenuItem{{Href: "/agree", Text: "Two people", Under: kit.Kept, Permission: roles.Sign}},
		Routes: []kit.Route{
			kit.Get("/agree", roles.Sign, p.list),
			kit.Get("/agree/:id", roles.Sign, p.request),
			kit.Post("/agree/:id", roles.Sign, p.sign),
			kit.Post("/agree/:id/receipt", roles.Sign, p.receive),
			kit.Get("/handover/:item", roles.Sign, p.form),
			kit.Post("/handover/:item", roles.Sign, p.begin),
			kit.Get("/handover/:item/sheet.pdf", roles.Sign, p.sheetPDF),
			kit.Get("/handover/:item/sheet.json", roles.Sign, p.sheetData),
			kit.Get("/handover/verify.html", roles.Sign, p.verifyPage),
			kit.Get("/door/:n/end-hold", roles.Sign, p.holdForm),
			kit.Post("/door/:n/end-hold", roles.Sign, p.endHold),
			kit.Get("/approvers", roles.SeeAccess, p.approvers),
			kit.Get("/approvers/list.json", roles.SeeAccess, p.listFile),
			kit.Post("/approvers/:bank", roles.SeeAccess, p.tell),
		},
	}, err
}

func asStaff(who kit.Who) desk.By { return desk.By{Actor: who.Actor, Roles: who.Roles} }

func (p *pages) clock(t time.Time) string { return t.In(p.Now().Location()).Format("15:04") }

func (p *pages) at(t time.Time) string {
	return t.In(p.Now().Location()).Format("2 January 2006, 15:04")
}

// person is somebody's name, or their id when nobody knows one.
func (p *pages) person(id string) string {
	if name, _, ok := p.Config.Name(id); ok {
		return name
	}
	return id
}

// bank is the bank of an id as it stands now.
func (p *pages) bank(id string) (banks.Status, bool) {
	for _, b := range p.Banks.Banks() {
		if b.Setup.Bank == id {
			return b, true
		}
	}
	return banks.Status{}, false
}

// holdAt is the bank's own hold on a door, and which bank that is.
func (p *pages) holdAt(door string) (bank string, n int, hold *locker.Hold) {
	n, _ = strconv.Atoi(door)
	for _, b := range p.Banks.Banks() {
		for _, d := range b.Board.Doors {
			if d.Number == n {
				return b.Setup.Bank, n, d.Hold
			}
		}
	}
	return "", 0, nil
}

// Tasks are what the start page says waits for a second person, and banks at which
// no two can agree.
func (cfg Config) Tasks() []board.Task {
	var list []board.Task
	for _, r := range cfg.Requests.Waiting() {
		if len(r.Signs) == 1 {
			list = append(list, board.Task{Key: "agree-" + r.ID, What: "Something waits for a second person’s passkey.", Next: "It takes ten minutes at most: look at it, and sign if you agree.",
				Href: "/agree/" + r.ID, Link: "Look and sign", Permission: roles.Sign, Grave: true, Since: r.Signs[0].At})
		}
	}
	for _, b := range cfg.Banks.Banks() {
		if len(b.Setup.Evidence) > 0 && len(b.Board.Approvers.Set.People()) < 2 {
			list = append(list, board.Task{Key: "approvers-" + b.Setup.Bank, What: kit.BankName(b.Setup.Bank) + " knows fewer than two approvers.",
				Next: "Nothing comes out of its evidence doors until it does.", Href: "/approvers", Link: "Approvers", Permission: roles.SeeAccess, Since: b.Board.Heard})
		}
	}
	return list
}

// doorOf is a door of a board.
func doorOf(b view.Board, n int) view.Door {
	for _, d := range b.Doors {
		if d.Number == n {
			return d
		}
	}
	return view.Door{}
}

// param is what stands for name in the path.
func param(c echo.Context, name string) string { return kit.Param(c, name) }
