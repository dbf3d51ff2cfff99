package main

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/backups"
)

// backupPages are the page on the school's backups.
func backupPages(s *server.Server) backups.Config {
	b := s.Backups
	return backups.Config{
		State: func() backups.State {
			stands, _ := s.BackedUp()
			return backups.State{Folder: b.Folder, At: b.At, Keep: b.Keep, Last: stands.Last, Late: stands.Late(time.Now()), Fault: stands.Fault}
		},
		BackUp: func(ctx context.Context) error {
			if b.Folder == "" {
				return errs.New(errs.Conflict, "This server has not been told where backups go.", "Put backup: into its file, and start it again.")
			}
			_, err := s.BackUp(ctx, b.Folder, b.To)
			return err
		},
	}
}
