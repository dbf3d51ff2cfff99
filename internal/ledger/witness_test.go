package ledger_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"pgregory.net/rapid"
)

// shelf is a store in memory that can be made to fail.
type shelf struct {
	data []byte
	err  error
}

func (s *shelf) Load() ([]byte, error) { return s.data, s.err }

func (s *shelf) Save(data []byte) error {
	if s.err == nil {
		s.data = slices.Clone(data)
	}
	return s.err
}

func mustWitness(t fataler, key string, store ledger.WitnessStore) *ledger.Witness {
	t.Helper()
	w, err := ledger.NewWitness(key, store)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func TestWitness(t *testing.T) {
	s := ledgertest.NewSource(t, "school", 1, 40)
	other := s.Fork(t, 12) // equal up to size 12
	seen := func(t *testing.T) (*ledger.Witness, *shelf) {
		store := &shelf{}
		w := mustWitness(t, s.Key, store)
		for _, step := range []struct{ old, new int }{{5, 5}, {5, 10}, {10, 20}} {
			if size, err := w.Accept(s.Checkpoint(t, step.new), mustProve(t, s, step.old, step.new)); err != nil || int(size) != step.new {
				t.Fatalf("size %d: %d, %v", step.new, size, err)
			}
		}
		return w, store
	}
	for name, c := range map[string]struct {
		signed []byte
		proof  ledger.Proof
		want   error     // nil: accepted
		code   errs.Code // of the error
		size   uint64    // afterwards
	}{
		"goes on":                   {s.Checkpoint(t, 33), mustProve(t, s, 20, 33), nil, "", 33},
		"the newest again":          {s.Checkpoint(t, 20), ledger.Proof{}, nil, "", 20},
		"an older one again":        {s.Checkpoint(t, 10), ledger.Proof{}, nil, "", 20},
		"no proof":                  {s.Checkpoint(t, 33), ledger.Proof{}, ledger.ErrGap, errs.Conflict, 20},
		"proof from an older one":   {s.Checkpoint(t, 33), mustProve(t, s, 10, 33), ledger.ErrGap, errs.Conflict, 20},
		"proof to another size":     {s.Checkpoint(t, 33), mustProve(t, s, 20, 32), ledger.ErrGap, errs.Conflict, 20},
		"restored from a backup":    {s.Checkpoint(t, 15), mustProve(t, s, 15, 20), ledger.ErrGap, errs.Conflict, 20},
		"another history":           {other.Checkpoint(t, 33), mustProve(t, other, 20, 33), ledger.ErrFork, errs.Conflict, 20},
		"another history, s' proof": {other.Checkpoint(t, 33), mustProve(t, s, 20, 33), ledger.ErrFork, errs.Conflict, 20},
		"another root, same size":   {other.Checkpoint(t, 20), mustProve(t, s, 20, 20), ledger.ErrFork, errs.Conflict, 20},
		"another key":               {ledgertest.NewSource(t, "school", 1, 33).Checkpoint(t, 33), mustProve(t, s, 20, 33), nil, errs.Invalid, 20},
		"another ledger":            {s.Sign(t, ledger.Checkpoint{Origin: "bellkeep/a/1", Size: 33, Root: s.Root(33)}), mustProve(t, s, 20, 33), nil, errs.Invalid, 20},
		"nothing":                   {nil, ledger.Proof{}, nil, errs.Invalid, 20},
	} {
		t.Run(name, func(t *testing.T) {
			w, store := seen(t)
			for range 2 { // a refusal changes nothing, an acceptance is repeatable
				size, err := w.Accept(c.signed, c.proof)
				if size != c.size || errs.CodeOf(err) != c.code || c.want != nil && !errors.Is(err, c.want) {
					t.Fatalf("size %d, %v; want %d, %v (%s)", size, err, c.size, c.want, c.code)
				}
			}
			again := mustWitness(t, s.Key, store)
			if want := s.Checkpoint(t, int(c.size)); string(again.Newest()) != string(want) || string(w.Newest()) != string(want) {
				t.Fatalf("the newest after a restart is %q", again.Newest())
			}
		})
	}
}

// A checkpoint counts as seen only once it is on disk.
func TestWitnessWithABrokenStore(t *testing.T) {
	s := ledgertest.NewSource(t, "school", 1, 20)
	store := &shelf{}
	w := mustWitness(t, s.Key, store)
	if w.Newest() != nil {
		t.Fatal("has seen something")
	}
	if _, err := w.Accept(s.Checkpoint(t, 5), ledger.Proof{}); err != nil {
		t.Fatal(err)
	}
	store.err = errors.New("input/output error")
	if size, err := w.Accept(s.Checkpoint(t, 9), mustProve(t, s, 5, 9)); !errors.Is(err, store.err) || size != 5 {
		t.Fatalf("size %d, %v", size, err)
	}
	if string(w.Newest()) != string(s.Checkpoint(t, 5)) {
		t.Fatalf("has seen %s", w.Newest())
	}
	if _, err := ledger.NewWitness(s.Key, store); !errors.Is(err, store.err) {
		t.Fatalf("opened over a store that cannot be read: %v", err)
	}
	store.err = nil
	if size, err := w.Accept(s.Checkpoint(t, 9), mustProve(t, s, 5, 9)); err != nil || size != 9 {
		t.Fatalf("size %d, %v", size, err)
	}
}

func TestWitnessRefusesWhatItDidNotWrite(t *testing.T) {
	s := ledgertest.NewSource(t, "school", 1, 20)
	store := &shelf{}
	w := mustWitness(t, s.Key, store)
	for _, size := range []int{5, 9} {
		if _, err := w.Accept(s.Checkpoint(t, size), mustProve(t, s, 5, size)); err != nil {
			t.Fatal(err)
		}
	}
	good := string(store.data)
	for _, bad := range []string{
		"", "{}", good[:len(good)-3], strings.Replace(good, `"v":1`, `"v":2`, 1),
		strings.Replace(good, `\n5\n`, `\n6\n`, 1), strings.Replace(good, `\n5\n`, `\n10\n`, 1), `{"v":1,"notes":[]}`,
	} {
		if _, err := ledger.NewWitness(s.Key, &shelf{data: []byte(bad)}); errs.CodeOf(err) != errs.Internal || errs.HintOf(err) == "" {
			t.Errorf("%.80q: %v, want internal", bad, err)
		}
	}
	if _, err := ledger.NewWitness("no key", &shelf{}); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("%v, want invalid", err)
	}
}

// Whatever is sent in whatever order, what a witness accepted is one history.
func TestWitnessSeesOneHistory(t *testing.T) {
	const n = 40
	a := ledgertest.NewSource(t, "school", 1, n)
	b := a.Fork(t, 15)
	rapid.Check(t, func(t *rapid.T) {
		store := &shelf{}
		w := mustWitness(t, a.Key, store)
		var newest int
		var sides []*ledgertest.Source
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			s := rapid.SampledFrom([]*ledgertest.Source{a, b}).Draw(t, "history")
			size := rapid.IntRange(1, n).Draw(t, "size")
			old := rapid.SampledFrom([]int{max(1, min(newest, size)), rapid.IntRange(1, size).Draw(t, "old")}).Draw(t, "from")
			p, err := ledger.ProveConsistency(s, uint64(old), uint64(size))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Accept(s.Checkpoint(t, size), p); err == nil {
				newest = max(newest, size)
				if size > 15 {
					sides = append(sides, s)
				}
			}
			if rapid.Bool().Draw(t, "restart") {
				w = mustWitness(t, a.Key, store)
			}
		}
		for _, s := range sides {
			if s != sides[0] {
				t.Fatal("accepted both histories")
			}
		}
	})
}

func TestWitnessKeepsAFew(t *testing.T) {
	s := ledgertest.NewSource(t, "school", 1, 40)
	store := &shelf{}
	w := mustWitness(t, s.Key, store)
	for size := 1; size <= 40; size++ {
		if _, err := w.Accept(s.Checkpoint(t, size), mustProve(t, s, max(1, size-1), size)); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(string(store.data), "bellkeep/school/1\\n"); n != 8 {
		t.Fatalf("%d checkpoints are kept", n)
	}
	if size, err := mustWitness(t, s.Key, store).Accept(s.Checkpoint(t, 33), ledger.Proof{}); err != nil || size != 40 {
		t.Fatalf("one that is kept: size %d, %v", size, err)
	}
}
