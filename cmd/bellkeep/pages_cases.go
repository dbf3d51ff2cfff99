package main

import (
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/cases"
)

// spotsOf are the named places of a school; one without a list of its own has
// these.
func spotsOf(s *server.Server) []cases.Spot {
	if len(s.School.Spots) == 0 {
		return []cases.Spot{
			{ID: "office-safe", Label: "Office safe"},
			{ID: "office-drawer", Label: "Locked drawer in the office"},
			{ID: "leadership-safe", Label: "Leadership safe"},
		}
	}
	var list []cases.Spot
	for _, spot := range s.School.Spots {
		list = append(list, cases.Spot{ID: spot.ID, Label: spot.Name})
	}
	return list
}

// scanned finds whose badge a text is.
func scanned(s *server.Server) func(text string) (string, bool) {
	return func(text string) (string, bool) {
		token, err := school.ParseBadge(text)
		if err != nil {
			return "", false
		}
		badge, ok := s.Badges.Entries()[token.Hash()]
		return badge.Person, ok && !badge.Revoked
	}
}
