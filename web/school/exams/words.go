package exams

import (
	"fmt"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// stateWords names how a line stands, and the colour of its tag.
func stateWords(s exam.State) (words, colour string) {
	switch s {
	case exam.Deposited:
		return "Handed in", "green"
	case exam.With:
		return "With the invigilator", "blue"
	case exam.NoDevice:
		return "No device, before a witness", "green"
	case exam.Away:
		return "Absent", "grey"
	case exam.Done:
		return "Finished", "grey"
	}
	return "Missing", "red"
}

// where says where a candidate's devices are.
func (p *pages) where(kept []exam.Kept) string {
	var list []string
	for _, k := range kept {
		list = append(list, k.What.Words()+": "+p.place(k.Place))
	}
	return strings.Join(list, ". ")
}

func (p *pages) place(at desk.Place) string {
	switch at.Kind {
	case desk.Behind:
		return fmt.Sprintf("%s, door %d", kit.BankName(at.Bank), at.Door)
	case desk.Hands:
		return "with " + p.NameOf(at.Person)
	case desk.AtSpot:
		return p.Spot(at.Spot)
	}
	return "kept by the school"
}

const dayForm = "Monday 2 January 2006"

func (p *pages) local(t time.Time) time.Time { return t.In(p.Now().Location()) }
func (p *pages) clock(t time.Time) string    { return p.local(t).Format("15:04") }
func (p *pages) day(t time.Time) string      { return p.local(t).Format(dayForm) }

// until is the minute by which a paper is over.
func (p *pages) until(t time.Time) string {
	return p.clock(t.Add(time.Minute - time.Nanosecond).Truncate(time.Minute))
}

// span says when a paper is, on its day.
func (p *pages) span(s exam.Sitting) string {
	text := p.clock(s.Start) + " to " + p.until(s.Ends(exam.Candidate{}))
	if last := s.Last(); last.After(s.Ends(exam.Candidate{})) {
		text += ", the last at " + p.until(last)
	}
	return text
}

// timing says how long somebody writes where it is longer than usual.
func timing(c exam.Candidate) string {
	var list []string
	if c.Extra > 0 {
		list = append(list, fmt.Sprintf("%d %% extra time", c.Extra))
	}
	if c.Rest > 0 {
		list = append(list, fmt.Sprintf("%d min of rest breaks", c.Rest))
	}
	return strings.Join(list, ", ")
}

// said tells who recorded something, and when.
func (p *pages) said(s *exam.Said) string {
	return p.clock(s.At) + ", " + p.NameOf(s.Person)
}
