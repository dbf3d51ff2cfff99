package figures

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitTells(t *testing.T) {
	for _, c := range []struct {
		parts []int
		want  string
	}{
		{[]int{0, 0}, "0: [0 0]"},
		{[]int{7, 0, 9}, "16: [7 0 9]"},
		{[]int{1, 1, 0}, "fewer than 5: [not shown not shown not shown]"},
		{[]int{3, 9, 20}, "32: [fewer than 5 not shown 20]"},
		{[]int{3, 4, 20}, "27: [fewer than 5 fewer than 5 20]"},
		{[]int{1, 1, 20}, "22: [fewer than 5 fewer than 5 not shown]"},
		{[]int{4, 4, 20}, "28: [fewer than 5 fewer than 5 not shown]"},
		{[]int{1, 5, 6, 30}, "42: [fewer than 5 not shown not shown 30]"},
		{[]int{4, 4}, "8: [not shown not shown]"},
		{[]int{1, 5}, "6: [not shown not shown]"},
	} {
		total, cells := Split(c.parts)
		if got := fmt.Sprintf("%s: %v", total, cells); got != c.want {
			t.Errorf("%v: %s, want %s", c.parts, got, c.want)
		}
	}
}

// reader is somebody who knows what is published and what its words mean, and tries all
// numbers that fit.
type reader struct {
	total Cell
	cells []Cell
	could []map[int]bool // what each cell could be
}

func read(total Cell, cells []Cell) reader {
	r := reader{total, cells, make([]map[int]bool, len(cells))}
	for i := range cells {
		r.could[i] = map[int]bool{}
	}
	most := total.N
	if total.Told == Few {
		most = Least - 1
	}
	r.try(nil, most, allWithheld(cells))
	return r
}

// allWithheld: then even a zero is.
func allWithheld(cells []Cell) bool {
	for _, c := range cells {
		if c.Told != Withheld {
			return false
		}
	}
	return true
}

func (r reader) try(so []int, left int, all bool) {
	if len(so) == len(r.cells) {
		sum := 0
		for _, n := range so {
			sum += n
		}
		if fits := sum == r.total.N || r.total.Told == Few && sum > 0 && sum < Least; !fits {
			return
		}
		for i, n := range so {
			r.could[i][n] = true
		}
		return
	}
	from, to := 0, left
	switch c := r.cells[len(so)]; {
	case c.Told == Whole:
		from, to = c.N, c.N
	case c.Told == Few:
		from, to = 1, Least-1
	case !all:
		from = Least
	}
	for n := from; n <= min(to, left); n++ {
		r.try(append(so, n), left-n, all)
	}
}

// From what is published no count that is withheld can be told: trying all numbers,
// each could be at least two. What is told is true, and few or nothing is told of few.
func TestNoSmallNumberIsWorkedOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 4), rapid.IntRange(5, 12)), 2, 5).Draw(t, "parts")
		total, cells := Split(parts)
		sum := 0
		for i, n := range parts {
			sum += n
			if cells[i].N != n || n > 0 && n < Least && cells[i].Told == Whole {
				t.Fatalf("%v is told as %v", parts, cells)
			}
		}
		if total.N != sum || sum > 0 && sum < Least && total.Told == Whole {
			t.Fatalf("%v: the total is told as %v", parts, total)
		}
		r := read(total, cells)
		for i, c := range cells {
			if !r.could[i][c.N] || c.Told != Whole && len(r.could[i]) < 2 {
				t.Fatalf("%v is told as %s: %v, and cell %d could only be %v", parts, total, cells, i, r.could[i])
			}
		}
	})
}
