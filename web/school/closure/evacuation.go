package closure

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// bankLine is how an evacuation stands at one bank.
type bankLine struct {
	ID, Name string
	Leaving  bool // it knows
	Online   bool
	Since    string // by its own clock
	Cause    string
	ToLook   int
}

type pastLine struct{ ID, What, Began, Ended string }

type hubData struct {
	AsOf      string
	Running   bool
	What      string
	Began     string
	Banks     []bankLine
	Lingering []string // banks that still tell people to leave though nobody else does
	ToLook    []bankLine
	Past      []pastLine
	Lost      *closure.Loss
	LostAt    string
	Losses    []pastLine
	MayLose   bool
	MayKey    bool
	MayPaper  bool
	Keys      int // that are out
}

func (p *pages) hub(c echo.Context) error {
	d := hubData{AsOf: p.Now().Format("15:04:05 on Monday 2 January 2006"), MayLose: p.May(c, roles.LoseAccess, roles.Target{}),
		MayKey: p.May(c, roles.TakeKey, roles.Target{}), MayPaper: p.May(c, roles.DepositAtDesk, roles.Target{})}
	if e, running := p.Book.Running(); running {
		d.Running, d.What, d.Began = true, kindOf(e), p.by(e.Began)
	}
	for _, b := range p.Banks.Banks() {
		line := p.bankLine(b)
		d.Banks = append(d.Banks, line)
		if line.Leaving && !d.Running {
			d.Lingering = append(d.Lingering, line.Name)
		}
		if line.ToLook > 0 {
			d.ToLook = append(d.ToLook, line)
		}
	}
	for _, e := range p.Book.Evacuations() {
		if !e.Running() {
			d.Past = append(d.Past, pastLine{e.ID, kindOf(e), p.by(e.Began), p.by(e.Ended)})
		}
	}
	if l, lost := p.Book.Lost(); lost {
		d.Lost, d.LostAt = &l, p.by(l.Lost)
	}
	for _, l := range p.Book.Losses() {
		if l.Back.Done() {
			d.Losses = append(d.Losses, pastLine{l.ID, "Access lost", p.by(l.Lost), p.by(l.Back)})
		}
	}
	for _, k := range p.Book.Keys() {
		if !k.In.Done() {
			d.Keys++
		}
	}
	return p.Page(c, http.StatusOK, "closure", "Emergencies", d)
}

func (p *pages) bankLine(b banks.Status) bankLine {
	v := b.Board.Evacuation
	line := bankLine{ID: b.Setup.Bank, Name: kit.BankName(b.Setup.Bank), Leaving: v.On(), Online: b.Online}
	if v.On() {
		line.Since, line.Cause = p.clock(v.Since.Wall), causeWords(v.Causes[0])
	}
	for _, d := range b.Board.Doors {
		if d.InDoubt {
			line.ToLook++
		}
	}
	return line
}

func kindOf(e closure.Evacuation) string {
	switch {
	case e.Drill:
		return "Fire drill"
	case e.Bank != "":
		return fmt.Sprintf("Alarm, from %s (%s)", kit.BankName(e.Bank), causeWords(e.Cause))
	}
	return "Alarm"
}

func causeWords(c locker.Cause) string {
	switch c {
	case locker.ByInput:
		return "the fire alarm"
	case locker.ByStaff:
		return "staff at the kiosk"
	}
	return "the school"
}

var drillOptions = []kit.Option{{Value: "alarm", Text: "This is an alarm"}, {Value: "drill", Text: "This is a drill"}}

type confirmData struct {
	Form   *kit.Form
	Drills []kit.Option
	Began  string
	Local  []string // banks that began it themselves
}

func (p *pages) evacuateForm(c echo.Context) error {
	return p.Page(c, http.StatusOK, "closure-evacuate", "Leave the building", confirmData{Form: p.NewForm(c, nil), Drills: drillOptions})
}

func (p *pages) evacuate(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		what := f.Get("what")
		if what != "drill" && what != "alarm" {
			return "", errs.At("what", "Say whether it is an alarm or a drill", "If in doubt: an alarm.")
		}
		_, err := p.Book.Evacuate(c.Request().Context(), p.Who(c).Actor, what == "drill")
		if err == nil {
			p.await(c.Request().Context(), true)
		}
		return "/closure", err
	})
	if err != nil {
		return p.Refuse(c, f, err, "closure-evacuate", "Leave the building", confirmData{Form: f, Drills: drillOptions})
	}
	return nil
}

// shownWithin is how long a page waits for the banks that are online to have taken
// it: the page says which have not.
const shownWithin = 3 * time.Second

// await waits until all of them do or do not tell people to leave, or a while.
func (p *pages) await(ctx context.Context, leaving bool) {
	ctx, cancel := context.WithTimeout(ctx, shownWithin)
	defer cancel()
	for {
		seen := p.Banks.News()
		waits := slices.ContainsFunc(p.Banks.Banks(), func(b banks.Status) bool { return b.Online && b.Board.Evacuation.On() != leaving })
		if !waits || p.Banks.Wait(ctx, seen) != nil {
			return
		}
	}
}

// local are the banks that began what goes on there themselves.
func (p *pages) local() (names, ids []string) {
	for _, b := range p.Banks.Banks() {
		if b.Board.Evacuation.Local() {
			names, ids = append(names, kit.BankName(b.Setup.Bank)), append(ids, b.Setup.Bank)
		}
	}
	return names, ids
}

func (p *pages) allClearData(f *kit.Form) confirmData {
	d := confirmData{Form: f}
	if e, running := p.Book.Running(); running {
		d.Began = fmt.Sprintf("%s, since %s", kindOf(e), p.by(e.Began))
	}
	d.Local, _ = p.local()
	return d
}

func (p *pages) allClearForm(c echo.Context) error {
	return p.Page(c, http.StatusOK, "closure-all-clear", "All clear", p.allClearData(p.NewForm(c, nil)))
}

// allClear ends the school's evacuation, and what banks began themselves. A bank that
// does not answer is told by somebody at its kiosk.
func (p *pages) allClear(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		who, next := p.Who(c), "/closure"
		_, ids := p.local()
		e, err := p.Book.AllClear(c.Request().Context(), who.Actor)
		switch {
		case err == nil:
			next = "/closure/evacuation/" + e.ID
		case errs.CodeOf(err) != errs.Conflict || len(ids) == 0: // else what banks began themselves goes on alone
			return "", err
		}
		for _, id := range ids { // the page says which of them did not take it
			_, _ = p.Orders.Order(c.Request().Context(), id, locker.Order{Kind: locker.OrderAllClear, By: who.Account})
		}
		p.await(c.Request().Context(), false)
		return next, nil
	})
	if err != nil {
		return p.Refuse(c, f, err, "closure-all-clear", "All clear", p.allClearData(f))
	}
	return nil
}

// reportLine is what one bank's own record says.
type reportLine struct {
	Name                            string
	Heard                           bool // the bank has said anything of it
	Began, Ended, Cause             string
	Openings, Scans, Refused        int
	Opening, Open, CameOpen, Unseen string
}

type reportData struct {
	What, Began, Ended string
	AsOf               string
	Lines              []reportLine
	Openings           int
	Silent             []string // banks that have said nothing of it
}

func (p *pages) report(c echo.Context) error {
	for _, e := range p.Book.Evacuations() {
		if e.ID == kit.Param(c, "id") {
			return p.Page(c, http.StatusOK, "closure-report", "Report: "+kindOf(e), p.reportOf(e))
		}
	}
	return errs.New(errs.NotFound, "That is not on record.", "Choose one on the page Emergencies.")
}

func (p *pages) reportOf(e closure.Evacuation) reportData {
	d := reportData{What: kindOf(e), Began: p.by(e.Began), AsOf: p.when(p.Now())}
	if e.Ended.Done() {
		d.Ended = p.by(e.Ended)
	}
	for _, b := range p.Banks.Banks() {
		line := reportLine{Name: kit.BankName(b.Setup.Bank)}
		for _, v := range b.Board.Evacuations {
			if belongs(v, e) {
				line = p.reportLine(line, v)
			}
		}
		if !line.Heard {
			d.Silent = append(d.Silent, line.Name)
		}
		d.Openings += line.Openings
		d.Lines = append(d.Lines, line)
	}
	return d
}

// belongs reports whether what a bank recorded was part of an evacuation: the two were
// at the same time.
func belongs(v view.Evacuation, e closure.Evacuation) bool {
	began := !e.Ended.Done() || !v.Began.After(e.Ended.At)
	return began && (v.Ended.IsZero() || v.Ended.After(e.Began.At))
}

func (p *pages) reportLine(l reportLine, v view.Evacuation) reportLine {
	if !l.Heard {
		l.Began, l.Cause, l.Opening, l.Open, l.Unseen = p.clock(v.Began), causeWords(v.Cause), doors(v.Opening), doors(v.Open), doors(v.Unaskable)
		if v.By != "" {
			l.Cause += ", " + p.person(v.By)
		}
	}
	l.Heard, l.Ended = true, p.clock(v.Ended)
	l.Openings, l.Scans, l.Refused = l.Openings+v.Openings, l.Scans+v.Scans, l.Refused+v.Refused
	l.CameOpen = strings.Trim(l.CameOpen+", "+doors(v.CameOpen), ", ")
	return l
}

// doors are numbers of doors, "" for none.
func doors(list []int) string {
	var text []string
	for _, n := range list {
		text = append(text, strconv.Itoa(n))
	}
	return strings.Join(text, ", ")
}
