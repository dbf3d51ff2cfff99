package boltlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const maxDepth = 32 // levels of a B+ tree; a sound one of this kind has five

// pages reads a bbolt file at rest without trusting a byte of it. A ledger's
// file is only ever appended to, so nearly every field of a page is determined
// by the others, and is compared.
type pages struct {
	r    io.ReaderAt
	meta meta
	seen []bool // by page, when walking whole trees
}

func newPages(r io.ReaderAt, m meta, size int64) (*pages, error) {
	if m.pageSize < minPage || m.pageSize > maxPage {
		return nil, errors.New("page size is impossible")
	}
	return &pages{r: r, meta: m, seen: make([]bool, min(m.pages, uint64(size)/m.pageSize))}, nil
}

// have is the number of pages that are really there.
func (p *pages) have() uint64 { return uint64(len(p.seen)) }

// page is one page with its overflow, checked as far as its header goes.
type page struct {
	id    uint64
	flags uint16
	count int
	data  []byte // header included
}

func (p *pages) read(id uint64) (page, error) {
	if id < 2 || id >= p.have() {
		return page{}, fmt.Errorf("page %d is not there", id)
	}
	data := make([]byte, p.meta.pageSize)
	if err := p.fill(data, id); err != nil {
		return page{}, err
	}
	overflow := uint64(order.Uint32(data[12:]))
	if order.Uint64(data) != id || id+overflow >= p.have() {
		return page{}, fmt.Errorf("page %d has a damaged header", id)
	}
	if overflow > 0 {
		data = append(data, make([]byte, overflow*p.meta.pageSize)...)
		if err := p.fill(data[p.meta.pageSize:], id+1); err != nil {
			return page{}, err
		}
	}
	return page{id, order.Uint16(data[8:]), int(order.Uint16(data[10:])), data}, nil
}

func (p *pages) fill(b []byte, id uint64) error {
	if n, err := p.r.ReadAt(b, int64(id*p.meta.pageSize)); n < len(b) {
		return fmt.Errorf("page %d cannot be read: %w", id, err)
	}
	return nil
}

// mark notes that pg was met in a tree; each page may be met once.
func (p *pages) mark(pg page) error {
	for id := pg.id; id < pg.id+uint64(len(pg.data))/p.meta.pageSize; id++ {
		if p.seen[id] {
			return fmt.Errorf("page %d is used twice", id)
		}
		p.seen[id] = true
	}
	return nil
}

// element is one entry of a branch page (child) or a leaf page (value, flags).
type element struct {
	key, value []byte
	flags      uint32
	child      uint64
}

// elements reads the entries of a branch or leaf page, which bbolt packs
// behind their table without gaps. Beside an error it returns what came
// before the damage.
func (pg page) elements() ([]element, error) {
	if pg.flags != branchPage && pg.flags != leafPage {
		return nil, fmt.Errorf("page %d is neither branch nor leaf", pg.id)
	}
	next := pageHeader + pg.count*elementLen
	if next > len(pg.data) {
		return nil, fmt.Errorf("page %d counts more entries than it can hold", pg.id)
	}
	all := make([]element, 0, pg.count)
	for i := range pg.count {
		at := pageHeader + i*elementLen
		e, end, err := pg.element(at, next)
		if err == nil && i > 0 && bytes.Compare(all[i-1].key, e.key) >= 0 {
			err = errors.New("keys are out of order")
		}
		if err != nil {
			return all, fmt.Errorf("page %d, entry %d: %w", pg.id, i, err)
		}
		all, next = append(all, e), end
	}
	return all, nil
}

// element reads the entry whose table row is at at and whose bytes must begin
// at start; it returns where they end.
func (pg page) element(at, start int) (e element, end int, err error) {
	row := pg.data[at : at+elementLen]
	var pos, keyLen, valueLen uint32
	if pg.flags == branchPage {
		pos, keyLen, e.child = order.Uint32(row), order.Uint32(row[4:]), order.Uint64(row[8:])
	} else {
		e.flags, pos, keyLen, valueLen = order.Uint32(row), order.Uint32(row[4:]), order.Uint32(row[8:]), order.Uint32(row[12:])
	}
	room := uint64(len(pg.data) - start)
	if uint64(at)+uint64(pos) != uint64(start) || keyLen == 0 || uint64(keyLen)+uint64(valueLen) > room {
		return e, 0, errors.New("impossible position or length")
	}
	middle := start + int(keyLen)
	end = middle + int(valueLen)
	e.key, e.value = pg.data[start:middle:middle], pg.data[middle:end:end]
	return e, end, nil
}
