package boltlog

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

// Read calls fn for each record from sequence from on; see ledger.Reader. It
// holds no transaction while fn runs. Errors: those of ctx and fn, internal
// (damaged).
func (s *store) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	return s.each(ctx, from, s.Size(), func(e element, seq uint64) error {
		r, err := genuine(e, seq)
		if err != nil {
			return damaged(s.name.Path(), seq, err)
		}
		return fn(r)
	})
}

// genuine decodes a record and compares it with its own stored hash: a reader
// acts on what it reads, so a flipped bit must not reach it.
func genuine(e element, seq uint64) (ledger.Record, error) {
	r, err := decode(e, seq)
	if err != nil {
		return r, err
	}
	if h := tlog.RecordHash(r.Leaf); !bytes.Equal(h[:], e.value[:tlog.HashSize]) {
		return r, errors.New("the record does not match its hash")
	}
	return r, nil
}

// each pages through the stored records [from, to).
func (s *store) each(ctx context.Context, from, to uint64, fn func(e element, seq uint64) error) error {
	for from < to {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk, err := s.chunk(from, to)
		if err != nil {
			return damaged(s.name.Path(), from+uint64(len(chunk)), err)
		}
		for _, e := range chunk {
			if err := fn(e, from); err != nil {
				return err
			}
			from++
		}
	}
	return nil
}

// chunk copies some records, at least one. bbolt's slices die with the
// transaction, and a long transaction would keep the file from growing.
func (s *store) chunk(from, to uint64) (chunk []element, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(recordBucket)).Cursor()
		bytesRead := 0
		k, v := c.Seek(key(from))
		for next := from; next < to && len(chunk) < maxChunk && bytesRead < maxChunkBytes; next++ {
			if len(k) != 8 || binary.BigEndian.Uint64(k) != next {
				return fmt.Errorf("record %d is missing", next)
			}
			chunk = append(chunk, element{key: key(next), value: bytes.Clone(v)})
			bytesRead += len(v)
			k, v = c.Next()
		}
		return nil
	})
	return chunk, err
}

// ReadHashes makes the ledger a tlog.HashReader, for tlog.ProveRecord and
// tlog.ProveTree up to Size. Errors: internal (damaged), unavailable.
func (s *store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	err := s.view(func(tx *bbolt.Tx) error {
		records := tx.Bucket([]byte(recordBucket))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			seq := uint64(n+1)<<level - 1
			value := records.Get(key(seq))
			if len(value) < (level+1)*tlog.HashSize {
				return damaged(s.name.Path(), seq, fmt.Errorf("record %d is missing", seq))
			}
			copy(hashes[i][:], value[level*tlog.HashSize:])
		}
		return nil
	})
	return hashes, err
}

func (s *store) view(fn func(*bbolt.Tx) error) error {
	return guard(func() error { return s.db.View(fn) })
}

// guard turns what bbolt does on a damaged page, a panic or a touch of memory
// that is not there, into an error.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bbolt: %v", p)
		}
	}()
	return fn()
}
