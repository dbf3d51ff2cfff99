package boltlog

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkTail rebuilds the tree from a signed checkpoint on, or from the first
// record when last is none, and returns the edge of the whole tree.
// Errors: internal (damaged).
func (s snapshot) checkTail(path string, v note.Verifier, last signed) (ledger.Edge, error) {
	if last.size > s.Size() {
		err := fmt.Errorf("%d records were signed, %d are there", last.size, s.Size())
		return ledger.Edge{}, damaged(path, s.Size(), err)
	}
	edge, err := s.signedEdge(last, v)
	if err != nil {
		return ledger.Edge{}, damaged(path, last.size, err)
	}
	next := last.size
	err = s.pages.walk(s.records, key(next), func(e element) error {
		if next == s.Size() {
			return fmt.Errorf("the ledger should end at %d records", next)
		}
		if err := addChecked(&edge, e, next); err != nil {
			return err
		}
		next++
		return nil
	})
	if err == nil && next != s.Size() {
		err = errors.New("record is missing")
	}
	if err != nil {
		return ledger.Edge{}, damaged(path, next, err)
	}
	return edge, nil
}

// signedEdge loads the edge at a checkpoint and compares it with what was
// signed.
func (s snapshot) signedEdge(last signed, v note.Verifier) (ledger.Edge, error) {
	if last.note == nil {
		return ledger.Edge{}, nil
	}
	c, err := ledger.OpenCheckpoint(last.note, v)
	if err != nil {
		return ledger.Edge{}, err
	}
	if c.Size != last.size || c.Origin != v.Name() {
		return ledger.Edge{}, errors.New("checkpoint is filed in the wrong place")
	}
	edge, err := ledger.LoadEdge(c.Size, s.storedHash)
	if err == nil && edge.Root() != c.Root {
		err = errors.New("records do not add up to what was signed")
	}
	return edge, err
}

// addChecked puts record seq on the edge if its hashes are right.
func addChecked(edge *ledger.Edge, e element, seq uint64) error {
	if _, err := decode(e, seq); err != nil {
		return err
	}
	hashes, leaf, err := split(e, seq)
	if err != nil {
		return err
	}
	for _, h := range edge.Add(tlog.RecordHash(leaf)) {
		if !bytes.Equal(hashes[:tlog.HashSize], h[:]) {
			return errors.New("record does not match its hash")
		}
		hashes = hashes[tlog.HashSize:]
	}
	return nil
}
