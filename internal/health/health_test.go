package health

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var all = []Code{ScannerLost, BusLost, BoardSilent, BusNoisy, Unmapped, LedgerDamaged, DiskLow, Undervoltage, Hot, ClockUnsure}

// Nobody is told of a problem without what to do next, not even of one that
// only a newer bank knows.
func TestEveryProblemHasWords(t *testing.T) {
	seen := map[string]Code{}
	for _, code := range append(all, "of-tomorrow") {
		what, next := Problem{Code: code, Part: "left", Board: 2}.Words()
		if !strings.HasSuffix(what, ".") || !strings.HasSuffix(next, ".") {
			t.Errorf("%s: %q, %q", code, what, next)
		}
		if other, taken := seen[what]; taken {
			t.Errorf("%s reads like %s", code, other)
		}
		seen[what] = code
	}
}

func TestTidyBoundsWhatTravels(t *testing.T) {
	list := []Problem{{}, {Code: Hot, Part: strings.Repeat("x", MaxPart+1)}, {Code: Code(strings.Repeat("x", MaxPart+1))}, {Code: BoardSilent, Board: -1}}
	if got := Tidy(list); got != nil {
		t.Errorf("kept %+v", got)
	}
	for range 3 * MaxProblems {
		list = append(list, Problem{Code: Hot})
	}
	if got := Tidy(list); len(got) != MaxProblems {
		t.Errorf("kept %d", len(got))
	}
}

func TestBook(t *testing.T) {
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	low, hot := Problem{Code: Undervoltage}, Problem{Code: Hot}
	since := func(p Problem, minutes int) Problem { p.Since = at(minutes); return p }
	var b Book
	for _, c := range []struct {
		minute int
		now    []Problem
		want   []Problem
	}{
		{0, nil, nil},
		{1, []Problem{low, low}, []Problem{since(low, 1)}},
		{2, []Problem{hot}, []Problem{since(hot, 2), since(low, 1)}},
		{3, []Problem{low, hot}, []Problem{since(low, 1), since(hot, 2)}},
		{7, nil, []Problem{since(low, 1)}}, // what is not hot now is not
		{8, nil, nil},
		{9, []Problem{low}, []Problem{since(low, 9)}},
	} {
		b.Take(c.now, at(c.minute), at(c.minute))
		if got := b.Problems(); !slices.Equal(got, c.want) {
			t.Errorf("minute %d: %+v, want %+v", c.minute, got, c.want)
		}
	}
}
