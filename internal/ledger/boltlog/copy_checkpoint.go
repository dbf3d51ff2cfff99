package boltlog

import (
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint takes a signed note of the writer. One that the copy has grown to
// must fit its records and is filed beside them; one that is ahead is kept,
// durably, until the copy gets there. It proves every record below it.
//
// Errors: invalid (not signed by the key of record 0), conflict (ledger.ErrGap
// as long as the copy has no record 0; ledger.ErrFork when it does not fit),
// internal (the copy is damaged), unavailable.
func (c *Copy) Checkpoint(signed []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.ready(context.Background()); err != nil {
		return err
	}
	v := c.key()
	if v == nil {
		return gap(c.name, 0, "a checkpoint")
	}
	cp, err := ledger.OpenCheckpointOf(signed, v)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, fmt.Sprintf("A checkpoint of %s is not signed as it must be.", v.Name()), "")
	}
	h := held{cp, string(signed)}
	if cp.Size > c.Size() {
		return c.hold(h)
	}
	return c.meet(h)
}

// hold keeps a checkpoint for later.
func (c *Copy) hold(h held) error {
	known, ok := c.memo.at(h.Size)
	switch {
	case ok && known.Root != h.Root:
		return c.memo.keep(h.unfit())
	case ok:
		return nil
	}
	if err := c.memo.hold(h); err != nil {
		return notWritable(c.name.Dir, err)
	}
	return nil
}

// meet compares a checkpoint with the records it covers and files it.
func (c *Copy) meet(h held) error {
	root, err := tlog.TreeHash(int64(h.Size), c)
	if err != nil {
		return err
	}
	if root != h.Root {
		return c.disagree(h)
	}
	filed := false
	err = c.view(func(tx *bbolt.Tx) error {
		filed = tx.Bucket([]byte(signedBucket)).Get(key(h.Size)) != nil
		return nil
	})
	if err != nil {
		return damaged(c.name.Path(), h.Size, err)
	}
	if filed {
		return nil
	}
	next := c.begin()
	next.file(signed{h.Size, []byte(h.note)})
	return c.apply(next)
}

// disagree finds out who is wrong when a checkpoint does not fit: a rotten disk
// here must not be laid at the writer's door.
func (c *Copy) disagree(h held) error {
	report, err := c.VerifyAll(context.Background(), VerifyOptions{})
	if err != nil {
		return err
	}
	if !report.OK() {
		return damaged(c.name.Path(), report.First().Seq, report.Err())
	}
	return c.memo.keep(h.unfit())
}
