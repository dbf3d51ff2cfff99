package exams

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// row is a candidate as a page shows them.
type row struct {
	N                              int
	Sitting, Name, Form            string
	Number, Room, Timing, Ends     string
	State, Colour, Where, Note     string
	Open, Due, Writing, MayBack    bool
	Late, Admitted, Absent, NoneAt bool
	person                         string
}

// force is one bank: in force since, or not yet.
type force struct {
	Bank, Since string
	Offline     bool
}

// incidentLine is an incident in a list.
type incidentLine struct {
	N              int
	At, Name, What string
}

type sittingData struct {
	Form                     *kit.Form
	ID, Title, Series, Board string
	Day, Span, Rooms         string
	Leave, MayRun, MayMove   bool
	Phase                    string // ahead, clearing, writing, over
	State, Colour            string
	Counts                   exam.Counts
	Missing, Total           int
	Open                     []row
	Groups                   []group
	Due                      int // whose own time is over
	Cleared                  []string
	Reopened                 bool
	Incidents                []incidentLine
	Force                    []force
	AsOf                     string
	MayClear                 bool
}

// group is candidates who stand alike.
type group struct {
	Title string
	Rows  []row
}

// sitting finds the sitting of a request with its lines as they are now.
func (p *pages) sitting(c echo.Context) (exam.Sitting, []exam.Standing, error) {
	s, err := p.Sittings.Sitting(c.Param("id"))
	if err == nil && !s.Cancelled.IsZero() {
		err = errs.New(errs.NotFound, "This paper was cancelled.", "Look at the list of exams.")
	}
	if err != nil {
		return s, nil, err
	}
	return s, p.Sittings.Standings(s), nil
}

func (p *pages) show(c echo.Context) error {
	s, list, err := p.sitting(c)
	if err != nil {
		return err
	}
	d := p.sittingData(c, p.NewForm(c, url.Values{"at": {p.Now().Format(kit.DateTime)}}), s, list)
	return p.Page(c, http.StatusOK, "exam", d.Title, d)
}

func (p *pages) sittingData(c echo.Context, f *kit.Form, s exam.Sitting, list []exam.Standing) sittingData {
	now := p.Now()
	d := sittingData{Form: f, ID: s.ID, Title: title(s), Series: s.Paper.Series, Board: s.Paper.Board, Day: p.day(s.Start), Span: p.span(s), Rooms: joined(s.Paper.Rooms),
		Leave: s.Leave, MayRun: p.mayRun(c), Total: len(list), AsOf: now.Format("15:04:05")}
	d.Counts, d.Missing = exam.Counted(list)
	d.State, d.Colour = p.stateOf(s, list)
	d.MayMove = d.MayRun && now.Before(s.Start) && len(s.Cleared) == 0
	switch {
	case now.Before(s.Start.Add(-exam.ClearAhead)):
		d.Phase = "ahead"
		d.State, d.Colour = "Ahead", "blue"
	case d.Counts.Deposited+d.Counts.With+d.Counts.None+d.Missing == 0 && len(list) > 0 && !now.Before(s.Start):
		d.Phase = "over"
	case now.Before(s.Start):
		d.Phase = "clearing"
	default:
		d.Phase = "writing"
	}
	for _, cleared := range s.Cleared {
		d.Cleared = append(d.Cleared, p.clock(cleared.At)+" by "+p.NameOf(cleared.Person))
	}
	d.Reopened = len(s.Cleared) > 0 && d.Missing > 0
	d.MayClear = d.MayRun && d.Missing == 0 && (d.Phase == "clearing" || d.Phase == "writing") && len(list) > 0 && (len(s.Cleared) == 0 || lateSince(s, list))
	p.group(&d, s, list)
	d.Incidents = p.incidents(s)
	if len(s.Cleared) > 0 && (d.Phase == "clearing" || d.Phase == "writing") {
		d.Force = p.inForce(s.Seq)
	}
	return d
}

// lateSince reports whether somebody came late after the paper was marked clear last,
// and is in.
func lateSince(s exam.Sitting, list []exam.Standing) bool {
	last := s.Cleared[len(s.Cleared)-1].At
	return slices.ContainsFunc(list, func(l exam.Standing) bool {
		return l.Admitted != nil && l.Admitted.At.After(last) && l.State != exam.Done
	})
}

// group sorts rows by how they stand, the open ones first.
func (p *pages) group(d *sittingData, s exam.Sitting, list []exam.Standing) {
	by := map[exam.State][]row{}
	for _, l := range list {
		r := p.row(s, l)
		by[l.State] = append(by[l.State], r)
		if r.Due {
			d.Due++
		}
	}
	for _, state := range []exam.State{exam.Missing, exam.With, exam.NoDevice, exam.Deposited, exam.Away, exam.Done} {
		rows := by[state]
		slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.Name, b.Name)) })
		if words, _ := stateWords(state); state == exam.Missing {
			d.Open = rows
		} else if len(rows) > 0 {
			d.Groups = append(d.Groups, group{words, rows})
		}
	}
}

func (p *pages) row(s exam.Sitting, l exam.Standing) row {
	r := row{N: l.N, Sitting: s.ID, Number: l.Number, Room: l.Room, Timing: timing(l.Candidate), Ends: p.until(s.Ends(l.Candidate)), Where: p.where(l.Kept), Open: l.State == exam.Missing, person: l.Person}
	r.Name = p.NameOf(l.Person)
	_, r.Form, _ = p.Kit.People.Name(l.Person)
	r.State, r.Colour = stateWords(l.State)
	r.Writing = l.State != exam.Done && l.State != exam.Away
	r.Due = r.Writing && l.State != exam.Missing && !p.Now().Before(s.Ends(l.Candidate))
	r.MayBack = l.With != nil && l.Back == nil && l.State == exam.Done
	r.Late, r.Admitted, r.Absent, r.NoneAt = l.Late != nil, l.Admitted != nil, l.Absent != nil, l.None != nil
	r.Note = p.note(l)
	for _, i := range s.Incidents {
		if i.Line == l.N && r.Writing {
			r.Note = strings.TrimPrefix(r.Note+". A device was found at "+p.clock(i.At), ". ")
		}
	}
	return r
}

// note is what was recorded of a line, in words.
func (p *pages) note(l exam.Standing) string {
	switch {
	case l.State == exam.Done && l.Why != "":
		return "Finished at " + p.clock(l.Finished) + ": " + l.Why
	case l.State == exam.Done:
		return "Finished at " + p.clock(l.Finished)
	case l.State == exam.With:
		return p.NameOf(l.With.Other) + " has their device since " + p.clock(l.With.At)
	case l.State == exam.NoDevice:
		return p.said(l.None) + "; witness " + p.NameOf(l.None.Other)
	case l.State == exam.Away:
		return "Marked absent " + p.said(l.Absent)
	case l.Admitted != nil:
		return "Came late, let in " + p.said(l.Admitted)
	case l.Late != nil:
		return "Came late " + p.said(l.Late) + "; not let in yet"
	}
	return ""
}

func (p *pages) inForce(seq uint64) []force {
	var list []force
	for _, f := range p.Force.InForce(seq) {
		line := force{Bank: kit.BankName(f.Bank.Setup.Bank), Offline: !f.Online}
		if !f.Since.IsZero() {
			line.Since = p.local(f.Since).Format("15:04:05")
		}
		list = append(list, line)
	}
	return list
}

// OnItsWay reports whether a bank that can be reached does not go by it yet.
func (d sittingData) OnItsWay() bool {
	return slices.ContainsFunc(d.Force, func(f force) bool { return f.Since == "" && !f.Offline })
}

// Anybody reports whether somebody is entered.
func (d sittingData) Anybody() bool { return d.Total > 0 }
