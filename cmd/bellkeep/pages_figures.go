package main

import (
	"slices"
	"time"

	terms "github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/figures"
)

// figurePages are the counts and rates for governors and inspections.
func figurePages(s *server.Server) figures.Config {
	c := figures.Config{Registers: s.Registers, Rules: s.Policy.Now, Clauses: s.School.Clauses, Sources: terms.Sources{
		Calendar: s.School.Calendar, Days: s.Figures.Days, Cases: s.Custody.Cases, Exceptions: s.Exceptions.All, Person: s.People.Person,
		Incidents: concernFigures(s),
	}}
	if f := s.School.Policy; f != nil {
		c.Policy = f.Policy
	}
	return c
}

// concernFigures counts concerns by what sort they are and how they ended.
func concernFigures(s *server.Server) func(viewer string, from, until time.Time) terms.Incidents {
	return func(viewer string, from, until time.Time) (n terms.Incidents) {
		for _, c := range s.Concerns.For(viewer).Counts(from, until) {
			outcome := "Open"
			if c.Outcome != "" {
				outcome = c.Outcome.Words()
			}
			n.Categories, n.Outcomes = addPart(n.Categories, c.Category.Words(), c.N), addPart(n.Outcomes, outcome, c.N)
		}
		return n
	}
}

// addPart adds to the part of a name.
func addPart(list []terms.Part, name string, n int) []terms.Part {
	i := slices.IndexFunc(list, func(p terms.Part) bool { return p.Name == name })
	if i < 0 {
		return append(list, terms.Part{Name: name, N: n})
	}
	list[i].N += n
	return list
}
