package main

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/server"
)

// scanned finds whose badge a text is, if it is in use.
func scanned(s *server.Server) func(text string) (string, bool) {
	return func(text string) (string, bool) {
		b, err := s.Badges.Scanned(context.Background(), text) // a local file: there is nothing to wait for
		return b.Person, err == nil && b.State == badges.Live && b.Person != ""
	}
}
