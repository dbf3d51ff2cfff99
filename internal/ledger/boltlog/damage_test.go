package boltlog

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
)

// sample is a closed ledger of a few hundred records, with signed checkpoints
// and pages that were freed.
type sample struct {
	path   string
	data   []byte
	key    string
	values [][]byte // hashes ‖ leaf, by sequence
	notes  [][]byte
}

const sampleSize = 260

func makeSample(t *testing.T) sample {
	t.Helper()
	l := mustOpen(t, t.TempDir())
	for l.Size() < sampleSize {
		first := int(l.Size())
		ledgertest.MustAppend(t, l, ledgertest.Entry(first), ledgertest.Entry(first+1))
		if first == 121 {
			if _, err := l.Checkpoint(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	ledgertest.MustClose(t, l)
	data, err := os.ReadFile(l.Name().Path())
	if err != nil {
		t.Fatal(err)
	}
	s := sample{path: l.Name().Path(), data: data, key: l.PublicKey()}
	s.values, s.notes, err = contents(data)
	if err != nil || len(s.values) < sampleSize || len(s.notes) < 3 {
		t.Fatalf("%d records, %d checkpoints: %v", len(s.values), len(s.notes), err)
	}
	if r := s.verify(t, data); !r.OK() || r.Good != r.Size || r.Checkpoints != len(s.notes) || r.Signed != r.Size {
		t.Fatalf("a sound ledger: %+v", r)
	}
	return s
}

func (s sample) verify(t *testing.T, data []byte) Report {
	t.Helper()
	r, err := verify(context.Background(), bytes.NewReader(data), s.path, VerifyOptions{Key: s.key})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// contents reads all records and notes of a ledger file.
func contents(data []byte) (values, notes [][]byte, err error) {
	s, err := newSnapshot(bytes.NewReader(data), "sample")
	if err != nil {
		return nil, nil, err
	}
	collect := func(into *[][]byte) func(element) error {
		return func(e element) error {
			*into = append(*into, e.value)
			return nil
		}
	}
	if err := s.pages.walk(s.records, nil, collect(&values)); err != nil {
		return nil, nil, err
	}
	return values, notes, s.pages.walk(s.checkpoints, nil, collect(&notes))
}

// flipped is data with one byte changed.
func flipped(data []byte, at int) []byte {
	bad := slices.Clone(data)
	bad[at] ^= byte(1 + rand.IntN(255))
	return bad
}

// places gives where part stands in data: once in use, and perhaps again in
// pages that were freed.
func places(data, part []byte) (at []int) {
	for from := 0; ; {
		i := bytes.Index(data[from:], part)
		if i < 0 {
			return at
		}
		at = append(at, from+i)
		from += i + 1
	}
}

// mustName flips each byte of part wherever it stands, and wants the damage
// named by wantSeq and want at exactly one of the places.
func (s sample) mustName(t *testing.T, part []byte, from, to int, wantSeq uint64, want string) {
	t.Helper()
	for i := from; i < to; i++ {
		named := 0
		for _, place := range places(s.data, part) {
			bad := flipped(s.data, place+i)
			r := s.verify(t, bad)
			if r.OK() {
				s.mustBeSame(t, bad)
				continue
			}
			named++
			if f := r.First(); f.Seq != wantSeq || !strings.Contains(f.What, want) {
				t.Fatalf("byte %d: named sequence %d: %s; want %d: %s", i, f.Seq, f.What, wantSeq, want)
			}
		}
		if named != 1 {
			t.Fatalf("byte %d: found in %d places", i, named)
		}
	}
}

func (s sample) mustBeSame(t *testing.T, data []byte) {
	t.Helper()
	values, notes, err := contents(data)
	if err != nil || !slices.EqualFunc(values, s.values, bytes.Equal) || !slices.EqualFunc(notes, s.notes, bytes.Equal) {
		t.Fatalf("verified clean, but the contents differ: %v", err)
	}
}

func TestFlippedByteInARecordIsNamed(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	for _, seq := range []int{63, 256, len(s.values) - 1} {
		value := s.values[seq]
		s.mustName(t, value, 0, len(value), uint64(seq), "sequence")
	}
}

func TestFlippedByteInACheckpointIsNamed(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	s.mustName(t, s.notes[0], 0, len(s.notes[0]), 1, "checkpoint at size 1:")
	last := s.notes[len(s.notes)-1]
	s.mustName(t, last, 0, len(last), uint64(len(s.values)), "checkpoint at size ")
}

func TestFlippedByteAnywhereIsNamedOrHarmless(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	m, _ := readMeta(bytes.NewReader(s.data))
	used := int(m.pages * m.pageSize)
	named := 0
	for range 1500 {
		named += s.check(t, rand.IntN(used))
	}
	for range 50 {
		s.check(t, used+rand.IntN(len(s.data)-used))
	}
	if named < 500 {
		t.Fatalf("only %d of 1500 flips were found", named)
	}
}

func TestFlippedByteInAPageHeaderIsNamedOrHarmless(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	m, _ := readMeta(bytes.NewReader(s.data))
	for page := range m.pages {
		for i := range pageHeader + elementLen {
			s.check(t, int(page*m.pageSize)+i)
		}
	}
}

// check flips one byte and returns 1 when it was named, 0 when it was in use
// by nothing.
func (s sample) check(t *testing.T, at int) int {
	t.Helper()
	bad := flipped(s.data, at)
	r := s.verify(t, bad)
	if r.OK() {
		s.mustBeSame(t, bad)
		return 0
	}
	if f := r.First(); !strings.Contains(f.What, "sequence ") && !strings.Contains(f.What, "checkpoint a") {
		t.Fatalf("byte %d: no sequence in: %s", at, f.What)
	}
	return 1
}

// bbolt itself trusts its pages. Whatever it meets, the process must live.
func TestOpeningADamagedFileNeverCrashes(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	m, _ := readMeta(bytes.NewReader(s.data))
	dir := t.TempDir()
	ledgertest.MustClose(t, mustOpen(t, dir)) // for the reserve
	n := Name{Dir: dir, Writer: "bank-a", Epoch: 1}
	old := Name{Dir: strings.TrimSuffix(s.path, "/bank-a.1.ledger"), Writer: "bank-a", Epoch: 1}
	for _, ext := range []string{".key", ".pub"} {
		copyFile(t, old.Path()+ext, n.Path()+ext)
	}
	for range 150 {
		page := rand.Uint64N(m.pages)
		bad := flipped(s.data, int(page*m.pageSize)+rand.IntN(200))
		if err := os.WriteFile(n.Path(), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Open(dir, Options{Writer: "bank-a"})
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Log(err)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCutOffFileIsNamed(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	m, _ := readMeta(bytes.NewReader(s.data))
	for pages := range m.pages {
		if r := s.verify(t, s.data[:pages*m.pageSize]); r.OK() {
			t.Fatalf("cut to %d of %d pages: nothing found", pages, m.pages)
		}
	}
	for _, junk := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("junk"), 5000)} {
		if r := s.verify(t, junk); r.OK() || r.First().Seq != 0 {
			t.Fatalf("%d bytes of junk: %+v", len(junk), r)
		}
	}
}

// A damaged newer meta page makes bbolt show the state before the last commit.
func TestDamagedMetaPageIsNamed(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	m, _ := readMeta(bytes.NewReader(s.data))
	for page := range uint64(2) {
		for i := range uint64(pageHeader + metaLen) {
			r := s.verify(t, flipped(s.data, int(page*m.pageSize+i)))
			if r.OK() || !strings.Contains(r.First().What, "may be missing") || r.First().Seq != r.Size {
				t.Fatalf("meta page %d, byte %d: %+v", page, i, r.Findings)
			}
		}
	}
}

// A rotten list of free pages would make the next commit write over records.
func TestDamagedListOfFreePagesIsNamed(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	m, _ := readMeta(bytes.NewReader(s.data))
	start := m.freelist * m.pageSize
	count := uint64(order.Uint16(s.data[start+10:]))
	if count == 0 {
		t.Fatal("the sample has no free pages")
	}
	for i := range pageHeader + 8*count {
		if r := s.verify(t, flipped(s.data, int(start+i))); r.OK() {
			t.Fatalf("byte %d: nothing found", i)
		}
	}
}

// A branch key that differs from its child's first sends bbolt's searches the
// wrong way, though every record is there.
func TestDamagedBranchPageIsNamed(t *testing.T) {
	t.Parallel()
	s := makeSample(t)
	snap, err := newSnapshot(bytes.NewReader(s.data), s.path)
	if err != nil {
		t.Fatal(err)
	}
	pg, err := snap.pages.read(snap.records.root)
	if err != nil || pg.flags != branchPage {
		t.Fatalf("the root of the records is no branch page: %v", err)
	}
	used := pageHeader + pg.count*(elementLen+8)
	for i := range used {
		if r := s.verify(t, flipped(s.data, int(pg.id*snap.pages.meta.pageSize)+i)); r.OK() {
			t.Fatalf("byte %d: nothing found", i)
		}
	}
}
