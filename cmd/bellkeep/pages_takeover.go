package main

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/takeover"
)

// takeoverPages are the pages for the day a bank's computer dies.
func takeoverPages(s *server.Server) takeover.Config {
	return takeover.Config{
		Banks: s.Banks, Orders: s.Banks, Name: s.People.Name, Looks: s.Closure,
		Replace: func(ctx context.Context, by, bank string) (joining.Code, time.Time, error) {
			return s.Invite(ctx, server.Invitation{By: by, Kind: cert.Bank, ID: bank, Replace: true})
		},
	}
}
