package main

import (
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/safeguarding"
)

// safeguardingPages are the pages about concerns.
func safeguardingPages(s *server.Server) safeguarding.Config {
	return safeguarding.Config{
		Book: s.Concerns, Custody: s.Custody, Bars: s.Desk, Banks: s.Banks, People: s.People, Rules: s.Policy.Now, Called: called(s),
		Places: func(id string) string {
			for _, spot := range spotsOf(s) {
				if spot.ID == id {
					return spot.Label
				}
			}
			return id
		},
	}
}
