package exams

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// staff are its members on the roll but one, as a list to choose from.
func (p *pages) staff(but string) []kit.Option {
	var list []kit.Option
	for _, person := range p.People.People() {
		if person.Kind == register.Staff && person.ID != but {
			list = append(list, kit.Option{Value: person.ID, Text: person.Name()})
		}
	}
	slices.SortFunc(list, func(a, b kit.Option) int { return strings.Compare(a.Text, b.Text) })
	return kit.Choose(list)
}

func (p *pages) incidents(s exam.Sitting) []incidentLine {
	var list []incidentLine
	for _, i := range s.Incidents {
		l := s.Lines[i.Line-1]
		list = append(list, incidentLine{N: i.N, At: p.clock(i.At), Name: p.NameOf(l.Person), What: i.What.Words()})
	}
	return list
}

type incidentForm struct {
	Form            *kit.Form
	Title, ID       string
	Row             row
	Whats, Activity []kit.Option
	Needs           bool
}

func (p *pages) incidentFormData(f *kit.Form, s exam.Sitting, l exam.Standing) incidentForm {
	d := incidentForm{Form: f, Title: title(s), ID: s.ID, Row: p.row(s, l), Needs: p.Needs(l.Person), Whats: kit.Options(desk.Whats, desk.What.Words, nil), Activity: []kit.Option{
		{Value: "active", Text: "It was in use", Hint: "It rang, vibrated, lit up or was looked at."},
		{Value: "unused", Text: "It was not in use", Hint: "Off, or on and untouched."}}}
	return d
}

func (p *pages) incidentForm(c echo.Context) error {
	s, l, err := p.find(c)
	if err != nil {
		return err
	}
	f := p.NewForm(c, url.Values{"at": {p.Now().Format(kit.DateTime)}})
	return p.Page(c, http.StatusOK, "exam-found", "A device was found", p.incidentFormData(f, s, l))
}

func (p *pages) report(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	s, l, err := p.find(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		at, err := p.Moment(f, "at", "when it happened")
		if err != nil {
			return "", err
		}
		if f.Get("activity") == "" {
			return "", errs.At("activity", "Say whether it was in use", "")
		}
		i, err := p.Room.Report(c.Request().Context(), p.by(c), s.ID, l.N, exam.Found{At: at, What: desk.What(f.Get("what")), Active: f.Get("activity") == "active", Happened: f.Get("happened")})
		return "/exam/" + s.ID + "/incident/" + strconv.Itoa(i.N), err
	})
	if err != nil {
		return p.Refuse(c, f, err, "exam-found", "A device was found", p.incidentFormData(f, s, l))
	}
	return nil
}

// reportData is the draft of a report to the awarding body.
type reportData struct {
	exam.Incident
	Title, ID, School, Series, Board, Day, Start string
	Row                                          row
	Time, Recorded, Recorder, Device, Now        string
	Before                                       string // what was known of the candidate
	MayRun                                       bool
}

// incident shows an incident as the draft of a report. What becomes of it, people
// decide.
func (p *pages) incident(c echo.Context) error {
	s, list, err := p.sitting(c)
	if err != nil {
		return err
	}
	k, _ := strconv.Atoi(c.Param("k")) // what is no number is no incident
	if k < 1 || k > len(s.Incidents) {
		return errs.New(errs.NotFound, "There is no such incident.", "Look at the paper.")
	}
	i := s.Incidents[k-1]
	d := reportData{Incident: i, Title: title(s), ID: s.ID, School: p.School, Series: s.Paper.Series, Board: s.Paper.Board, Day: p.day(s.Start), Start: p.clock(s.Start),
		Time: p.clock(i.At), Recorded: p.clock(i.Recorded), Recorder: p.NameOf(i.Person), MayRun: p.mayRun(c), Now: p.Now().Format("Monday 2 January 2006, 15:04")}
	for _, l := range list {
		if l.N == i.Line {
			d.Row = p.row(s, l)
			d.Device, d.Before = p.where(l.Kept), p.before(s, l)
		}
	}
	return p.Page(c, http.StatusOK, "exam-report", "A device in an exam", d)
}

// ByHand are what a report has and no record here tells.
func (d reportData) ByHand() []string {
	return []string{"Centre number", "Statement of the invigilator", "Statement of the candidate", "Others who saw it", "Other material taken", "Signed, and when"}
}

// before says what was recorded of a candidate's devices before anything was found.
func (p *pages) before(s exam.Sitting, l exam.Standing) string {
	text := "The paper was not marked clear."
	if len(s.Cleared) > 0 {
		text = "The paper was marked clear at " + p.clock(s.Cleared[0].At) + " by " + p.NameOf(s.Cleared[0].Person) + ": every candidate had been asked about phones, watches, earbuds and any other device."
	}
	if l.None != nil {
		text += " They said that they had none: " + p.said(l.None) + "; witness " + p.NameOf(l.None.Other) + "."
	}
	return text
}
