package boltlog

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
)

// The parts of bbolt's file format that a careful reader needs, as bbolt
// v1.5.0 writes it (format version 2, the host's byte order). Every page begins with a header:
// id u64, flags u16, count u16, overflow u32. Pages 0 and 1 are meta pages; a
// transaction writes the one of its own parity last.
const (
	pageHeader = 16
	elementLen = 16

	branchPage   = 0x01
	leafPage     = 0x02
	metaPage     = 0x04
	freelistPage = 0x10

	bucketElement = 1

	boltMagic   = 0xED0CDAED
	boltVersion = 2
	metaLen     = 64
	metaSummed  = 56 // bytes the checksum covers
	minPage     = 1 << 10
	maxPage     = 1 << 16
)

var order = binary.NativeEndian

// meta is where a transaction left the roots.
type meta struct {
	pageSize uint64
	root     uint64 // page of the root bucket
	freelist uint64
	pages    uint64 // pages in use or free; those behind were never written
	tx       uint64
}

// parseMeta reads meta page id from its first bytes.
func parseMeta(b []byte, id uint64) (meta, error) {
	if len(b) < pageHeader+metaLen {
		return meta{}, errors.New("meta page is cut short")
	}
	h, m := b[:pageHeader], b[pageHeader:pageHeader+metaLen]
	sum := fnv.New64a()
	sum.Write(m[:metaSummed])
	switch {
	case order.Uint64(m[metaSummed:]) != sum.Sum64():
		return meta{}, errors.New("meta page has a wrong checksum")
	case order.Uint32(m) != boltMagic || order.Uint32(m[4:]) != boltVersion:
		return meta{}, errors.New("meta page belongs to another kind of file")
	case order.Uint64(h) != id || order.Uint16(h[8:]) != metaPage || order.Uint16(h[10:]) != 0 || order.Uint32(h[12:]) != 0:
		return meta{}, errors.New("meta page has a damaged header")
	}
	return meta{
		pageSize: uint64(order.Uint32(m[8:])),
		root:     order.Uint64(m[16:]),
		freelist: order.Uint64(m[32:]),
		pages:    order.Uint64(m[40:]),
		tx:       order.Uint64(m[48:]),
	}, nil
}

// readMeta gives the newer of the good meta pages, and for each of the two
// what is wrong with it.
func readMeta(r io.ReaderAt) (best meta, wrong [2]error) {
	head := func(at int64) []byte {
		b := make([]byte, pageHeader+metaLen)
		n, _ := r.ReadAt(b, at)
		return b[:n]
	}
	first, err := parseMeta(head(0), 0)
	wrong[0] = err
	if err == nil {
		best = first
		second, err := parseMeta(head(int64(first.pageSize)), 1)
		if wrong[1] = err; err == nil && second.tx > first.tx {
			best = second
		}
		return best, wrong
	}
	// Without page 0 the page size has to be found by trying.
	for size := int64(minPage); size <= maxPage; size *= 2 {
		second, err := parseMeta(head(size), 1)
		wrong[1] = err
		if err == nil && second.pageSize == uint64(size) {
			return second, wrong
		}
	}
	return meta{}, wrong
}
