package cabinet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// DoorMap is what commissioning found out about a bank. It is kept as text beside
// the bank's file, a line each, and can be read and printed as it is:
//
//	bellkeep door map 1
//	bank a
//	wiring HASH                    of what the bank's file said of buses and doors
//	made 2026-11-23T08:10:00Z
//	bus left set-is-open           what a set bit of its contacts means
//	door 7 left 0 12               number, bus, board from 0, lock from 1
//	door 8 left 0 3 typed          its contact was not seen to move
//	sum HASH                       SHA-256 of all bytes before this line
//
// Buses come by name, doors by number. There is one text for each map, and no
// other is read.
type DoorMap struct {
	Bank   string
	Wiring string
	Made   time.Time // UTC, to the second
	commission.Found
}

const (
	mapHead = "bellkeep door map 1"
	maxMap  = 64 << 10 // bytes
)

// Encode gives the text of the map.
func (m DoorMap) Encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nbank %s\nwiring %s\nmade %s\n", mapHead, m.Bank, m.Wiring, m.Made.UTC().Format(time.RFC3339))
	for _, bus := range slices.Sorted(maps.Keys(m.Polarity)) {
		fmt.Fprintf(&b, "bus %s %s\n", bus, m.Polarity[bus])
	}
	for _, n := range slices.Sorted(maps.Keys(m.Doors)) {
		d := m.Doors[n]
		fmt.Fprintf(&b, "door %d %s %d %d", n, d.Bus, d.Board, d.Index+1)
		if d.Typed {
			b.WriteString(" typed")
		}
		b.WriteByte('\n')
	}
	return fmt.Appendf(b.Bytes(), "sum %s\n", sumOf(b.Bytes()))
}

// Sum names the map: the hash in its last line.
func (m DoorMap) Sum() string {
	text := m.Encode()
	return string(text[len(text)-1-2*sha256.Size : len(text)-1])
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// ParseDoorMap reads what Encode wrote and nothing else. Errors: invalid.
func ParseDoorMap(text []byte) (DoorMap, error) {
	m := DoorMap{Found: commission.Found{Polarity: map[string]hardware.Polarity{}, Doors: map[int]commission.Place{}}}
	if len(text) <= maxMap {
		for line := range strings.Lines(string(text)) {
			m.read(strings.Fields(line))
		}
	}
	if !bytes.Equal(text, m.Encode()) {
		return DoorMap{}, errs.New(errs.Invalid, "It is damaged, or was changed by hand.", "Copy it again from where it is whole, or run: bellkeep-bank commission")
	}
	return m, nil
}

// read takes what it can from one line; what it cannot take, Encode will not give
// again.
func (m *DoorMap) read(words []string) {
	var n, board, lock int
	number := func(word string, into *int) bool { _, err := fmt.Sscanf(word, "%d", into); return err == nil }
	switch {
	case len(words) == 2 && words[0] == "bank":
		m.Bank = words[1]
	case len(words) == 2 && words[0] == "wiring":
		m.Wiring = words[1]
	case len(words) == 2 && words[0] == "made":
		m.Made, _ = time.Parse(time.RFC3339, words[1])
	case len(words) == 3 && words[0] == "bus":
		m.Polarity[words[1]] = hardware.Polarity(words[2])
	case len(words) >= 5 && words[0] == "door" && number(words[1], &n) && number(words[3], &board) && number(words[4], &lock):
		at := commission.Outlet{Bus: words[2], Channel: hardware.Channel{Board: board, Index: lock - 1}}
		m.Doors[n] = commission.Place{Outlet: at, Typed: len(words) == 6}
	}
}

// fits says why a map is not that of a bank as its file describes it; nil if it
// is.
func (m DoorMap) fits(c Cabinet) error {
	unfit := func(format string, args ...any) error {
		return errs.New(errs.Conflict, "The door map does not fit the bank's file: "+fmt.Sprintf(format, args...),
			"Undo what was changed in the file, or run: bellkeep-bank commission")
	}
	switch {
	case m.Bank != c.Setup.Bank:
		return unfit("it is that of bank %s.", m.Bank)
	case m.Wiring != c.Wiring:
		return unfit("buses or doors there have changed since the map was made.")
	}
	taken := map[commission.Outlet]int{}
	count := 0
	for _, b := range c.Buses {
		if err := m.Polarity[b.Name].Validate(); err != nil {
			return unfit("it does not say what a set bit means on bus %s.", b.Name)
		}
		for _, n := range b.Numbers {
			at, known := m.Doors[n]
			other := taken[at.Outlet]
			switch {
			case !known || at.Bus != b.Name || b.Boards.Size().Check(at.Channel) != nil:
				return unfit("door %d has no place there.", n)
			case other != 0:
				return unfit("doors %d and %d share %v.", other, n, at.Outlet)
			}
			taken[at.Outlet] = n
			count++
		}
	}
	if count != len(m.Doors) || len(m.Polarity) != len(c.Buses) {
		return unfit("it has %d doors on %d buses.", len(m.Doors), len(m.Polarity))
	}
	return nil
}

// Print writes the map for people: by number, and which doors want a look.
func (m DoorMap) Print(label string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d doors, mapped %s\n\n", label, len(m.Doors), m.Made.Format("2 January 2006 15:04 MST"))
	for _, bus := range slices.Sorted(maps.Keys(m.Polarity)) {
		fmt.Fprintf(&b, "Bus %s: contacts are %s.\n", bus, m.Polarity[bus])
	}
	fmt.Fprintf(&b, "\n%5s  %-12s %5s %5s\n", "door", "bus", "board", "lock")
	for _, n := range slices.Sorted(maps.Keys(m.Doors)) {
		d := m.Doors[n]
		fmt.Fprintf(&b, "%5d  %-12s %5d %5d", n, d.Bus, d.Board, d.Index+1)
		if d.Typed {
			b.WriteString("  contact never moved: look at it")
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\nMap %s\n", m.Sum()[:16])
	return b.String()
}
