package boltlog

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/bellkeep/bellkeep/internal/errs"
	bolterrors "go.etcd.io/bbolt/errors"
)

// isFull tells whether err comes from a disk, quota or file size limit that is
// used up. bbolt drops the cause of some errors, hence the look at the text.
func isFull(err error) bool {
	for _, full := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || err != nil && strings.Contains(err.Error(), full.Error()) {
			return true
		}
	}
	return false
}

// stopped is what every Append after a failed commit gets.
func stopped(cause error) error {
	if isFull(cause) {
		return errs.Wrap(cause, errs.Unavailable,
			"The disk is full and nothing more can be recorded; everything recorded so far is safe.",
			"Free some space on the disk and restart Bellkeep.")
	}
	return errs.Wrap(cause, errs.Unavailable,
		"The ledger could not be written and has stopped; everything recorded so far is safe.",
		"Restart Bellkeep; if it stops again, check the disk and run 'bellkeep ledger verify'.")
}

func closed() error {
	return errs.New(errs.Unavailable, "The ledger has been closed.", "Restart Bellkeep.")
}

func inUse(path string, cause error) error {
	return errs.Wrap(cause, errs.Conflict,
		fmt.Sprintf("Another process has the ledger %s open.", path),
		"Stop the other Bellkeep first, or work on a copy of the file.")
}

func notWritable(dir string, cause error) error {
	if isFull(cause) {
		return stopped(cause)
	}
	return errs.Wrap(cause, errs.Unavailable,
		fmt.Sprintf("Bellkeep cannot write to its data directory %s.", dir),
		"Make the directory writable for the user that runs Bellkeep, or name another with --data.")
}

func notReadable(path string, cause error) error {
	return errs.Wrap(cause, errs.Unavailable, fmt.Sprintf("The ledger %s cannot be read.", path),
		"Check the path and who may read the file.")
}

func newerFormat(path, found string) error {
	return errs.New(errs.Invalid,
		fmt.Sprintf("The ledger %s is written in format %q; this Bellkeep reads format %s.", path, found, format),
		"Use the Bellkeep that wrote it, or a newer one.")
}

// damaged refuses to go on with a ledger whose records from seq on cannot be
// relied upon.
func damaged(path string, seq uint64, cause error) error {
	return errs.Wrap(cause, errs.Internal,
		fmt.Sprintf("The ledger %s is damaged at sequence %d.", path, seq),
		"Keep the file as it is, run 'bellkeep ledger verify' on it, then restore a backup or start a new epoch.")
}

// openFault words the errors of bbolt.Open.
func openFault(path, dir string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return inUse(path, err)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return damaged(path, 0, err)
	}
	return notWritable(dir, err)
}
