package boltlog

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/note"
)

const (
	maxHeld = 16        // checkpoints a copy keeps until it gets there
	maxMemo = 512 << 10 // bytes of its file
)

// memo is what a copy remembers that is no part of the ledger: checkpoints it
// has not reached yet, and how the writer contradicted itself. It lies beside
// the copy in <file>.copy, as JSON.
type memo struct {
	path string
	held []held // by size
	fork *fork
}

// held is a checkpoint whose signature was good.
type held struct {
	ledger.Checkpoint
	note string
}

func (h held) unfit() fork {
	return fork{Seq: h.Size - 1, What: fmt.Sprintf("the checkpoint at size %d does not fit", h.Size), Sent: h.note}
}

// fork is how a writer contradicted itself.
type fork struct {
	Seq  uint64 `json:"seq"`  // at which, or up to which
	What string `json:"what"` // a clause
	Sent string `json:"sent"` // the leaf or signed note that does not fit
}

type memoFile struct {
	Format string   `json:"format"`
	Held   []string `json:"held,omitempty"` // signed notes
	Fork   *fork    `json:"fork,omitempty"`
}

// load reads the file, if there is one, for a copy of so many records that are
// signed by v. Errors: unavailable, internal.
func (m *memo) load(v note.Verifier, size uint64) error {
	data, err := readSmall(m.path, maxMemo)
	if err != nil {
		return notReadable(m.path, err)
	}
	if data == nil {
		return nil
	}
	var f memoFile
	if err = json.Unmarshal(data, &f); err == nil && f.Format != format {
		err = fmt.Errorf("format is %.20q", f.Format)
	}
	if err == nil && v != nil {
		err = m.take(f.Held, v, size)
	}
	if err != nil {
		return errs.Wrap(err, errs.Internal, fmt.Sprintf("The file %s cannot be read.", m.path),
			"It may hold evidence against the ledger it lies beside: keep it, and move it away when that is clear.")
	}
	m.fork = f.Fork
	return nil
}

// take keeps those of the notes that the copy has not reached: the others were
// met in the commit that passed them.
func (m *memo) take(notes []string, v note.Verifier, size uint64) error {
	for _, n := range notes {
		c, err := ledger.OpenCheckpointOf([]byte(n), v)
		if err != nil {
			return err
		}
		if c.Size > size {
			m.held = append(m.held, held{c, n})
		}
	}
	return nil
}

func (m *memo) save() error {
	f := memoFile{Format: format, Fork: m.fork}
	for _, h := range m.held {
		f.Held = append(f.Held, h.note)
	}
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return writeFile(m.path, append(data, '\n'), fileMode)
}

// hold adds h. When there are too many, the last but one gives way: the
// smallest are met first, and the largest tells how far the writer was.
func (m *memo) hold(h held) error {
	before := m.held
	m.held = append(slices.Clone(before), h)
	slices.SortFunc(m.held, func(a, b held) int { return cmp.Compare(a.Size, b.Size) })
	if len(m.held) > maxHeld {
		m.held = slices.Delete(m.held, maxHeld-1, maxHeld)
	}
	if err := m.save(); err != nil {
		m.held = before
		return err
	}
	return nil
}

// at gives what is held for a size.
func (m *memo) at(size uint64) (held, bool) {
	for _, h := range m.held {
		if h.Size == size {
			return h, true
		}
	}
	return held{}, false
}

// pass forgets what a copy of so many records has met. The file may say more
// until it is next written.
func (m *memo) pass(size uint64) {
	m.held = slices.DeleteFunc(m.held, func(h held) bool { return h.Size <= size })
}

func (m *memo) ahead() uint64 {
	if len(m.held) == 0 {
		return 0
	}
	return m.held[len(m.held)-1].Size
}

// keep remembers a fork and gives the error for it. Where it cannot be written
// down the error says so too, and a restart has to find the fork again.
func (m *memo) keep(f fork) error {
	m.fork = &f
	if err := m.save(); err != nil {
		return errors.Join(m.forked(), err)
	}
	return m.forked()
}

// forked is the error of a copy that remembers a fork, or nil.
func (m *memo) forked() error {
	if m.fork == nil {
		return nil
	}
	return errs.Wrap(ledger.ErrFork, errs.Conflict,
		fmt.Sprintf("A ledger contradicts its copy: %s.", m.fork.What),
		fmt.Sprintf("Compare the copy with the writer's own file, find out who changed it, then begin a new epoch at the writer. "+
			"The evidence is in %s; this copy goes on only when that file is moved away.", m.path))
}
