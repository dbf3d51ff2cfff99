package main

import (
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/trays"
)

// trayPages are the pages of class trays.
func trayPages(s *server.Server) trays.Config {
	cfg := trays.Config{Trays: s.Trays, People: s.People, Exempt: s.Exceptions, Called: called(s), Brief: s.Briefed, Doors: s.Trays, Banks: s.Banks, Orders: s.Banks, Used: func() bool { return traysUsed(s) },
		Ends: func(at time.Time) (time.Time, bool) { return s.Trays.Ends(at) }}
	for _, spot := range spotsOf(s) {
		cfg.Spots = append(cfg.Spots, kit.Option{Value: spot.ID, Text: spot.Label})
	}
	return cfg
}

// traysUsed reports whether phones go to class teachers by the rules in force.
func traysUsed(s *server.Server) bool { return s.Policy.Now().DepositPoint == policy.AtClass }

// trayAddress is where a form's tray is, "" where the school has none.
func trayAddress(s *server.Server) func(form string) string {
	return func(form string) string {
		if !traysUsed(s) {
			return ""
		}
		return trays.Path + "/" + url.PathEscape(form)
	}
}
