package devicerules

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Moves are devices that are to go to groups where other filters hold.
type Moves interface {
	Moves() []fleet.Move
	Move(id string) (fleet.Move, bool)
	MayMove(m fleet.Move) error
	ReviewMove(ctx context.Context, by change.By, id string, as change.Side, agreed bool, words string) (fleet.Move, error)
	AskAgain(ctx context.Context, by change.By, id string) ([]fleet.Move, error)
	CancelMove(ctx context.Context, by change.By, id, why string) error
}

// moveLine is one move in a list.
type moveLine struct {
	ID, By, At, Why string
	Devices, To     string // in words
	Tag, Colour     string
	Missing         string // who must still agree
	Overtaken       string // why nobody can agree any more, of one that waits
}

// moveData is the page of one move.
type moveData struct {
	moveLine
	Form        *kit.Form
	Asker, From string
	Named       []string      // the devices
	Diff        []change.Line // what they would do otherwise now
	Waits       bool
	Said        []saidLine
	EndedBy     string
	Ends        string

	Sides  []sideForm // for which whoever reads may speak
	Part   bool       // they have had their part in it
	Cancel bool
}

// Path is its page's, before what is sent there.
func (d moveData) Path() string { return movePath(d.ID) }

// Called is what a button calls it.
func (moveData) Called() string { return "move" }

func movePath(id string) string { return "/device-rules/move/" + id }

var errNoMove = errs.New(errs.NotFound, "There is no such move of devices.", "Look at the list of changes.")

// moves are those that wait, the newest first.
func (p *pages) moves() (waiting []moveLine) {
	for _, m := range slices.Backward(p.Moves.Moves()) {
		if m.State == change.Waiting {
			waiting = append(waiting, p.moveLine(m))
		}
	}
	return waiting
}

func (p *pages) moveLine(m fleet.Move) moveLine {
	line := moveLine{ID: m.ID, By: m.By.By, At: p.when(m.By.At), Why: m.Why, Devices: "Device " + m.Devices[0], To: p.groupWords(m.To),
		Tag: stateWords[m.State], Colour: stateColours[m.State], Missing: missingWords(m.Consensus)}
	if len(m.Devices) > 1 {
		line.Devices = "Devices " + fleet.Series(m.Devices)
	}
	if m.State == change.Published {
		line.Tag = "Moved"
	}
	if m.State != change.Waiting {
		return line
	}
	if err := p.Moves.MayMove(m); err != nil {
		line.Overtaken, line.Tag, line.Colour = err.Error(), "Overtaken", "orange"
	}
	return line
}

// groupWords names groups as people do.
func (p *pages) groupWords(ids []string) string {
	if len(ids) == 0 {
		return "no group"
	}
	last, _ := p.Versions.Last()
	var names []string
	for _, id := range ids {
		names = append(names, change.GroupWords(last.Rules, id))
	}
	return strings.Join(names, " + ")
}

func (p *pages) movePage(c echo.Context) error {
	m, ok := p.Moves.Move(c.Param("id"))
	if !ok {
		return errNoMove
	}
	return p.Page(c, http.StatusOK, "device-rules-move", "A move of devices", p.moveData(c, m, p.NewForm(c, nil)))
}

func (p *pages) moveData(c echo.Context, m fleet.Move, f *kit.Form) moveData {
	d := moveData{moveLine: p.moveLine(m), Form: f, Asker: p.name(m.By), From: p.groupWords(m.From), Named: m.Devices,
		Diff: p.Effects.MoveDiff(m.From, m.To), Said: p.said(m.Said), EndedBy: m.Ended.By, Ends: m.Ended.Words}
	if m.State != change.Waiting {
		return d
	}
	d.Waits, d.Cancel = true, p.may(c, roles.ManageDevices)
	if d.Overtaken != "" {
		return d
	}
	d.Sides = p.sides(c, m.Consensus)
	d.Part = len(d.Sides) == 0 && !m.MayAgree(p.Who(c).Person, change.Educational)
	return d
}

// sayOfMove records what somebody says of a move for a side.
func (p *pages) sayOfMove(as change.Side) echo.HandlerFunc {
	return func(c echo.Context) error {
		return p.decideMove(c, func(id string, f *kit.Form) (string, error) {
			_, err := p.Moves.ReviewMove(c.Request().Context(), p.by(c), id, as, f.Get("agree") == "yes", f.Get(sideField(as)))
			return movePath(id), beside(err, as)
		})
	}
}

func (p *pages) cancelMove(c echo.Context) error {
	return p.decideMove(c, func(id string, f *kit.Form) (string, error) {
		return movePath(id), p.Moves.CancelMove(c.Request().Context(), p.by(c), id, f.Get("words"))
	})
}

// askAgain asks for a move that was overtaken as things are now, and leads to what
// waits then: one move, several, or none.
func (p *pages) askAgain(c echo.Context) error {
	return p.decideMove(c, func(id string, _ *kit.Form) (string, error) {
		if m, _ := p.Moves.Move(id); !p.known(m.To) {
			return "", errs.New(errs.Conflict, "The rules have no such group any more.", "Cancel the move.")
		}
		moves, err := p.Moves.AskAgain(c.Request().Context(), p.by(c), id)
		if len(moves) == 1 {
			return movePath(moves[0].ID), err
		}
		return "/device-rules", err
	})
}

// known reports whether the rules have all of some groups.
func (p *pages) known(groups []string) bool {
	last, _ := p.Versions.Last()
	return !slices.ContainsFunc(groups, func(id string) bool { return !hasGroup(last.Rules, id) })
}

// decideMove does something about a move and leads to where do says.
func (p *pages) decideMove(c echo.Context, do func(id string, f *kit.Form) (string, error)) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) { return do(c.Param("id"), f) })
	m, ok := p.Moves.Move(c.Param("id"))
	if err == nil || !ok {
		return err
	}
	return p.Refuse(c, f, err, "device-rules-move", "A move of devices", p.moveData(c, m, f))
}
