package main

import (
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/handover"
)

// handoverPages are the pages for what two people sign with their passkeys.
func handoverPages(s *server.Server) handover.Config {
	return handover.Config{
		Requests: s.Consents, Custody: s.Custody, Banks: s.Banks, Approvers: s.Approvers, Name: s.People.Name, Sheet: sheets{s}.make,
		Holder: func(account string) string {
			a, _ := s.Users.Get(account)
			return a.Name
		},
	}
}
