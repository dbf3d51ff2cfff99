package boltlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"
)

// Copy is a verbatim copy of somebody else's ledger, in the same format and
// under the same name as the writer's own file, without the signing key. It is
// safe for concurrent use. It implements ledger.Reader and tlog.HashReader.
//
// It believes the key in the first record it is given, or the one in <file>.pub
// where that was put there before, and takes the records for the writer's as
// far as the writer has signed them; see Checkpoint. Once the writer has shown
// two histories the copy keeps the first and refuses everything, after a
// restart too, until an operator moves <file>.copy with the evidence away.
type Copy struct {
	*store
	writing sync.Mutex // held for the whole of a call that may write
	memo    memo
}

// OpenCopy opens the copy in dir, or creates an empty one. It checks the
// records since the last checkpoint; the whole copy is checked by VerifyAll.
// Errors: unavailable, conflict (open elsewhere, or the writer's own file),
// invalid (name, newer format), internal (damaged).
func OpenCopy(dir, writer string, epoch uint64) (*Copy, error) {
	n := Name{Dir: dir, Writer: writer, Epoch: epoch}
	if !ledger.IsWriter(writer) || epoch == 0 || epoch > ledger.MaxSeq {
		return nil, errs.New(errs.Invalid, fmt.Sprintf("There is no ledger of %.60q, epoch %d, to copy.", writer, epoch), "")
	}
	if err := ensureCopy(n); err != nil {
		return nil, err
	}
	db, err := openBolt(n, defaultWait)
	if err != nil {
		return nil, err
	}
	c, err := startCopy(n, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return c, nil
}

// ensureCopy makes an empty file unless there is one.
func ensureCopy(n Name) error {
	if err := os.MkdirAll(n.Dir, dirMode); err != nil {
		return notWritable(n.Dir, err)
	}
	lock, err := lockDir(n.Dir, defaultWait)
	if err != nil {
		return notWritable(n.Dir, err)
	}
	defer lock.Close()
	if _, err := os.Stat(n.keyPath()); !errors.Is(err, os.ErrNotExist) {
		return errs.Wrap(err, errs.Conflict,
			fmt.Sprintf("The ledger %s is written here, its signing key lies beside it: it cannot be a copy.", n.Path()),
			"Give the copies a folder of their own, and this machine a name that no other has.")
	}
	_, err = os.Stat(n.Path())
	if errors.Is(err, os.ErrNotExist) {
		return makeFile(n, func(*bbolt.Tx) error { return nil })
	}
	if err != nil {
		return notReadable(n.Path(), err)
	}
	return nil
}

// startCopy checks the locked file.
func startCopy(n Name, db *bbolt.DB) (*Copy, error) {
	c := &Copy{store: newStore(n, db), memo: memo{path: n.copyPath()}}
	var torn error
	err := c.inspect(func(at snapshot) error {
		torn = at.torn
		return c.take(at)
	})
	if err == nil {
		err = c.memo.load(c.verifier, c.size)
	}
	if err == nil && torn != nil {
		err = c.repair(torn)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// take loads what the file holds. Without a checkpoint, all of it is the tail.
func (c *Copy) take(at snapshot) error {
	if at.Size() == 0 {
		return nil
	}
	opening, err := at.openingOf(c.name)
	if err != nil {
		return err
	}
	v, err := note.NewVerifier(opening.Key)
	if err != nil {
		return damaged(c.name.Path(), 0, err)
	}
	last, err := at.lastCheckpoint()
	if err != nil && !errors.Is(err, errUnsigned) {
		return damaged(c.name.Path(), 0, err)
	}
	return c.load(at, v, last)
}

// repair writes a damaged meta page anew; see Log.repair. What the last commit
// may have lost, the writer still has.
func (c *Copy) repair(torn error) error {
	if err := c.write(c.begin()); err != nil {
		return notWritable(c.name.Dir, err)
	}
	c.alarm = errs.Wrap(torn, errs.Internal,
		fmt.Sprintf("The copy %s was repaired: what follows its %d records has to be sent again.", c.name.Path(), c.size),
		"If there was no power cut, check the disk.")
	return nil
}

// Forked tells why the copy refuses everything: the writer has shown two
// histories. nil when it has not. Errors: conflict (ledger.ErrFork).
func (c *Copy) Forked() error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.memo.forked()
}

// Ahead is the largest size the writer is known to have signed and the copy
// has not reached; 0 when there is none. Those records exist, or did once.
func (c *Copy) Ahead() uint64 {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.memo.ahead()
}

// Close closes the file. It returns the error the copy died of, if it did.
func (c *Copy) Close() error {
	c.writing.Lock()
	defer c.writing.Unlock()
	select {
	case <-c.ended:
	default:
		close(c.ended)
	}
	return c.shut()
}

// ready tells whether the copy may take anything.
func (c *Copy) ready(ctx context.Context) error {
	select {
	case <-c.ended:
		return c.gone()
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.memo.forked()
}

// apply writes next. When that fails the copy is dead.
func (c *Copy) apply(next change) error {
	if err := c.write(next); err != nil {
		c.fail(stopped(err))
		close(c.ended)
		return c.Err()
	}
	c.memo.pass(next.edge.Size())
	return nil
}
