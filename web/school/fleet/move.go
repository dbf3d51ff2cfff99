package fleet

import (
	"cmp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// moveView is devices that would move, and what they would do otherwise.
type moveView struct {
	Who, To string
	Diff    []change.Line
}

// waitingMove is the move that a device waits for.
type waitingMove struct {
	ID, By, At, Why string
	Lines           []moveView
	Read            bool // whoever looks may read more
}

// by is whoever asks, with what they may do.
func (p *pages) by(c echo.Context) change.By {
	who := p.Who(c)
	return change.By{Actor: school.Actor{Account: who.Account, Person: who.Person, Changed: who.Changed}, Roles: who.Roles}
}

// movesOf are the moves that a change of devices would ask others for. Errors: those
// of Desk.Sort.
func (p *pages) movesOf(devices ...mdm.Device) (list []moveView, err error) {
	_, moves, err := p.Desk.Sort(devices...)
	for _, m := range moves {
		list = append(list, p.moveView(m))
	}
	return list, err
}

func (p *pages) moveView(m fleet.Move) moveView {
	return moveView{fleet.Series(m.Devices), p.groupWords(m.To), p.Rules.MoveDiff(m.From, m.To)}
}

// groupWords names groups as people do.
func (p *pages) groupWords(ids []string) string {
	var words []string
	for _, g := range ids {
		words = append(words, p.GroupWords(g))
	}
	return cmp.Or(strings.Join(words, " + "), "no group")
}

// filtersOtherwise reports whether another filter holds for one of two devices.
func (p *pages) filtersOtherwise(groups, others []string) bool {
	return slices.ContainsFunc(p.Rules.MoveDiff(groups, others), func(l change.Line) bool { return l.Filters })
}

func (p *pages) waitingMove(c echo.Context, device string) *waitingMove {
	m, ok := p.Book.MoveOf(device)
	if !ok {
		return nil
	}
	return &waitingMove{ID: m.ID, By: m.By.By, At: p.when(m.By.At), Why: m.Why, Lines: []moveView{p.moveView(m)}, Read: p.May(c, roles.SeeDeviceRules, roles.Target{})}
}
