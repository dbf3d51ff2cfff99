package main

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/help"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// helpPages are the pages that everybody may read.
func helpPages(s *server.Server) help.Config {
	return help.Config{Texts: s.Agreements, Rules: s.Policy.Now, Phone: s.School.Phone, Leads: func() []help.Lead { return leads(s) }}
}

// leads are those whom staff tell of a concern, by the roles they have now. Where the
// headteacher leads safeguarding too, they stand there twice.
func leads(s *server.Server) []help.Lead {
	now := s.Now().Wall
	var list []help.Lead
	for _, r := range []roles.Role{roles.DSL, roles.DeputyDSL, roles.Head, roles.Chair} {
		l := help.Lead{Role: kit.RoleName(r)}
		for _, a := range s.Users.List() {
			standing, live := s.Users.Standing(a.ID)
			has := slices.ContainsFunc(standing.Roles, func(given roles.Assignment) bool { return given.Role == r && given.Holds(now) })
			if live && has && a.Seal == (accounts.Seal{}) {
				l.Names = append(l.Names, standing.Name)
			}
		}
		list = append(list, l)
	}
	return list
}
