package main

import (
	terms "github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/figures"
)

// figurePages are the counts and rates for governors and inspections.
func figurePages(s *server.Server) figures.Config {
	c := figures.Config{Registers: s.Registers, Rules: s.Policy.Now, Clauses: s.School.Clauses, Sources: terms.Sources{
		Calendar: s.School.Calendar, Days: s.Figures.Days, Cases: s.Custody.Cases, Exceptions: s.Exceptions.All, Person: s.People.Person,
	}}
	if f := s.School.Policy; f != nil {
		c.Policy = f.Policy
	}
	return c
}
