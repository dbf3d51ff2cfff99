package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// real is a device by the truth.
type real struct {
	set    mdm.Set
	online bool
}

func readTruth(t *testing.T, path string) map[string]real {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	fleet := map[string]real{}
	for line := range bytes.Lines(b) {
		var l truthLine
		must(t, json.Unmarshal(line, &l))
		r, ok := fleet[l.Dev]
		if !ok {
			r.set = mdm.Set{}
		}
		if l.Online != nil {
			r.online = *l.Online
		} else {
			r.set[l.Setting] = l.Value
		}
		if l.At.IsZero() {
			t.Fatalf("no time in %s", line)
		}
		fleet[l.Dev] = r
	}
	return fleet
}

// The board says of every device what is true of it.
func TestTheBoardTellsTheTruth(t *testing.T) {
	var ids, codes []string
	for n := range 10 {
		ids = append(ids, fmt.Sprint("d-", n+1))
	}
	s := newServer(t, ids...)
	for _, id := range ids {
		codes = append(codes, s.code(id))
	}
	dir, file, path := t.TempDir(), filepath.Join(t.TempDir(), "codes"), filepath.Join(t.TempDir(), "truth.jsonl")
	must(t, os.WriteFile(file, []byte(strings.Join(codes, "\n")+"\n"), 0o600))
	stop := start(t, "fleet", "--identities", dir, "--codes", file, "-n", "10", "--truth", path, "--seed", "3",
		"--refusing", "10%", "--disobedient", "20%", "--offline", "20%", "--leave", "4s", "--jitter", "100ms")
	defer stop()
	s.await("all to have been there and some to leave", func(b shadow.Board) bool { return b.Counts[mdm.Offline] == 2 && b.Counts[mdm.InForce] == 8 })
	s.at(eight.Add(time.Hour))
	must(t, s.shadow.Bell(t.Context()))
	board := s.await("the lesson", func(b shadow.Board) bool {
		return b.Counts[mdm.InForce]+b.Counts[mdm.Violating] == 8
	})
	truth := readTruth(t, path)
	if board.Counts[mdm.Violating] < 1 || board.Counts[mdm.Offline] != 2 {
		t.Errorf("counted: %v", board.Counts)
	}
	for _, row := range board.Rows {
		is := truth[row.Device.ID]
		blocked := is.set[mdm.Camera] == mdm.Block
		if row.Link.Online != is.online || (row.Verdict == mdm.InForce) != (is.online && blocked) {
			t.Errorf("%s is %s; in truth online %v, camera %s", row.Device.ID, row.Verdict, is.online, is.set[mdm.Camera])
		}
	}
}

func TestEveryPartIsPlayed(t *testing.T) {
	o := fleetOptions{slow: share{5, true}, refusing: share{n: 2}, disobedient: share{10, true}, offline: share{10, true}, skewed: share{2, true}, delay: time.Second}
	count := func(parts []part) (slow, refusing, leaving, skewed int) {
		for _, p := range parts {
			switch {
			case p.Delay > 0:
				slow++
			case len(p.Refuse) > 0:
				refusing++
			case p.leaves:
				leaving++
			case p.skew != 0:
				skewed++
			}
			if p.skew.Abs() > maxSkew {
				t.Errorf("a clock is %v off", p.skew)
			}
		}
		return
	}
	for _, o.seed = range []uint64{0, 1, 2} {
		parts := o.cast(100)
		slow, refusing, leaving, skewed := count(parts)
		if slow != 5 || refusing != 12 || leaving != 10 || skewed != 2 || len(parts) != 100 {
			t.Errorf("seed %d: %d slow, %d refusing, %d leaving, %d skewed of %d", o.seed, slow, refusing, leaving, skewed, len(parts))
		}
		if first := parts[0].Delay > 0; o.seed == 0 && !first {
			t.Error("without a seed the first is not slow")
		}
		if fmt.Sprint(o.cast(100)) != fmt.Sprint(parts) {
			t.Errorf("seed %d draws another fleet each time", o.seed)
		}
	}
	if got := (fleetOptions{slow: share{80, true}, offline: share{80, true}}).cast(10); len(got) != 10 {
		t.Errorf("%d parts for 10 devices", len(got))
	}
}
