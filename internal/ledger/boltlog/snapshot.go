package boltlog

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// snapshot is the state of a ledger file that is at rest.
type snapshot struct {
	pages       *pages
	about       bucket
	records     bucket
	checkpoints bucket
	torn        error // what is wrong with one of the two meta pages
}

// source is a file, or its bytes.
type source interface {
	io.ReaderAt
	io.Seeker
}

func newSnapshot(r source, path string) (snapshot, error) {
	m, wrong := readMeta(r)
	if wrong[0] != nil && wrong[1] != nil {
		return snapshot{}, damaged(path, 0, wrong[0])
	}
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return snapshot{}, notReadable(path, err)
	}
	p, err := newPages(r, m, size)
	if err != nil {
		return snapshot{}, damaged(path, 0, err)
	}
	buckets, err := p.buckets()
	if err != nil {
		return snapshot{}, damaged(path, 0, err)
	}
	about, err := p.get(buckets[aboutBucket], []byte(formatKey))
	if err != nil {
		return snapshot{}, damaged(path, 0, err)
	}
	if string(about) != format {
		return snapshot{}, newerFormat(path, string(about[:min(len(about), maxFormat)]))
	}
	return snapshot{p, buckets[aboutBucket], buckets[recordBucket], buckets[signedBucket], cmp.Or(wrong[0], wrong[1])}, nil
}

// Size is the number of records.
func (s snapshot) Size() uint64 { return s.records.sequence }

// decode reads one entry of the records bucket.
func decode(e element, seq uint64) (ledger.Record, error) {
	_, leaf, err := split(e, seq)
	if err != nil {
		return ledger.Record{}, err
	}
	r, err := ledger.Decode(leaf)
	if err == nil && r.Seq != seq {
		err = fmt.Errorf("record says it is number %d", r.Seq)
	}
	return r, err
}

// split parts a stored record into hashes and leaf.
func split(e element, seq uint64) (hashes, leaf []byte, err error) {
	if len(e.key) != 8 || e.flags != 0 {
		return nil, nil, errors.New("record has a damaged key")
	}
	if got := binary.BigEndian.Uint64(e.key); got != seq {
		return nil, nil, fmt.Errorf("record %d is stored in its place", got)
	}
	n := ledger.Levels(seq) * tlog.HashSize
	if len(e.value) < n {
		return nil, nil, errors.New("record is cut short")
	}
	return e.value[:n], e.value[n:], nil
}

// opening reads record 0.
func (s snapshot) opening() (ledger.Opening, error) {
	value, err := s.pages.get(s.records, key(0))
	if err != nil {
		return ledger.Opening{}, err
	}
	r, err := decode(element{key: key(0), value: value}, 0)
	if err != nil {
		return ledger.Opening{}, err
	}
	return ledger.ReadOpening(r)
}

// storedHash reads one of the hashes kept with record seq.
func (s snapshot) storedHash(seq uint64, level int) (tlog.Hash, error) {
	value, err := s.pages.get(s.records, key(seq))
	if err == nil && len(value) < (level+1)*tlog.HashSize {
		err = errors.New("record is cut short")
	}
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("record %d: %w", seq, err)
	}
	return tlog.Hash(value[level*tlog.HashSize : (level+1)*tlog.HashSize]), nil
}

// errUnsigned is what a ledger without a checkpoint is called.
var errUnsigned = errors.New("the ledger has no checkpoint")

// lastCheckpoint gives the newest signed note and the size it is filed under.
// Errors: errUnsigned, and those of damage.
func (s snapshot) lastCheckpoint() (last signed, err error) {
	err = s.pages.walk(s.checkpoints, key(0), func(e element) error {
		if len(e.key) != 8 || e.flags != 0 {
			return errors.New("checkpoint has a damaged key")
		}
		last = signed{binary.BigEndian.Uint64(e.key), bytes.Clone(e.value)}
		return nil
	})
	if err == nil && last.note == nil {
		err = errUnsigned
	}
	return last, err
}
