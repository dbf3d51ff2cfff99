package boltlog

import (
	"bytes"
	"errors"
	"fmt"
)

// bucket is one of the three top-level buckets.
type bucket struct {
	root     uint64
	inline   []byte // the only page, when it is stored in the bucket's entry
	sequence uint64
}

// buckets reads the root bucket, in which nothing but the three may be.
func (p *pages) buckets() (map[string]bucket, error) {
	found := map[string]bucket{}
	err := p.walk(bucket{root: p.meta.root}, nil, func(e element) error {
		if e.flags != bucketElement || len(e.value) < 16 {
			return fmt.Errorf("%.40q is no bucket", e.key)
		}
		b := bucket{root: order.Uint64(e.value), sequence: order.Uint64(e.value[8:])}
		if b.root == 0 {
			b.inline = e.value[16:]
		} else if len(e.value) != 16 {
			return fmt.Errorf("bucket %.40q has a damaged head", e.key)
		}
		found[string(e.key)] = b
		return nil
	})
	for _, name := range []string{aboutBucket, recordBucket, signedBucket} {
		if _, ok := found[name]; !ok && err == nil {
			err = fmt.Errorf("bucket %s is missing", name)
		}
	}
	if err == nil && len(found) != 3 {
		err = errors.New("the file has buckets that no ledger has")
	}
	return found, err
}

// walk calls fn for the entries of b with keys from from on, in order. When
// from is nil it sees the whole tree and marks its pages.
func (p *pages) walk(b bucket, from []byte, fn func(element) error) error {
	if b.inline != nil {
		if len(b.inline) < pageHeader || order.Uint64(b.inline) != 0 || order.Uint16(b.inline[8:]) != leafPage || order.Uint32(b.inline[12:]) != 0 {
			return errors.New("inline page has a damaged header")
		}
		all, bad := page{0, leafPage, int(order.Uint16(b.inline[10:])), b.inline}.elements()
		return visit(all, bad, from, fn)
	}
	return p.subtree(b.root, nil, from, maxDepth, fn)
}

// subtree walks the tree under page id, whose smallest key its parent says is
// first.
func (p *pages) subtree(id uint64, first, from []byte, depth int, fn func(element) error) error {
	pg, err := p.read(id)
	if err != nil {
		return err
	}
	if from == nil {
		if err := p.mark(pg); err != nil {
			return err
		}
	}
	all, bad := pg.elements()
	if len(all) > 0 && first != nil && !bytes.Equal(first, all[0].key) {
		return fmt.Errorf("page %d does not begin with the key its parent names", id)
	}
	if len(all) == 0 && bad == nil && (first != nil || pg.flags == branchPage) {
		return fmt.Errorf("page %d is empty", id)
	}
	if pg.flags == leafPage {
		return visit(all, bad, from, fn)
	}
	if depth == 0 {
		return errors.New("the tree of pages is too deep")
	}
	for i, e := range all {
		if i+1 < len(all) && bytes.Compare(all[i+1].key, from) <= 0 {
			continue // all of it lies before from
		}
		if err := p.subtree(e.child, e.key, from, depth-1, fn); err != nil {
			return err
		}
	}
	return bad
}

// visit calls fn for a leaf page's entries from from on, then reports what
// was damaged behind them.
func visit(all []element, bad error, from []byte, fn func(element) error) error {
	for _, e := range all {
		if bytes.Compare(e.key, from) < 0 {
			continue
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return bad
}

// errStop ends a walk early.
var errStop = errors.New("stop")

// get finds one entry.
func (p *pages) get(b bucket, key []byte) (value []byte, err error) {
	err = p.walk(b, key, func(e element) error {
		if bytes.Equal(e.key, key) {
			value = e.value
		}
		return errStop
	})
	switch {
	case value != nil:
		return value, nil
	case err == nil || err == errStop:
		return nil, errors.New("entry is missing")
	}
	return nil, err
}

// audit checks that every page is used by exactly one tree or free. The three
// buckets and the root must have been walked before.
func (p *pages) audit() error {
	pg, err := p.read(p.meta.freelist)
	if err != nil {
		return err
	}
	if err := p.mark(pg); err != nil {
		return err
	}
	if pg.flags != freelistPage {
		return fmt.Errorf("page %d is not the list of free pages", pg.id)
	}
	count, at := uint64(pg.count), pageHeader
	if pg.count == 0xFFFF { // too many for the header: the first entry counts them
		count, at = order.Uint64(pg.data[at:]), at+8
	}
	if count > uint64(len(pg.data)-at)/8 {
		return errors.New("the list of free pages is longer than its page")
	}
	for last := uint64(1); count > 0; count, at = count-1, at+8 {
		id := order.Uint64(pg.data[at:])
		if id <= last || id >= p.have() || p.seen[id] {
			return fmt.Errorf("page %d cannot be free", id)
		}
		p.seen[id], last = true, id
	}
	for id := uint64(2); id < p.have(); id++ {
		if !p.seen[id] {
			return fmt.Errorf("page %d is neither used nor free", id)
		}
	}
	if p.have() < p.meta.pages {
		return fmt.Errorf("the file is cut short after page %d", p.have()-1)
	}
	return nil
}
