package boltlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

// Successor says how a new epoch begins.
type Successor struct {
	By  string // who starts it: a staff id or a program, no pupil
	Why string
	// Epoch is its number; 0 for one more than the newest here. A replaced
	// bank has no file of its past and must name both Epoch and Previous.
	Epoch uint64
	// Previous is the last known signed checkpoint of the epoch before; nil
	// to take it from the newest ledger here.
	Previous []byte
	// Entries stand right behind the opening, in the same commit: the new epoch
	// either begins with all of them or is not there.
	Entries []ledger.Entry
}

// NewEpoch starts the writer's next ledger in dir. The one before is closed
// with a last checkpoint when it is sound, and left exactly as it is when it
// is not; its newest readable checkpoint is then what the new epoch names.
// Open opens the new one from now on.
// Errors: invalid, unavailable, conflict (open elsewhere, or an epoch number
// that is not newer).
func NewEpoch(dir string, o Options, next Successor) (Name, error) {
	o = o.filled()
	last, err := newest(dir, o.Writer)
	if err != nil {
		return Name{}, notReadable(dir, err)
	}
	if last.Epoch > 0 && next.Previous == nil {
		if next.Previous, err = seal(last, o); err != nil {
			return Name{}, err
		}
	}
	if next.Epoch == 0 {
		next.Epoch = last.Epoch + 1
	}
	lock, err := lockDir(dir, o.Wait)
	if err != nil {
		return Name{}, notWritable(dir, err)
	}
	defer lock.Close()
	// Whoever was quicker has made a newer epoch by now.
	if last, err = newest(dir, o.Writer); err != nil {
		return Name{}, notReadable(dir, err)
	}
	if next.Epoch <= last.Epoch {
		return Name{}, errs.New(errs.Conflict,
			fmt.Sprintf("The ledger of %s is already in epoch %d.", o.Writer, last.Epoch),
			"Name a later epoch, or none to take the next one.")
	}
	name := Name{Dir: dir, Writer: o.Writer, Epoch: next.Epoch}
	opening := ledger.Opening{Previous: string(next.Previous), By: next.By, Why: next.Why}
	return name, create(name, opening, o.Stamp(), next.Entries...)
}

// seal gives the last checkpoint of a ledger.
func seal(n Name, o Options) ([]byte, error) {
	l, err := openNamed(n, o)
	switch errs.CodeOf(err) {
	case "":
		note, err := l.Checkpoint(context.Background())
		return note, errors.Join(err, l.Close())
	case errs.Conflict:
		return nil, err
	}
	f, err := OpenFile(n.Path())
	if err != nil {
		return nil, nil // nothing to name: the opening record shows it
	}
	note, err := f.LastCheckpoint()
	if err != nil {
		note = nil
	}
	return bytes.Clone(note), f.Close()
}
