package server

import (
	"context"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/backup"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// seal writes a backup of everything the server keeps while it goes on, sealed to the
// recipients: the ledger first and the vault behind it, so that every record's content
// is there. Errors: those of w and of the files.
func (s *Server) seal(ctx context.Context, w io.Writer, to ...age.Recipient) (backup.Manifest, error) {
	if _, err := s.Log.Checkpoint(ctx); err != nil {
		return backup.Manifest{}, err
	}
	sources := []backup.Source{{Name: s.below(s.Log.Name().Path()), With: s.Log.Whole}, {Name: "vault", With: s.Vault.Snapshot},
		{Name: SealedFile, With: s.texts.Snapshot}} // their key lies elsewhere
	sources = append(sources, s.backups.theirs()...)
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

// snapshots are files in the data folder that others keep and go on writing.
type snapshots struct {
	mu  sync.Mutex
	all map[string]func(fn func(length int64, content io.WriterTo) error) error
}

// Include has each backup take a file, named below the data folder, from whoever keeps
// it, as it is at one moment. with nil ends that.
func (s *Server) Include(name string, with func(fn func(length int64, content io.WriterTo) error) error) {
	s.backups.snapshots.mu.Lock()
	defer s.backups.snapshots.mu.Unlock()
	if s.backups.snapshots.all == nil {
		s.backups.snapshots.all = map[string]func(func(int64, io.WriterTo) error) error{}
	}
	s.backups.snapshots.all[name] = with
	if with == nil {
		delete(s.backups.snapshots.all, name)
	}
}

func (b *backups) theirs() (list []backup.Source) {
	b.snapshots.mu.Lock()
	defer b.snapshots.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(b.snapshots.all)) {
		list = append(list, backup.Source{Name: name, With: b.snapshots.all[name]})
	}
	return list
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
