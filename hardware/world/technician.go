package world

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strconv"
	"time"
)

// Shuffle hangs the doors of each bus on its wired locks at random, as whoever
// plugged the cables in did. The same seed gives the same wiring.
func Shuffle(wires []Wire, seed uint64) []Wire {
	rng := rand.New(rand.NewPCG(seed, 48))
	var shuffled []Wire
	byBus := map[string][]int{} // places in shuffled
	for i, w := range wires {
		shuffled = append(shuffled, w)
		byBus[w.Bus] = append(byBus[w.Bus], i)
	}
	for _, w := range wires {
		places := byBus[w.Bus]
		delete(byBus, w.Bus) // once for each bus, in order
		rng.Shuffle(len(places), func(a, b int) {
			one, other := &shuffled[places[a]], &shuffled[places[b]]
			one.Door, other.Door = other.Door, one.Door
		})
	}
	return shuffled
}

// Technician is somebody beside the cabinet who reads a terminal and does what it
// says.
type Technician struct {
	Screen io.Reader                      // what the terminal prints
	Keys   func(line string) error        // what they type
	Step   time.Duration                  // machine time to read a line and reach for a door
	Read   func(line string)              // sees every line they read; may be nil
	Slip   func(door int) (instead []int) // doors they shut in place of the one asked for; may be nil
}

// What a technician understands of a terminal.
var (
	shutOne  = regexp.MustCompile(`Shut door (\d+)\.`)
	shutAll  = regexp.MustCompile(`Shut every door\.`)
	pressKey = regexp.MustCompile(`^\s*Enter:`)
	whichOne = regexp.MustCompile(`Which door has just sprung open\?`)
)

// Attend does what a terminal says until it has no more to say.
func (w *World) Attend(ctx context.Context, t Technician) error {
	lines := bufio.NewScanner(t.Screen)
	known := w.openDoors()
	for lines.Scan() {
		line := lines.Text()
		if t.Read != nil {
			t.Read(line)
		}
		one, all, key, which := shutOne.FindStringSubmatch(line), shutAll.MatchString(line), pressKey.MatchString(line), whichOne.MatchString(line)
		if one == nil && !all && !key && !which {
			continue
		}
		if err := rest(ctx, t.Step); err != nil {
			return err
		}
		var err error
		switch {
		case one != nil:
			n, _ := strconv.Atoi(one[1]) // digits, by the pattern
			err = w.shutFor(n, t.Slip)
		case all:
			err = w.shutEvery()
		case key:
			err = t.Keys("")
		case which:
			err = t.Keys(w.sprung(known))
		}
		if err != nil {
			return err
		}
		known = w.openDoors()
	}
	return lines.Err()
}

func (w *World) shutFor(door int, slip func(int) []int) error {
	doors := []int{door}
	if slip != nil {
		if instead := slip(door); instead != nil {
			doors = instead
		}
	}
	for _, n := range doors {
		if _, err := w.Push(n); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) shutEvery() error {
	for n := range w.openDoors() {
		if _, err := w.Push(n); err != nil {
			return err
		}
	}
	return nil
}

// openDoors are the doors that stand open.
func (w *World) openDoors() map[int]bool {
	w.cab.mu.Lock()
	defer w.cab.mu.Unlock()
	open := map[int]bool{}
	for n, d := range w.cab.doors {
		if d.open {
			open[n] = true
		}
	}
	return open
}

// sprung says which door has opened since some were known to be open: its number,
// or n for none.
func (w *World) sprung(known map[int]bool) string {
	for n := range w.openDoors() {
		if !known[n] {
			return fmt.Sprint(n)
		}
	}
	return "n"
}
