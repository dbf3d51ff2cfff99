package main

import (
	"github.com/bellkeep/bellkeep/internal/server"
	visiting "github.com/bellkeep/bellkeep/web/school/visitors"
)

// visitorPages are the pages about visitors' devices.
func visitorPages(s *server.Server) visiting.Config {
	cfg := visiting.Config{Devices: s.Visits, Challenges: s.Visits, Visits: s.Agreements, Custody: s.Custody, Rules: s.Policy.Now, School: s.School.Name}
	for _, spot := range spotsOf(s) {
		cfg.Spots = append(cfg.Spots, visiting.Spot{ID: spot.ID, Label: spot.Label})
	}
	return cfg
}
