package boltlog

import (
	"bytes"
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/note"
)

// Append copies leaves, the exact bytes the writer stored from sequence from
// on: 1 to ledger.MaxEntries of them, in one commit. Leaves that are here
// already are compared. It returns the durable size, beside an error too.
//
// Errors: invalid (not leaves of this ledger in this order), conflict
// (ledger.ErrGap when from is above the size: send again from there;
// ledger.ErrFork when another leaf stands in a place, or a checkpoint seen
// before does not fit), internal (the copy is damaged), that of ctx: nothing
// was stored. Unavailable: the leaves may or may not be on disk, and the copy
// is dead.
func (c *Copy) Append(ctx context.Context, from uint64, leaves [][]byte) (size uint64, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.ready(ctx); err != nil {
		return c.Size(), err
	}
	size = c.Size()
	if from > size {
		return size, gap(c.name, size, fmt.Sprintf("record %d", from))
	}
	if err := check(from, leaves); err != nil {
		return size, err
	}
	here := min(size-from, uint64(len(leaves)))
	if err := c.compare(ctx, from, leaves[:here]); err != nil {
		return size, err
	}
	if leaves = leaves[here:]; len(leaves) > 0 {
		err = c.grow(leaves)
	}
	return c.Size(), err
}

// check decodes leaves, which must carry the sequences from from on.
func check(from uint64, leaves [][]byte) error {
	if len(leaves) == 0 || len(leaves) > ledger.MaxEntries {
		return errs.New(errs.Invalid, "One call copies 1 to 256 records.", "")
	}
	for i, leaf := range leaves {
		r, err := ledger.Decode(leaf)
		if err != nil {
			return err
		}
		if want := from + uint64(i); r.Seq != want {
			return errs.New(errs.Invalid, fmt.Sprintf("Record %d was sent as record %d.", r.Seq, want), "")
		}
	}
	return nil
}

// compare looks whether the leaves from from on are those that are here.
func (c *Copy) compare(ctx context.Context, from uint64, leaves [][]byte) error {
	return c.each(ctx, from, from+uint64(len(leaves)), func(e element, seq uint64) error {
		r, err := genuine(e, seq)
		if err != nil {
			return damaged(c.name.Path(), seq, err)
		}
		if sent := leaves[seq-from]; !bytes.Equal(r.Leaf, sent) {
			return c.memo.keep(fork{Seq: seq, What: fmt.Sprintf("another record %d was sent", seq), Sent: string(sent)})
		}
		return nil
	})
}

// grow adds leaves that continue the copy, and files the checkpoints that were
// held for the sizes on the way.
func (c *Copy) grow(leaves [][]byte) error {
	next := c.begin()
	if next.edge.Size() == 0 {
		if err := c.open(leaves[0]); err != nil {
			return err
		}
	}
	for _, leaf := range leaves {
		next.add(append(next.room(len(leaf)), leaf...))
		h, ok := c.memo.at(next.edge.Size())
		if ok && h.Root != next.edge.Root() {
			return c.memo.keep(h.unfit())
		}
		if ok {
			next.file(signed{h.Size, []byte(h.note)})
		}
	}
	return c.apply(next)
}

// open takes the opening of the epoch, whose key signs the checkpoints. The
// key is put beside the file before the first record is: from then on nobody
// else can open this epoch here.
func (c *Copy) open(leaf []byte) error {
	r, err := ledger.Decode(leaf)
	if err != nil {
		return err
	}
	o, err := ledger.ReadOpening(r)
	if err != nil {
		return err
	}
	v, err := note.NewVerifier(o.Key)
	if err != nil || o.Writer != c.name.Writer || o.Epoch != c.name.Epoch || v.Name() != ledger.Origin(o.Writer, o.Epoch) {
		return errs.Wrap(err, errs.Invalid,
			fmt.Sprintf("Record 0 does not open the ledger of %s, epoch %d, with a key of its own.", c.name.Writer, c.name.Epoch), "")
	}
	known, err := readSmall(c.name.pubPath(), maxKey)
	switch {
	case err != nil:
		return notReadable(c.name.pubPath(), err)
	case known == nil:
		err = writeFile(c.name.pubPath(), []byte(o.Key+"\n"), publicMode)
	case string(bytes.TrimSpace(known)) != o.Key:
		return c.memo.keep(fork{What: "another key opened this epoch before", Sent: string(leaf)})
	}
	if err != nil {
		return notWritable(c.name.Dir, err)
	}
	c.mu.Lock()
	c.verifier = v
	c.mu.Unlock()
	return nil
}

// gap asks the sender to begin where the copy ends. what is what was sent.
func gap(n Name, size uint64, what string) error {
	return errs.Wrap(ledger.ErrGap, errs.Conflict,
		fmt.Sprintf("The copy of the ledger of %s, epoch %d, has %d records and cannot go on with %s.", n.Writer, n.Epoch, size, what),
		fmt.Sprintf("Send again from record %d.", size))
}
