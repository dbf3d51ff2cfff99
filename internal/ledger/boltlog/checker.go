package boltlog

import (
	"bytes"
	"encoding/binary"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checker rebuilds the tree record by record and compares it with everything
// that was stored or signed. It goes on after a finding.
type checker struct {
	report   *Report
	verifier note.Verifier

	roots     map[uint64]tlog.Hash // signed, by size
	kept      *ledger.Checkpoint   // kept elsewhere; may be nil
	edge      ledger.Edge
	agreed    uint64 // size of the last checkpoint whose root was met
	tainted   bool   // a record since then was found damaged
	rewritten bool   // a good signature did not fit: later ones will not either
}

// checkpoint takes one entry of the checkpoints bucket. All of them come
// before the first record.
func (c *checker) checkpoint(e element) {
	size := uint64(0)
	if len(e.key) == 8 && e.flags == 0 {
		size = binary.BigEndian.Uint64(e.key)
	}
	cp, err := ledger.OpenCheckpoint(e.value, c.verifier)
	switch {
	case err != nil:
		c.report.find(size, "checkpoint at size %d: %v", size, err)
	case cp.Size != size || cp.Origin != c.verifier.Name():
		c.report.find(min(size, cp.Size), "checkpoint at size %d is filed as size %d or comes from another ledger", cp.Size, size)
	case cp.Size > c.report.Size:
		c.report.find(c.report.Size, "sequence %d to %d are missing: checkpoint at size %d was signed", c.report.Size, cp.Size-1, cp.Size)
	default:
		c.roots[cp.Size] = cp.Root
	}
}

// record takes the entry at seq, which follows the one before, and tells
// whether it is good. An error means that nothing behind it can be read.
func (c *checker) record(e element, seq uint64) (r ledger.Record, good bool, err error) {
	hashes, leaf, err := split(e, seq)
	if err != nil {
		return r, false, err
	}
	r, err = decode(e, seq)
	if err != nil {
		c.report.find(seq, "sequence %d: %v", seq, err)
	}
	good = c.compare(hashes, leaf, seq) && err == nil
	if good {
		c.report.Good++
	}
	c.meetCheckpoint(good)
	return r, good, nil
}

// compare adds the record to the tree and compares the hashes kept with it.
// When a leaf does not match its hash, the tree goes on with the stored one:
// then a changed leaf is found once and not again in every subtree above it.
func (c *checker) compare(hashes, leaf []byte, seq uint64) bool {
	hash := tlog.RecordHash(leaf)
	stored := tlog.Hash(hashes[:tlog.HashSize])
	good := stored == hash
	if !good {
		c.report.find(seq, "sequence %d: the record does not match its hash", seq)
	}
	for level, h := range c.edge.Add(stored) {
		if !bytes.Equal(h[:], hashes[level*tlog.HashSize:(level+1)*tlog.HashSize]) {
			c.report.find(seq, "sequence %d: the hash stored with it for level %d of the tree is wrong", seq, level)
			good = false
		}
	}
	return good
}

// meetCheckpoint compares the root with what was signed at this size. A root
// that a damaged record explains is not reported again.
func (c *checker) meetCheckpoint(good bool) {
	c.tainted = c.tainted || !good
	size, root := c.edge.Size(), c.edge.Root
	if c.kept != nil && c.kept.Size == size && c.kept.Root != root() && !c.tainted {
		c.report.find(0, "sequence 0 to %d are not those the outside checkpoint was signed over", size-1)
	}
	signed, ok := c.roots[size]
	switch {
	case !ok || c.rewritten:
	case signed == root():
		c.agreed, c.tainted = size, false
		c.report.Checkpoints++
		c.report.Signed = size
	case !c.tainted:
		c.rewritten = true
		c.report.find(c.agreed, "sequence %d to %d were changed after they had been signed: checkpoint at size %d does not fit", c.agreed, size-1, size)
	}
}

// pickKey decides whose signatures count.
func (c *checker) pickKey(key string, o ledger.Opening) bool {
	v, err := note.NewVerifier(key)
	if err != nil {
		c.report.find(0, "sequence 0: the key to check signatures with cannot be read: %v", err)
		return false
	}
	c.verifier = v
	if o.Writer != "" && (o.Key != key || ledger.Origin(o.Writer, o.Epoch) != v.Name()) {
		c.report.find(0, "sequence 0 names another signing key than the one the ledger is checked with")
	}
	return true
}

// outside takes a checkpoint kept elsewhere.
func (c *checker) outside(signed []byte) {
	if signed == nil {
		return
	}
	cp, err := ledger.OpenCheckpoint(signed, c.verifier)
	switch {
	case err != nil:
		c.report.find(0, "sequence 0 and all after it are not what the outside checkpoint speaks of: %v", err)
	case cp.Size > c.report.Size:
		c.report.find(c.report.Size, "sequence %d to %d are missing: the outside checkpoint was signed at size %d", c.report.Size, cp.Size-1, cp.Size)
	default:
		c.kept = &cp
	}
}
