package main

import (
	"context"
	"strings"

	"github.com/bellkeep/bellkeep/internal/badges"
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

// called is the name that an account goes by; one whose holder is in no register
// has a person of its own.
func called(s *server.Server) func(id string) string {
	return func(id string) string {
		a, _ := s.Users.Get(strings.TrimPrefix(id, "x-"))
		return a.Name
	}
}

func spotIDs(s *server.Server) []string {
	var list []string
	for _, spot := range spotsOf(s) {
		list = append(list, spot.ID)
	}
	return list
}

// scanned finds whose badge a text is.
func scanned(s *server.Server) func(text string) (string, bool) {
	return func(text string) (string, bool) {
		b, err := s.Badges.Scanned(context.Background(), text) // a local file: there is nothing to wait for
		return b.Person, err == nil && b.State == badges.Live && b.Person != ""
	}
}
