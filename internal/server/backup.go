package server

import (
	"context"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/backup"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Backup seals everything the server keeps to the recipients while it goes on: the
// ledger first and the vault behind it, so that every record's content is there.
// Errors: those of w and of the files.
func (s *Server) Backup(ctx context.Context, w io.Writer, to ...age.Recipient) (backup.Manifest, error) {
	if _, err := s.Log.Checkpoint(ctx); err != nil {
		return backup.Manifest{}, err
	}
	sources := []backup.Source{{Name: s.below(s.Log.Name().Path()), With: s.Log.Whole}, {Name: "vault", With: s.Vault.Snapshot},
		{Name: SealedFile, With: s.texts.Snapshot}} // their key lies elsewhere
	given := map[string]bool{}
	for _, one := range sources {
		given[one.Name] = true
	}
	for _, c := range s.Banks.AllCopies() {
		name := s.below(c.Name().Path())
		given[name] = true
		if len(c.LastCheckpoint()) > 0 { // what a bank has not signed yet it sends again
			sources = append(sources, backup.Source{Name: name, With: c.Whole})
		}
	}
	rest, err := backup.Folder(s.Dir, func(name string) bool { return given[name] || notKept(name) })
	if err != nil {
		return backup.Manifest{}, errs.Wrap(err, errs.Unavailable, "The server's data folder cannot be read.", "Check its rights and the disk.")
	}
	return backup.Write(ctx, w, s.School.ID, time.Now(), append(sources, rest...), to...)
}

// below is a path as it is named below the data folder.
func (s *Server) below(file string) string {
	name, err := filepath.Rel(s.Dir, file)
	if err != nil {
		return filepath.Base(file)
	}
	return filepath.ToSlash(name)
}

// notKept are files that are made again: caches, reserves, what a write left half
// done.
func notKept(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(base, ".cache") || strings.HasSuffix(base, ".new") || strings.HasPrefix(base, "reserve.") || strings.HasPrefix(name, drillFolder)
}
