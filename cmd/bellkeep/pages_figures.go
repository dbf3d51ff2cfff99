package main

import (
	"time"

	terms "github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/web/school/figures"
)

// figurePages are the counts and rates for governors and inspections.
func figurePages(s *server.Server) figures.Config {
	c := figures.Config{Registers: s.Registers, Rules: s.Policy.Now, Clauses: s.School.Clauses, Sources: terms.Sources{
		Calendar: s.School.Calendar, Days: s.Figures.Days, Cases: s.Custody.Cases, Exceptions: s.Exceptions.All, Person: s.People.Person,
		Incidents: func(viewer string, from, until time.Time) terms.Incidents {
			return incidents(s.Concerns.For(viewer), from, until)
		},
	}}
	if f := s.School.Policy; f != nil {
		c.Policy = f.Policy
	}
	return c
}

// incidents are the safeguarding files of a time in counts, as somebody may know of
// them.
func incidents(files *concern.Book, from, until time.Time) (n terms.Incidents) {
	categories, areas, outcomes := map[concern.Category]int{}, map[concern.Area]int{}, map[concern.Outcome]int{}
	for _, c := range files.Counts(from, until) {
		categories[c.Category], areas[c.Area], outcomes[c.Outcome] = categories[c.Category]+c.N, areas[c.Area]+c.N, outcomes[c.Outcome]+c.N
	}
	for _, c := range concern.Categories {
		n.Categories = append(n.Categories, terms.Part{Name: c.Words(), N: categories[c]})
	}
	for _, a := range append(concern.Areas, concern.NoArea) {
		n.Areas = append(n.Areas, terms.Part{Name: a.Words(), N: areas[a]})
	}
	for _, o := range concern.Outcomes {
		n.Outcomes = append(n.Outcomes, terms.Part{Name: o.Words(), N: outcomes[o]})
	}
	n.Outcomes = append(n.Outcomes, terms.Part{Name: "Not ended yet", N: outcomes[""]})
	return n
}
