package boltlog

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"golang.org/x/mod/sumdb/tlog"
)

const maxFindings = 20

// Finding is one thing that is wrong with a ledger.
type Finding struct {
	Seq  uint64 // the first sequence that cannot be relied upon because of it
	What string // a sentence that names the sequence, or the checkpoint's size
}

// Report is the outcome of a verification.
type Report struct {
	Path        string
	Writer      string
	Epoch       uint64
	Size        uint64    // records the ledger says it has
	Good        uint64    // records that were read and match their hashes
	Root        tlog.Hash // of the tree rebuilt, when nothing was found
	Checkpoints int       // signed checkpoints that hold
	Signed      uint64    // size of the newest that holds
	Previous    string    // what was found out about the epoch before
	Findings    []Finding // in no particular order, at most 20
	More        int       // findings beyond those
}

// OK tells whether nothing is wrong.
func (r Report) OK() bool { return len(r.Findings) == 0 }

// First is the finding with the lowest sequence.
func (r Report) First() Finding {
	first := r.Findings[0]
	for _, f := range r.Findings[1:] {
		if f.Seq < first.Seq {
			first = f
		}
	}
	return first
}

// Err is nil, or says where the ledger is damaged. Errors: internal.
func (r Report) Err() error {
	if r.OK() {
		return nil
	}
	first := r.First()
	return errs.New(errs.Internal,
		fmt.Sprintf("The ledger %s is damaged from sequence %d on: %s", r.Path, first.Seq, first.What),
		"Keep the file as it is, tell the head of the school, then restore a backup or start a new epoch.")
}

func (r *Report) find(seq uint64, format string, args ...any) {
	if len(r.Findings) == maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, Finding{seq, fmt.Sprintf(format, args...)})
}
