package boltlog

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// VerifyOptions say what a ledger is compared with. Who can write the ledger's
// directory can replace the key beside it, so only a key or a checkpoint kept
// elsewhere shows that a whole ledger was swapped or its end cut off.
type VerifyOptions struct {
	Key        string                    // note verifier key; "" for the one beside the file, else the one in record 0
	Checkpoint []byte                    // a signed note kept elsewhere; nil for none
	Each       func(ledger.Record) error // called for every good record; may be nil
	Progress   func(done, total uint64)  // called now and then; may be nil
}

// step is taken after each record.
func (o VerifyOptions) step(ctx context.Context, r ledger.Record, good bool, total uint64) error {
	if o.Progress != nil && r.Seq%4096 == 0 {
		o.Progress(r.Seq, total)
	}
	if good && o.Each != nil {
		return o.Each(r)
	}
	return ctx.Err()
}

// Verify rebuilds the tree of a closed ledger and compares everything in the
// file with it. Damage is in the report; an error means that it could not be
// told. Errors: unavailable, conflict (open elsewhere), those of ctx and Each.
func Verify(ctx context.Context, path string, o VerifyOptions) (Report, error) {
	f, err := openShared(path)
	if err != nil {
		return Report{Path: path}, err
	}
	defer f.Close()
	if o.Key == "" {
		// A missing file is no fault here: record 0 names the key too.
		o.Key, _ = readKey(path + ".pub")
	}
	return verify(ctx, f, path, o)
}

func verify(ctx context.Context, r source, path string, o VerifyOptions) (Report, error) {
	report := Report{Path: path}
	s, err := newSnapshot(r, path)
	if err != nil {
		report.find(0, "sequence 0 and all after it cannot be read: %v", err)
		return report, ctx.Err()
	}
	report.Size = s.Size()
	if s.torn != nil {
		report.find(report.Size, "sequence %d and all after it may be missing: %v", report.Size, s.torn)
	}
	opening, err := s.opening()
	if err != nil {
		report.find(0, "sequence 0 does not open an epoch: %v", err)
	}
	report.Writer, report.Epoch = opening.Writer, opening.Epoch
	c := &checker{report: &report, roots: map[uint64]tlog.Hash{}}
	if !c.pickKey(cmp.Or(o.Key, opening.Key), opening) {
		return report, ctx.Err()
	}
	c.outside(o.Checkpoint)
	if err := s.checkAll(ctx, c, o); err != nil {
		return report, err
	}
	report.Previous = checkPrevious(&report, opening, filepath.Dir(path))
	if report.OK() {
		report.Root = c.edge.Root()
	}
	return report, nil
}

// checkAll walks the whole file.
func (s snapshot) checkAll(ctx context.Context, c *checker, o VerifyOptions) error {
	if err := s.checkAbout(); err != nil {
		c.report.find(0, "sequence 0 and all after it: what the file says of itself is damaged: %v", err)
	}
	last := uint64(0)
	err := s.pages.walk(s.checkpoints, nil, func(e element) error {
		c.checkpoint(e)
		if len(e.key) == 8 {
			last = binary.BigEndian.Uint64(e.key)
		}
		return nil
	})
	if err != nil {
		c.report.find(last, "checkpoint after size %d cannot be read: %v", last, err)
	}
	if last == 0 {
		c.report.find(0, "sequence 0 and all after it are not signed: the ledger has no checkpoint")
	}
	if err := s.checkRecords(ctx, c, o); err != nil {
		return err
	}
	if err := s.pages.audit(); err != nil && c.report.OK() {
		c.report.find(c.report.Size, "sequence %d and all after it could be written over others: %v", c.report.Size, err)
	}
	return nil
}

func (s snapshot) checkRecords(ctx context.Context, c *checker, o VerifyOptions) error {
	next, size := uint64(0), s.Size()
	var stop error
	err := s.pages.walk(s.records, nil, func(e element) error {
		if next >= size {
			return fmt.Errorf("the ledger should end at %d records", size)
		}
		r, good, err := c.record(e, next)
		if err != nil {
			return err
		}
		next++
		stop = o.step(ctx, r, good, size)
		return stop
	})
	switch {
	case stop != nil:
		return stop
	case err != nil:
		c.report.find(next, "sequence %d and all after it cannot be read: %v", next, err)
	case next < size:
		c.report.find(next, "sequence %d to %d are missing", next, size-1)
	}
	return nil
}

// checkAbout walks the bucket that newSnapshot has read one entry of.
func (s snapshot) checkAbout() error {
	entries := 0
	err := s.pages.walk(s.about, nil, func(e element) error {
		entries++
		if e.flags != 0 || string(e.key) != formatKey {
			return fmt.Errorf("unknown entry %.40q", e.key)
		}
		return nil
	})
	if err == nil && entries != 1 {
		err = errors.New("entries are missing")
	}
	return err
}
