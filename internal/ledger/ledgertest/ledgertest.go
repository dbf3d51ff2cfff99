// Package ledgertest proves that a log, or a copy that follows one, keeps the
// contract of package ledger, and makes logs that fail.
package ledgertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

// Log is what every implementation offers.
type Log interface {
	ledger.Appender
	ledger.Reader
	Check(ledger.Receipt) error
}

// Run runs the conformance suite. open gives a fresh log that holds nothing
// but record 0, and looks after closing it.
func Run(t *testing.T, open func(t *testing.T) Log) {
	for name, test := range map[string]func(*testing.T, Log){
		"begins with the opening of its epoch":   testOpening,
		"a receipt binds what was written":       testReceipts,
		"the zero receipt is refused":            testZeroReceipt,
		"receipts of another log are refused":    func(t *testing.T, l Log) { testForeign(t, l, open(t)) },
		"one call is one unit, in order":         testOrder,
		"a bad entry keeps its whole call out":   testAtomic,
		"calls have a limit":                     testLimits,
		"concurrent callers get gapless order":   testConcurrent,
		"reads from the middle and from the end": testRead,
		"a read ends at the size it began with":  testReadEnds,
		"a read may append":                      testReadAppends,
		"a read stops at the first error":        testReadStops,
		"records may be kept":                    testKeep,
		"waits for growth":                       testWait,
		"an ended context stops everything":      testContext,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Entry makes a test entry that can be told from others by n.
func Entry(n int) ledger.Entry {
	return ledger.Entry{
		Kind:    "test-event",
		Stamp:   ledger.Stamp{Wall: time.UnixMilli(1788765660000 + int64(n)).UTC(), Trusted: n%2 == 0, Boot: "boot", Mono: time.Duration(n) * time.Millisecond},
		Door:    n % 40,
		Purpose: "test",
		Body:    json.RawMessage(fmt.Sprintf(`{"n":%d}`, n)),
	}
}

// Fill appends entries 1 to n, one call each.
func Fill(t testing.TB, l ledger.Appender, n int) {
	t.Helper()
	for i := range n {
		MustAppend(t, l, Entry(i+1))
	}
}

// MustAppend appends or fails the test.
func MustAppend(t testing.TB, l ledger.Appender, entries ...ledger.Entry) []ledger.Receipt {
	t.Helper()
	receipts, err := l.Append(context.Background(), entries...)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return receipts
}

// MustRead gives all records from from on.
func MustRead(t testing.TB, l interface {
	Read(context.Context, uint64, func(ledger.Record) error) error
}, from uint64) []ledger.Record {
	t.Helper()
	var all []ledger.Record
	err := l.Read(context.Background(), from, func(r ledger.Record) error {
		all = append(all, r)
		return nil
	})
	if err != nil {
		t.Fatalf("read from %d: %v", from, err)
	}
	return all
}

func testOpening(t *testing.T, l Log) {
	all := MustRead(t, l, 0)
	if len(all) != 1 || l.Size() != 1 {
		t.Fatalf("a new log has %d records, size %d; want 1", len(all), l.Size())
	}
	if o, err := ledger.ReadOpening(all[0]); err != nil || o.Epoch != 1 || o.Writer == "" || o.By == "" || o.Why == "" {
		t.Fatalf("record 0 is %s: %v", all[0].Leaf, err)
	}
}

func testReceipts(t *testing.T, l Log) {
	before := time.Now()
	for i, r := range MustAppend(t, l, Entry(7), Entry(8)) {
		e := Entry(7 + i)
		if r.Seq() != uint64(1+i) || r.Door() != e.Door || r.Purpose() != e.Purpose || r.Epoch() != 1 || r.Writer() == "" {
			t.Errorf("receipt %d is %+v", i, r)
		}
		if r.Committed().Before(before) || r.Committed().After(time.Now()) {
			t.Errorf("receipt %d was committed at %v", i, r.Committed())
		}
		if err := l.Check(r); err != nil {
			t.Errorf("receipt %d is refused: %v", i, err)
		}
	}
}

func testZeroReceipt(t *testing.T, l Log) {
	if err := l.Check(ledger.Receipt{}); errs.CodeOf(err) != errs.Denied {
		t.Fatalf("Check = %v, want denied", err)
	}
}

func testForeign(t *testing.T, l, other Log) {
	if err := l.Check(MustAppend(t, other, Entry(1))[0]); errs.CodeOf(err) != errs.Denied {
		t.Fatalf("Check = %v, want denied", err)
	}
}

func testOrder(t *testing.T, l Log) {
	MustAppend(t, l, Entry(1))
	MustAppend(t, l, Entry(2), Entry(3), Entry(4))
	expect(t, MustRead(t, l, 1), 1, 2, 3, 4)
}

// expect checks that the records are the test entries ns, at sequences 1 on.
func expect(t *testing.T, got []ledger.Record, ns ...int) {
	t.Helper()
	if len(got) != len(ns) {
		t.Fatalf("read %d records, want %d", len(got), len(ns))
	}
	for i, n := range ns {
		want, err := ledger.Encode(got[i].Seq, Entry(n))
		if err != nil || !bytes.Equal(got[i].Leaf, want) || got[i].Seq != got[0].Seq+uint64(i) {
			t.Errorf("record %d is %s, want %s", got[i].Seq, got[i].Leaf, want)
		}
	}
}

func testAtomic(t *testing.T, l Log) {
	_, err := l.Append(context.Background(), Entry(1), ledger.Entry{Kind: "No Kind"}, Entry(2))
	if errs.CodeOf(err) != errs.Invalid {
		t.Fatalf("Append = %v, want invalid", err)
	}
	if l.Size() != 1 {
		t.Fatalf("size is %d after a refused call", l.Size())
	}
	MustAppend(t, l, Entry(3))
	expect(t, MustRead(t, l, 1), 3)
}

func testLimits(t *testing.T, l Log) {
	many := slices.Repeat([]ledger.Entry{Entry(1)}, ledger.MaxEntries+1)
	for _, entries := range [][]ledger.Entry{nil, many} {
		if _, err := l.Append(context.Background(), entries...); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("Append of %d entries = %v, want invalid", len(entries), err)
		}
	}
	if r := MustAppend(t, l, many[:ledger.MaxEntries]...); len(r) != ledger.MaxEntries {
		t.Fatalf("%d receipts", len(r))
	}
}

func testConcurrent(t *testing.T, l Log) {
	const callers, calls = 16, 20
	receipts := make([][]ledger.Receipt, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range calls {
				n := 1000*c + 10*i
				r, err := l.Append(context.Background(), Entry(n), Entry(n+1))
				if err != nil {
					t.Errorf("append: %v", err)
					return
				}
				receipts[c] = append(receipts[c], r...)
			}
		})
	}
	wg.Wait()
	if l.Size() != 1+2*callers*calls {
		t.Fatalf("size is %d, want %d", l.Size(), 1+2*callers*calls)
	}
	all := MustRead(t, l, 0)
	for i, r := range all {
		if r.Seq != uint64(i) {
			t.Fatalf("record %d has sequence %d", i, r.Seq)
		}
	}
	for c, mine := range receipts {
		for i, r := range mine {
			expect(t, all[r.Seq():r.Seq()+1], 1000*c+10*(i/2)+i%2)
			if i > 0 && r.Seq() <= mine[i-1].Seq() || i%2 == 1 && r.Seq() != mine[i-1].Seq()+1 {
				t.Errorf("caller %d: sequence %d follows %d", c, r.Seq(), mine[i-1].Seq())
			}
		}
	}
}

func testRead(t *testing.T, l Log) {
	const n = 700
	for i := 1; i <= n; i += 100 {
		var batch []ledger.Entry
		for j := range 100 {
			batch = append(batch, Entry(i+j))
		}
		MustAppend(t, l, batch...)
	}
	for _, from := range []uint64{0, 1, 255, 256, 257, 512, n, n + 1, n + 100} {
		got := MustRead(t, l, from)
		if want := max(0, n+1-int(from)); len(got) != want {
			t.Fatalf("from %d: %d records, want %d", from, len(got), want)
		}
		if len(got) > 0 && got[0].Seq != from {
			t.Fatalf("from %d: begins at %d", from, got[0].Seq)
		}
	}
	if got := MustRead(t, l, 300)[0]; got.Door != Entry(300).Door || !got.Stamp.Wall.Equal(Entry(300).Stamp.Wall) || string(got.Body) != `{"n":300}` {
		t.Fatalf("record 300 is %+v", got.Entry)
	}
}

func testReadEnds(t *testing.T, l Log) {
	MustAppend(t, l, Entry(1), Entry(2))
	seen := 0
	err := l.Read(context.Background(), 0, func(ledger.Record) error {
		seen++
		MustAppend(t, l, Entry(10+seen))
		return nil
	})
	if err != nil || seen != 3 {
		t.Fatalf("saw %d records, %v; want the 3 there were", seen, err)
	}
}

// A reader must not sit on what an append moves, such as a mapped file.
func testReadAppends(t *testing.T, l Log) {
	Fill(t, l, 30)
	large := Entry(100)
	large.Body = json.RawMessage(`{"large":"` + strings.Repeat("x", 10<<10) + `"}`)
	var got []ledger.Record
	err := l.Read(context.Background(), 28, func(r ledger.Record) error {
		got = append(got, r)
		_, err := l.Append(context.Background(), slices.Repeat([]ledger.Entry{large}, 100)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, got, 28, 29, 30)
	if l.Size() != 1+30+3*100 {
		t.Fatalf("size is %d", l.Size())
	}
}

func testReadStops(t *testing.T, l Log) {
	Fill(t, l, 5)
	stop, seen := errors.New("stop"), 0
	err := l.Read(context.Background(), 0, func(r ledger.Record) error {
		if seen++; r.Seq == 2 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || seen != 3 {
		t.Fatalf("Read = %v after %d records", err, seen)
	}
}

func testKeep(t *testing.T, l Log) {
	Fill(t, l, 3)
	all := MustRead(t, l, 1)
	Fill(t, l, 600)
	expect(t, all, 1, 2, 3)
}

func testWait(t *testing.T, l Log) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Wait(ctx, 0); err != nil {
		t.Fatalf("Wait for what is there = %v", err)
	}
	done := make(chan error, 4)
	for range cap(done) {
		go func() { done <- l.Wait(ctx, 2) }()
	}
	MustAppend(t, l, Entry(1))
	select {
	case err := <-done:
		t.Fatalf("Wait(2) returned %v at size 2", err)
	default:
	}
	MustAppend(t, l, Entry(2))
	for range cap(done) {
		if err := <-done; err != nil {
			t.Fatalf("Wait = %v", err)
		}
	}
}

func testContext(t *testing.T, l Log) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Append(ctx, Entry(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Append = %v", err)
	}
	if err := l.Wait(ctx, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait = %v", err)
	}
	if err := l.Read(ctx, 0, func(ledger.Record) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v", err)
	}
	if l.Size() != 1 {
		t.Errorf("size is %d", l.Size())
	}
}
