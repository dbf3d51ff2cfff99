package boltlog

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	reserveSize = 1 << 20
	// reserveRoom must stay free beside the reserve, or a restart on a full
	// disk would take back at once what had just been given up.
	reserveRoom = 16 << 20
)

// reserve is space held back for the moment the disk is full.
type reserve struct{ path string }

// fill makes the reserve unless it is there. An error is an alarm, no reason
// not to start: recording matters more than the reserve.
func (r reserve) fill() error {
	if info, err := os.Stat(r.path); err == nil && info.Size() == reserveSize {
		return nil
	}
	free, err := freeSpace(filepath.Dir(r.path))
	if err == nil && free < reserveSize+reserveRoom {
		err = syscall.ENOSPC
	}
	if err == nil {
		err = writeFile(r.path, make([]byte, reserveSize), fileMode)
	}
	if err == nil {
		return nil
	}
	return errs.Wrap(errors.Join(err, r.release()), errs.Unavailable,
		"The disk is almost full: there is no room for the ledger's reserve.",
		"Free at least 20 MB on the disk that holds the ledger, then restart Bellkeep.")
}

// release gives the space back.
func (r reserve) release() error {
	var kept error
	for _, path := range []string{r.path, r.path + ".new"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			kept = errors.Join(kept, err)
		}
	}
	return kept
}

func freeSpace(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
