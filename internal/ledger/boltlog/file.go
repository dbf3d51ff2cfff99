package boltlog

import (
	"context"
	"errors"
	"os"
	"syscall"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// File is a closed ledger opened for reading. While it is open no log can be
// opened on the same file.
type File struct {
	path string
	f    *os.File
	snapshot
}

// OpenFile opens a ledger that no process is writing. It does not verify; a
// reader that meets damage says at which sequence.
// Errors: unavailable, conflict, invalid (newer format), internal (damaged).
func OpenFile(path string) (*File, error) {
	f, err := openShared(path)
	if err != nil {
		return nil, err
	}
	s, err := newSnapshot(f, path)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &File{path, f, s}, nil
}

// openShared opens a file that nobody has open for writing.
func openShared(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, notReadable(path, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = inUse(path, err)
	default:
		err = notReadable(path, err)
	}
	return nil, errors.Join(err, f.Close())
}

// Close gives the file back.
func (f *File) Close() error { return f.f.Close() }

// Read calls fn for each record from sequence from on. Errors: internal
// (damaged), invalid (newer record), those of ctx and fn.
func (f *File) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	next := from
	var stop error
	err := f.pages.walk(f.records, key(from), func(e element) error {
		r, err := genuine(e, next)
		if err != nil {
			return err
		}
		next++
		if stop = ctx.Err(); stop == nil {
			stop = fn(r)
		}
		return stop
	})
	switch {
	case stop != nil:
		return stop
	case err != nil:
		return damaged(f.path, next, err)
	case next < f.Size():
		return damaged(f.path, next, errors.New("record is missing"))
	}
	return nil
}

// ReadHashes makes the ledger a tlog.HashReader, as that of one in use. Errors:
// internal (damaged).
func (f *File) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		seq := uint64(n+1)<<level - 1
		var err error
		if hashes[i], err = f.storedHash(seq, level); err != nil {
			return nil, damaged(f.path, seq, err)
		}
	}
	return hashes, nil
}

// Opening is record 0. Errors: internal (damaged).
func (f *File) Opening() (ledger.Opening, error) {
	o, err := f.snapshot.opening()
	if err != nil {
		return o, damaged(f.path, 0, err)
	}
	return o, nil
}

// LastCheckpoint is the newest signed note. Errors: internal (damaged).
func (f *File) LastCheckpoint() ([]byte, error) {
	last, err := f.snapshot.lastCheckpoint()
	if err != nil {
		return nil, damaged(f.path, 0, err)
	}
	return last.note, nil
}
