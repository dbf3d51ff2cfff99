package figures

import "strconv"

// Least is the smallest count that is told.
const Least = 5

// Cell is one count, and what of it is told.
type Cell struct {
	N    int
	Told Told
}

// Told is how much of a count is told.
type Told int

// The ways.
const (
	Whole    Told = iota // the number; also a zero
	Few                  // that it is 1 to 4
	Withheld             // nothing: it would give another away
)

// String is the cell for people.
func (c Cell) String() string {
	switch c.Told {
	case Few:
		return "fewer than " + strconv.Itoa(Least)
	case Withheld:
		return notShown
	}
	return strconv.Itoa(c.N)
}

// One is a count that no other is told beside.
func One(n int) Cell {
	if n > 0 && n < Least {
		return Cell{n, Few}
	}
	return Cell{n, Whole}
}

// Split tells a count beside the parts it is split into. Parts that are few are told as
// that; where a reader could work one out, the smallest part that is not few is
// withheld, then the next, and when none is left all parts are.
func Split(parts []int) (total Cell, cells []Cell) {
	sum := 0
	for _, n := range parts {
		sum += n
		cells = append(cells, One(n))
	}
	total = One(sum)
	for !hidden(sum, cells) {
		least := -1
		for i, c := range cells {
			if c.Told == Whole && c.N >= Least && (least < 0 || c.N < cells[least].N) {
				least = i
			}
		}
		if least < 0 {
			return total, withhold(cells)
		}
		cells[least].Told = Withheld
	}
	return total, cells
}

func withhold(cells []Cell) []Cell {
	for i := range cells {
		cells[i].Told = Withheld
	}
	return cells
}

// hidden reports whether each cell that is not told could be at least two numbers, for
// whoever knows the total, the cells that are told and what the words mean.
func hidden(total int, cells []Cell) bool {
	rest, least, most := total, 0, 0
	for _, c := range cells {
		if c.Told == Whole {
			rest -= c.N
			continue
		}
		from, to := bounds(c, total)
		least, most = least+from, most+to
	}
	for _, c := range cells {
		if c.Told == Whole {
			continue
		}
		from, to := bounds(c, total)
		if max(from, rest-(most-to)) >= min(to, rest-(least-from)) {
			return false
		}
	}
	return true
}

// bounds are the least and the most that a cell can be by its words alone, in a split
// that is not withheld as a whole.
func bounds(c Cell, total int) (from, to int) {
	if c.Told == Few {
		return 1, Least - 1
	}
	return Least, total
}
