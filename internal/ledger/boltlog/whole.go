package boltlog

import (
	"io"

	"go.etcd.io/bbolt"
)

// Whole gives fn the ledger's file as it is at one moment, for a backup, while its
// writer goes on. Errors: unavailable, those of fn.
func (s *store) Whole(fn func(length int64, content io.WriterTo) error) error {
	return s.db.View(func(tx *bbolt.Tx) error { return fn(tx.Size(), tx) })
}
