package server

import (
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/alerts"
)

// alerts tells staff by e-mail what waits for them and which bells did not take.
func (s *Server) alerts() *alerts.Teller {
	return alerts.New(alerts.Config{
		Outbox: s.Notices, Changes: s.DeviceRules, Moves: s.Fleet, Bells: s.DeviceBells, Concerns: s.Concerns, Breaches: s.Visits,
		Rules: s.Policy.Now, Accounts: s.Users.List, Registers: s.Registers,
		Now: func() time.Time { return s.Now().Wall }, Base: func() string { return s.PagesURL }, Log: slog.Default(),
	})
}
