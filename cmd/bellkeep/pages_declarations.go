package main

import (
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/declarations"
)

// declarationPages are the pages on which staff declare their ties.
func declarationPages(s *server.Server) declarations.Config {
	return declarations.Config{Reader: s.Declarations, Making: s.Declarations, Answering: s.Declarations, Rules: s.Policy.Now}
}
