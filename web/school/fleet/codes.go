package fleet

import (
	"context"
	"crypto/rand"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

// The limits of codes kept.
const (
	mostBatches = 16
	codesLast   = 30 * time.Minute // machine time, as joining codes do
	retryAfter  = time.Second
)

// batch is devices that are being enrolled together, for whoever enrols them.
type batch struct {
	account      string
	until        time.Time         // machine time
	certificates map[string]string // as they were when the codes were made
	lines        []code
	moves        []movedLine // that the same list asked for
}

// movedLine is devices of a list that wait to move.
type movedLine struct{ ID, Who, To string }

// code is one device and its joining code, which is a secret.
type code struct {
	mdm.Device
	Text   string
	SVG    template.HTML
	Until  time.Time // machine time
	SetUp  string    // the page with its code, where that is another
	Fault  error     // why there is none
	Joined bool
}

// batches are those of the last half hour: in memory only.
type batches struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]*batch
}

func (b *batches) keep(n *batch) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = map[string]*batch{}
	}
	n.until = b.now().Add(codesLast)
	oldest := ""
	for key, old := range b.kept {
		if b.now().After(old.until) {
			delete(b.kept, key)
		} else if oldest == "" || old.until.Before(b.kept[oldest].until) {
			oldest = key
		}
	}
	if len(b.kept) >= mostBatches {
		delete(b.kept, oldest)
	}
	key := strings.ToLower(rand.Text())
	b.kept[key] = n
	return key
}

// find gives a batch as it is now. Errors: not found.
func (b *batches) find(key, account string, certificates map[string]string) (batch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.kept[key]
	if n == nil || n.account != account || b.now().After(n.until) {
		return batch{}, errs.New(errs.NotFound, "These joining codes are not kept any more: they held for half an hour.", "Make a new code on the page of each device that has not joined.")
	}
	out := *n
	out.lines = slices.Clone(n.lines)
	for i, l := range out.lines {
		now := certificates[l.ID]
		out.lines[i].Joined = now != "" && now != n.certificates[l.ID]
	}
	return out, nil
}

// renew puts a newer code in place of one of a batch.
func (b *batches) renew(key string, fresh code) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.kept[key]
	if n == nil {
		return
	}
	if i := slices.IndexFunc(n.lines, func(l code) bool { return l.ID == fresh.ID }); i >= 0 {
		n.lines[i] = fresh
		n.until = b.now().Add(codesLast)
	}
}

// code makes the joining code of a device.
func (p *pages) code(ctx context.Context, by string, d mdm.Device, replace bool) code {
	if page := p.Joining.SetUp(d.ID); page != "" {
		return code{Device: d, SetUp: page, Until: p.Machine().Add(codesLast)}
	}
	made, until, err := p.Joining.InviteDevice(ctx, by, d.ID, replace)
	line := code{Device: d, Until: until, Fault: err}
	if err != nil {
		return line
	}
	if line.Text, line.Fault = made.Text(); line.Fault != nil {
		return line
	}
	qr, err := made.QR()
	if err != nil {
		line.Fault = err
		return line
	}
	line.SVG = template.HTML(qr.SVG()) // made of numbers only
	return line
}

type codesData struct {
	Form          *kit.Form
	Key           string
	Lines         []codeLine
	Moves         []movedLine
	Read          bool // whoever looks may read more of them
	Joined, Total int
	Stream, Self  string
	Section       template.HTML
}

// codeLine is a code for people.
type codeLine struct {
	code
	Wrong, Next string
	Until       string
	Over        bool
}

// Name is what is painted on the device, or its id.
func (l codeLine) Name() string {
	if l.Label != "" {
		return l.Label + " (" + l.ID + ")"
	}
	return l.ID
}

func (p *pages) codesData(c echo.Context, f *kit.Form) (codesData, error) {
	key := c.Param("key")
	b, err := p.batches.find(key, p.Who(c).Account, p.Joining.Certificates())
	if err != nil {
		return codesData{}, err
	}
	d := codesData{Form: f, Key: key, Total: len(b.lines), Moves: b.moves, Read: p.May(c, roles.SeeDeviceRules, roles.Target{}), Stream: "/fleet/codes/" + key + "/events", Self: "/fleet/codes/" + key}
	for _, l := range b.lines {
		line := codeLine{code: l, Until: l.Until.In(p.Now().Location()).Format("15:04"), Over: !p.Machine().Before(l.Until)}
		if l.Fault != nil {
			line.Wrong, line.Next = l.Fault.Error(), errs.HintOf(l.Fault)
		}
		if l.Joined {
			d.Joined++
			line.Text, line.SVG = "", "" // it is used up
		}
		d.Lines = append(d.Lines, line)
	}
	return d, nil
}

func (p *pages) codes(c echo.Context) error {
	d, err := p.codesData(c, p.NewForm(c, nil))
	if err != nil {
		return err
	}
	text, err := p.Text("fleet-codes", "codes", d)
	if err != nil {
		return err
	}
	d.Section = template.HTML(text) // html/template made it
	return p.Page(c, http.StatusOK, "fleet-codes", "Joining codes", d)
}

// follow streams how many have joined, until the codes are no longer kept or the
// reader may not see them any more.
func (p *pages) follow(c echo.Context) error {
	form := p.NewForm(c, nil)
	if _, err := p.codesData(c, form); err != nil {
		return err
	}
	stream, err := ui.OpenStream(c.Response(), retryAfter)
	if err != nil {
		return nil // the client has gone
	}
	sent := ""
	for {
		who, in := p.Gate.Who(c.Request()) // again each time: a role may have ended
		d, err := p.codesData(c, form)
		if !in || err != nil || !p.Allows(who, roles.ManageDevices, roles.Target{}) {
			_ = stream.Send("end", "", "") // the page reloads, and says why
			return nil
		}
		text, err := p.Text("fleet-codes", "codes", d)
		if err != nil {
			return err
		}
		if text != sent {
			err = stream.Send("codes", "", text)
			sent = text
		}
		if err != nil || stream.Beat() != nil {
			return nil // the client has gone; the page comes back
		}
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-time.After(ui.Beat):
		}
	}
}

// again makes a code of the list anew.
func (p *pages) again(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.codesData(c, f)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Lines, func(l codeLine) bool { return l.ID == f.Get("device") })
	if i < 0 || d.Lines[i].Joined || d.Lines[i].SetUp != "" {
		return errs.New(errs.NotFound, "That device is not one of those that have yet to join.", "Look at the list again.")
	}
	return p.Do(c, f, func() (string, error) {
		p.batches.renew(d.Key, p.code(c.Request().Context(), p.Who(c).Account, d.Lines[i].Device, false))
		return d.Self, nil
	})
}

// newCode makes a code for one device: for one that never joined, or was set up anew.
func (p *pages) newCode(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	l, err := p.listing(c)
	if err != nil {
		return err
	}
	return p.Do(c, f, func() (string, error) {
		replace := p.Joining.Certificates()[l.Device.ID] != ""
		return p.invite(c.Request().Context(), p.Who(c).Account, []mdm.Device{l.Device}, replace)
	})
}
