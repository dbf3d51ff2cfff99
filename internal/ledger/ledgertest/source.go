package ledgertest

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// fataler is what tests and rapid's checks have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

// Source is the writer's side of a ledger that others copy: leaves, tree and
// signatures in memory. It implements tlog.HashReader.
type Source struct {
	Writer string
	Epoch  uint64
	Key    string   // note verifier key
	Leaves [][]byte // the opening first

	signer note.Signer
	edge   ledger.Edge
	roots  []tlog.Hash // by size, from 1
	hashes []tlog.Hash
}

// NewSource opens an epoch of writer with a fresh key and records test entries
// until there are size leaves.
func NewSource(t fataler, writer string, epoch uint64, size int) *Source {
	t.Helper()
	private, public, err := note.GenerateKey(nil, ledger.Origin(writer, epoch))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	s := &Source{Writer: writer, Epoch: epoch, Key: public, signer: signer}
	opening, err := ledger.Opening{Writer: writer, Epoch: epoch, Key: public, By: "test", Why: "to be copied"}.Entry(ledger.Stamp{})
	if err != nil {
		t.Fatal(err)
	}
	s.Add(t, opening)
	for n := 1; n < size; n++ {
		s.Add(t, Entry(n))
	}
	return s
}

// Add records e.
func (s *Source) Add(t fataler, e ledger.Entry) {
	t.Helper()
	leaf, err := ledger.Encode(s.edge.Size(), e)
	if err != nil {
		t.Fatal(err)
	}
	s.Leaves = append(s.Leaves, leaf)
	s.hashes = append(s.hashes, s.edge.Add(tlog.RecordHash(leaf))...)
	s.roots = append(s.roots, s.edge.Root())
}

// Fork gives a second history of the same writer, with the same key: equal up
// to record seq, which is another one.
func (s *Source) Fork(t fataler, seq int) *Source {
	t.Helper()
	other := &Source{Writer: s.Writer, Epoch: s.Epoch, Key: s.Key, signer: s.signer}
	for i, leaf := range s.Leaves {
		r, err := ledger.Decode(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if i == seq {
			r.Entry = Entry(1000000 + i)
		}
		other.Add(t, r.Entry)
	}
	return other
}

// Batch gives up to n leaves from from on, the caller's own.
func (s *Source) Batch(from, n int) [][]byte {
	from = min(from, len(s.Leaves))
	var batch [][]byte
	for _, leaf := range s.Leaves[from:min(from+n, len(s.Leaves))] {
		batch = append(batch, slices.Clone(leaf))
	}
	return batch
}

// Root is the root of the first size records.
func (s *Source) Root(size int) tlog.Hash { return s.roots[size-1] }

// Checkpoint signs the first size records.
func (s *Source) Checkpoint(t fataler, size int) []byte {
	t.Helper()
	return s.Sign(t, ledger.Checkpoint{Origin: s.signer.Name(), Size: uint64(size), Root: s.Root(size)})
}

// Sign signs whatever c says.
func (s *Source) Sign(t fataler, c ledger.Checkpoint) []byte {
	t.Helper()
	signed, err := c.Sign(s.signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// ReadHashes gives stored hashes for proofs.
func (s *Source) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		hashes[i] = s.hashes[at]
	}
	return hashes, nil
}
