package main

import (
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/cases"
)

// spots are the places that an office without a list of its own has.
var spots = []cases.Spot{
	{ID: "office-safe", Label: "Office safe"},
	{ID: "office-drawer", Label: "Locked drawer in the office"},
	{ID: "leadership-safe", Label: "Leadership safe"},
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
