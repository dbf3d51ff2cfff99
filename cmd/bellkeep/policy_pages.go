package main

import (
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/policy"
)

// policyPages show the rules in force and the written policy they follow.
func policyPages(s *server.Server) policy.Config {
	c := policy.Config{Versions: s.Policy, Proposals: s.Policy, Decisions: s.Policy, Clauses: s.School.Clauses, Reviews: s.Reviews}
	if f := s.School.Policy; f != nil {
		c.Policy, c.Follows = f.Policy, f.Clauses
	}
	return c
}
