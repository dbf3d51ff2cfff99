package boltlog

import (
	"encoding/binary"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

// change is what one transaction does to a file. It is made up in memory, and
// can be dropped as long as it is not written.
type change struct {
	edge   ledger.Edge // behind the new records
	values [][]byte    // the new records: hashes ‖ leaf
	notes  []signed
}

// begin starts a change of the file as it is.
func (s *store) begin() change { return change{edge: s.edge.Clone()} }

// first is the number of records the file must have before the change.
func (c *change) first() uint64 { return c.edge.Size() - uint64(len(c.values)) }

// room gives a buffer for the next record: its hashes, still to be filled in,
// and behind them space to append a leaf. bbolt keeps what it is given until
// the commit, so each record has a buffer of its own.
func (c *change) room(leaf int) []byte {
	hashes := ledger.Levels(c.edge.Size()) * tlog.HashSize
	return make([]byte, hashes, hashes+leaf)
}

// add takes the buffer that room gave, with the leaf appended.
func (c *change) add(value []byte) {
	leaf := value[ledger.Levels(c.edge.Size())*tlog.HashSize:]
	for i, h := range c.edge.Add(tlog.RecordHash(leaf)) {
		copy(value[i*tlog.HashSize:], h[:])
	}
	c.values = append(c.values, value)
}

// file adds a checkpoint.
func (c *change) file(n signed) { c.notes = append(c.notes, n) }

func (c *change) put(records, checkpoints *bbolt.Bucket) error {
	// Keys only ever grow: leave no half-empty pages.
	records.FillPercent, checkpoints.FillPercent = 1, 1
	for i, value := range c.values {
		if err := records.Put(key(c.first()+uint64(i)), value); err != nil {
			return err
		}
	}
	for _, n := range c.notes {
		if err := checkpoints.Put(key(n.size), n.note); err != nil {
			return err
		}
	}
	return records.SetSequence(c.edge.Size())
}

func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
