package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// Backups are made every night, sealed to a key of which this machine has the public
// half only, into a folder that is best on another disk. The zero Backups makes none.
type Backups struct {
	Folder string
	To     age.Recipient
	At     school.Clock // local time
	Keep   int          // how many
}

const (
	backupLook   = time.Minute                       // between two looks at the clock
	backupNames  = "bellkeep-2006-01-02-150405Z.age" // UTC
	backupTooOld = 36 * time.Hour
)

// BackedUp is how the school's backups stand.
type BackedUp struct {
	Since time.Time // the server's start
	Last  time.Time // the newest in the folder, by its name; zero for none
	Fault string    // of the last try, "" for none
}

// backups is what the server has found out about its backups.
type backups struct {
	mu   sync.Mutex
	busy sync.Mutex // held by whoever makes one
	last BackedUp

	since time.Time // the server's start

	snapshots snapshots
}

// BackedUp tells how the backups stand, and whether any are made.
func (s *Server) BackedUp() (b BackedUp, made bool) {
	s.backups.mu.Lock()
	defer s.backups.mu.Unlock()
	return s.backups.last, s.Backups.Folder != ""
}

// Late reports whether the newest backup is too old at now. A server that has just
// started has a night to make its first.
func (b BackedUp) Late(now time.Time) bool {
	newest := b.Last
	if newest.IsZero() {
		newest = b.Since
	}
	return now.Sub(newest) > backupTooOld
}

// keepBackups makes one every night until ctx ends. One that fails is told and tried
// again a minute later: the school goes on without.
func (s *Server) keepBackups(ctx context.Context) error {
	if s.Backups.Folder == "" {
		return nil
	}
	s.noteBackup(nil)
	for wait.For(ctx, backupLook) == nil {
		now := time.Now().In(s.School.Calendar.Zone)
		due := school.DateOf(now).At(s.Backups.At, s.School.Calendar.Zone)
		if last, _ := s.BackedUp(); now.Before(due) || !last.Last.Before(due) {
			continue
		}
		if _, err := s.BackUp(ctx, s.Backups.Folder, s.Backups.To); err != nil && ctx.Err() == nil {
			slog.Error("the night's backup failed", "err", err, "next", errs.HintOf(err))
		}
	}
	return nil
}

// noteBackup looks for the newest backup, and keeps what was wrong with the last try.
func (s *Server) noteBackup(fault error) {
	list, err := backupsIn(s.Backups.Folder)
	if fault == nil {
		fault = err
	}
	s.backups.mu.Lock()
	defer s.backups.mu.Unlock()
	s.backups.last = BackedUp{Since: s.backups.since}
	if len(list) > 0 {
		s.backups.last.Last, _ = time.Parse(backupNames, list[len(list)-1])
	}
	if fault != nil {
		s.backups.last.Fault = fault.Error()
	}
}

// backupsIn are the names of the backups in a folder, the oldest first.
func backupsIn(folder string) ([]string, error) {
	files, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, noFolder(folder, err)
	}
	var list []string
	for _, f := range files {
		if _, err := time.Parse(backupNames, f.Name()); err == nil {
			list = append(list, f.Name())
		}
	}
	slices.Sort(list)
	return list, nil
}

// tidyBackups removes the oldest backups, by their names, and nothing else.
func tidyBackups(folder string, keep int) error {
	list, err := backupsIn(folder)
	if err != nil {
		return err
	}
	for _, name := range list[:max(0, len(list)-keep)] {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return noFolder(folder, err)
		}
	}
	return nil
}

func noFolder(folder string, cause error) error {
	return errs.Wrap(cause, errs.Unavailable, fmt.Sprintf("Backups cannot be kept in %s.", folder), "Is its disk there, with free space, and may Bellkeep write to it?")
}
