package main

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/cases"
	"github.com/bellkeep/bellkeep/web/school/exams"
)

// examPages are the pages of the exams officer and of invigilators.
func examPages(s *server.Server) exams.Config {
	return exams.Config{
		Sittings: s.Exams, Setting: s.Exams, Room: s.Exams, People: s.People, Force: s.Banks, Needs: s.Exceptions.Needs, Spot: spotNamed(s), School: s.School.Name,
	}
}

// spotNamed gives the name of a named place.
func spotNamed(s *server.Server) func(id string) string {
	spots := spotsOf(s)
	return func(id string) string {
		i := slices.IndexFunc(spots, func(spot cases.Spot) bool { return spot.ID == id })
		if i < 0 {
			return id
		}
		return spots[i].Label
	}
}
