package trays

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// store is under which name a tablet keeps somebody's ticks of a tray: nobody sends
// another's under their own name.
func store(who kit.Who, id string) string {
	sum := sha256.Sum256([]byte(who.Account + " " + id))
	return "bellkeep-tray-" + hex.EncodeToString(sum[:8])
}

func untilHeader(d classData) string {
	if !d.Taken || d.Closed {
		return "0" // nothing to keep
	}
	return strconv.FormatInt(d.UntilMs, 10)
}

// sent is what a tablet sends.
type sent struct {
	Tray  string      `json:"tray"`
	Ticks []tray.Tick `json:"ticks"`
}

// answer is what it gets.
type answer struct {
	Refused map[string]string `json:"refused,omitempty"` // why, by tick: never taken
	Lines   map[string]told   `json:"lines"`             // by part and pupil
	Tally   tally             `json:"tally"`
}

// told is how a line stands now.
type told struct {
	Things []desk.What `json:"things"`
	Mark   tray.Mark   `json:"mark"`
	After  []string    `json:"after"`
	Others []string    `json:"others,omitempty"`
}

// ticks takes what a tablet kept. An answer with a body of this form says that the
// school has it; anything else says nothing, and the tablet sends it again.
func (p *pages) ticks(c echo.Context) error {
	var s sent
	if err := json.NewDecoder(c.Request().Body).Decode(&s); err != nil {
		return refuse(c, errs.Wrap(err, errs.Invalid, "That are no ticks.", "Load the page again."))
	}
	t, taken := p.current(kit.Param(c, "form"))
	if !taken || t.ID != s.Tray {
		return refuse(c, errs.New(errs.Conflict, "That tray is closed.", "Tell the office what is not on its list."))
	}
	refused, err := p.Trays.Tick(c.Request().Context(), p.by(c), s.Tray, s.Ticks)
	if err != nil {
		return refuse(c, err)
	}
	d, err := p.classData(c, p.NewForm(c, nil))
	if err != nil {
		return refuse(c, err)
	}
	t, _ = p.current(d.Name)
	a := answer{Refused: map[string]string{}, Lines: map[string]told{}, Tally: d.tally}
	for _, r := range refused {
		a.Refused[r.ID] = r.Why.Error()
	}
	for _, q := range p.with(t, p.pupils(d.Name)) {
		a.Lines["in "+q.ID], a.Lines["back "+q.ID] = tell(t.In(q.ID)), tell(t.Back(q.ID))
	}
	return c.JSON(http.StatusOK, a)
}

func tell(s tray.Said) told {
	t := told{Things: s.Things, Mark: s.Mark, After: s.Ticks}
	for _, other := range s.Others {
		t.Others = append(t.Others, lineWords(other))
	}
	if len(t.Others) > 0 {
		t.Things = nil
	}
	return t
}

// refuse answers a script.
func refuse(c echo.Context, err error) error {
	p := ui.ProblemOf(err)
	return c.JSON(p.Status, map[string]string{"error": err.Error(), "next": errs.HintOf(err)})
}

// save is the same without a script: the whole list as it was sent, of which what is
// otherwise than its reader was shown becomes ticks.
func (p *pages) save(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.classData(c, f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		if !d.Taken || f.Get("tray") != d.Tray {
			return "", errs.New(errs.Conflict, "That tray is closed.", "Tell the office what is not on its list.")
		}
		ticks, err := d.changed(f)
		if err != nil {
			return "", err
		}
		refused, err := p.Trays.Tick(c.Request().Context(), p.by(c), d.Tray, ticks)
		if err == nil && len(refused) > 0 {
			err = refused[0].Why
		}
		return d.Path + "?show=" + string(d.Part), err
	})
	if err != nil {
		return p.Refuse(c, f, err, "tray", "Tray of "+d.Name, d)
	}
	return nil
}

// changed are ticks of what a form says otherwise than the page that it was on.
func (d classData) changed(f *kit.Form) ([]tray.Tick, error) {
	var list []tray.Tick
	for _, l := range d.Lines {
		if !f.Values.Has("was-" + l.ID) {
			continue // it was not on the page
		}
		was, after, _ := strings.Cut(f.Get("was-"+l.ID), "|")
		now := tray.Line{}
		for _, what := range desk.Whats {
			if f.Has("on-"+l.ID, string(what)) {
				now.Things = append(now.Things, what)
			}
		}
		slices.Sort(now.Things)
		for _, mark := range []tray.Mark{tray.NoPhone, tray.Absent} {
			if !f.Has("on-"+l.ID, string(mark)) {
				continue
			}
			if now.Mark != "" || len(now.Things) > 0 {
				return nil, errs.At("on-"+l.ID, l.Name+" cannot have handed something in and nothing", "Tick one of them.")
			}
			now.Mark = mark
		}
		settles := len(l.Others) == 0 || len(now.Things) > 0 || now.Mark != ""
		if settles && lineWords(now) != was {
			list = append(list, tray.Tick{ID: strings.ToLower(rand.Text()), Pupil: l.ID, Part: d.Part, Line: now, After: strings.Fields(after)})
		}
	}
	return list, nil
}
