package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/backup"
	"github.com/bellkeep/bellkeep/internal/durable"
)

// Made is a backup that was made and read back.
type Made struct {
	Path    string    `json:"path"`
	Files   int       `json:"files"`
	Bytes   int64     `json:"bytes"`   // of the sealed file
	Records uint64    `json:"records"` // of the school's ledger that are in it
	At      time.Time `json:"at"`
}

// BackUp writes a backup into folder, reads it back from the disk, holds it against
// the ledger in use, and removes the oldest ones. For the reading it is sealed to a
// second key as well, which exists for that moment only. Errors: conflict,
// unavailable, internal.
func (s *Server) BackUp(ctx context.Context, folder string, to age.Recipient) (Made, error) {
	s.backups.busy.Lock()
	defer s.backups.busy.Unlock()
	made, err := s.makeBackup(ctx, folder, to)
	if folder == s.Backups.Folder {
		s.noteBackup(err)
	}
	return made, err
}

func (s *Server) makeBackup(ctx context.Context, folder string, to age.Recipient) (made Made, err error) {
	drill, err := age.GenerateX25519Identity()
	if err != nil {
		return made, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return made, noFolder(folder, err)
	}
	made.At = time.Now()
	made.Path = filepath.Join(folder, made.At.UTC().Format(backupNames))
	part := made.Path + ".part"
	m, err := s.sealFile(ctx, part, to, drill.Recipient())
	if err == nil {
		made.Files = len(m.Files)
		made.Records, err = s.readBack(ctx, part, drill)
	}
	if err == nil {
		err = errors.Join(os.Rename(part, made.Path), durable.SyncDir(folder))
	}
	if err != nil {
		return made, errors.Join(err, os.RemoveAll(part))
	}
	info, err := os.Stat(made.Path)
	if err != nil {
		return made, noFolder(folder, err)
	}
	made.Bytes = info.Size()
	if folder == s.Backups.Folder {
		err = tidyBackups(folder, s.Backups.Keep)
	}
	return made, err
}

func (s *Server) sealFile(ctx context.Context, path string, to ...age.Recipient) (m backup.Manifest, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return m, noFolder(filepath.Dir(path), err)
	}
	if m, err = s.seal(ctx, f, to...); err == nil {
		err = f.Sync()
	}
	return m, errors.Join(err, f.Close())
}

// readBack unpacks a backup beside the data folder, reads it whole and removes it.
func (s *Server) readBack(ctx context.Context, path string, key age.Identity) (records uint64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	dir := filepath.Join(s.Dir, drillFolder)
	if err := os.RemoveAll(dir); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if _, err := backup.Restore(f, dir, key); err != nil {
		return 0, err
	}
	r, err := ReadRestored(ctx, dir)
	if err != nil {
		return 0, err
	}
	return r.School.Size, s.Continues(r)
}

// drillFolder is where a backup is unpacked to see that it can be.
const drillFolder = "backup-drill"
