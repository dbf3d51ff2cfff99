package ledger_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"golang.org/x/mod/sumdb/tlog"
)

func checkpointAt(s *ledgertest.Source, size int) ledger.Checkpoint {
	return ledger.Checkpoint{Origin: ledger.Origin(s.Writer, s.Epoch), Size: uint64(size), Root: s.Root(size)}
}

func mustProve(t testing.TB, s *ledgertest.Source, old, new int) ledger.Proof {
	t.Helper()
	p, err := ledger.ProveConsistency(s, uint64(old), uint64(new))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProofsCrossTheWire(t *testing.T) {
	const n = 70
	s := ledgertest.NewSource(t, "school", 1, n)
	other := s.Fork(t, 0)
	for old := 1; old <= n; old++ {
		for new := old; new <= n; new++ {
			data, err := json.Marshal(mustProve(t, s, old, new))
			if err != nil {
				t.Fatal(err)
			}
			p, err := ledger.ReadProof(data)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Check(checkpointAt(s, old), checkpointAt(s, new)); err != nil {
				t.Fatalf("from %d to %d: %v", old, new, err)
			}
			if p.Check(checkpointAt(other, old), checkpointAt(s, new)) == nil {
				t.Fatalf("from %d of another history to %d: accepted", old, new)
			}
			for i := range p.Hashes {
				bad := p
				bad.Hashes = slices.Clone(p.Hashes)
				bad.Hashes[i][0] ^= 1
				if bad.Check(checkpointAt(s, old), checkpointAt(s, new)) == nil {
					t.Fatalf("from %d to %d: hash %d does not matter", old, new, i)
				}
			}
		}
	}
}

func TestProofSpeaksOfItsSizesOnly(t *testing.T) {
	s := ledgertest.NewSource(t, "school", 1, 9)
	p := mustProve(t, s, 4, 8)
	stranger := checkpointAt(s, 4)
	stranger.Origin = "bellkeep/a/1"
	longer, shorter := checkpointAt(s, 8), checkpointAt(s, 4) // true roots, false sizes
	longer.Size, shorter.Size = 9, 3
	for _, c := range [][2]ledger.Checkpoint{
		{checkpointAt(s, 3), checkpointAt(s, 8)},
		{checkpointAt(s, 4), checkpointAt(s, 9)},
		{{Origin: "bellkeep/school/1"}, checkpointAt(s, 8)},
		{stranger, checkpointAt(s, 8)},
		{checkpointAt(s, 4), longer},
		{shorter, checkpointAt(s, 8)},
	} {
		if p.Check(c[0], c[1]) == nil {
			t.Errorf("leads from %v to %v", c[0], c[1])
		}
	}
	for _, sizes := range [][2]uint64{{0, 4}, {5, 4}, {1, ledger.MaxSeq + 1}} {
		if _, err := ledger.ProveConsistency(s, sizes[0], sizes[1]); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("from %d to %d: %v, want invalid", sizes[0], sizes[1], err)
		}
	}
}

// A tree as high as a tree can be must fit the limits.
func TestLongestProofFits(t *testing.T) {
	p := ledger.Proof{V: ledger.Version, Old: 1<<52 + 1, New: ledger.MaxSeq, Hashes: make(tlog.TreeProof, ledger.MaxProof)}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.ReadProof(data); err != nil {
		t.Fatalf("%d bytes: %v", len(data), err)
	}
}

func FuzzReadProof(f *testing.F) {
	s := ledgertest.NewSource(f, "school", 1, 20)
	for _, old := range []int{1, 7, 16, 20} {
		data, err := json.Marshal(mustProve(f, s, old, 20))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, bad := range []string{
		"", "{}", `{"v":2,"old":1,"new":2,"hashes":[]}`, `{"v":1,"old":0,"new":2,"hashes":[]}`,
		`{"v":1,"old":3,"new":2,"hashes":[]}`, `{"v":1,"old":1,"new":2,"hashes":["AA=="]}`,
		`{"v":1,"old":1,"new":9007199254740992,"hashes":[]}`, `{"v":1,"old":-1,"new":2}`,
		`{"v":1,"old":1,"new":20,"hashes":[` + strings.Repeat(`"`+s.Root(1).String()+`",`, ledger.MaxProof) + `"` + s.Root(1).String() + `"]}`,
	} {
		if _, err := ledger.ReadProof([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			f.Errorf("%.60q: %v, want invalid", bad, err)
		}
		f.Add([]byte(bad))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ledger.ReadProof(data)
		if err != nil {
			return
		}
		// Whatever can be read can be checked, and proves nothing but itself.
		if p.Old < 20 && p.New <= 20 && p.Check(checkpointAt(s, int(p.Old)), checkpointAt(s, int(p.New))) == nil {
			if want := mustProve(t, s, int(p.Old), int(p.New)); !slices.Equal(p.Hashes, want.Hashes) {
				t.Fatalf("another proof from %d to %d holds", p.Old, p.New)
			}
		}
	})
}
