package ledger

import (
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Levels is the number of hashes stored with the record at seq: its own, and
// that of every subtree the record completes.
func Levels(seq uint64) int { return 1 + bits.TrailingZeros64(seq+1) }

// Edge is the right edge of a Merkle tree: the roots of its complete subtrees,
// largest first. It is all one needs to add records and to tell the root, so
// an append reads nothing. The zero value is the edge of the empty tree.
type Edge struct {
	size  uint64
	roots []tlog.Hash
	added []tlog.Hash
}

// LoadEdge builds the edge of the first size records. stored gives one of the
// Levels(seq) hashes kept with record seq, level 0 first.
func LoadEdge(size uint64, stored func(seq uint64, level int) (tlog.Hash, error)) (Edge, error) {
	e := Edge{size: size}
	end := uint64(0)
	for level := bits.Len64(size) - 1; level >= 0; level-- {
		if size&(1<<level) == 0 {
			continue
		}
		end += 1 << level
		h, err := stored(end-1, level)
		if err != nil {
			return Edge{}, err
		}
		e.roots = append(e.roots, h)
	}
	return e, nil
}

// Size is the number of records.
func (e *Edge) Size() uint64 { return e.size }

// Clone gives an edge that can be added to without changing e.
func (e *Edge) Clone() Edge { return Edge{size: e.size, roots: slices.Clone(e.roots)} }

// Add appends a record's hash and returns the hashes to store with that
// record, level 0 first. The result is good until the next call.
func (e *Edge) Add(record tlog.Hash) []tlog.Hash {
	e.added = append(e.added[:0], record)
	for range Levels(e.size) - 1 {
		left := e.roots[len(e.roots)-1]
		e.roots = e.roots[:len(e.roots)-1]
		record = tlog.NodeHash(left, record)
		e.added = append(e.added, record)
	}
	e.roots = append(e.roots, record)
	e.size++
	return e.added
}

// Root is the root hash of the tree.
func (e *Edge) Root() tlog.Hash {
	if e.size == 0 {
		h, _ := tlog.TreeHash(0, nil) // reads nothing and cannot fail
		return h
	}
	root := e.roots[len(e.roots)-1]
	for i := len(e.roots) - 2; i >= 0; i-- {
		root = tlog.NodeHash(e.roots[i], root)
	}
	return root
}
