package hwtest

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Frames wants these frames to be found in what a bus brings, whatever the pieces.
func Frames(t *testing.T, format halfduplex.Format, in []byte, want ...[]byte) {
	t.Helper()
	for _, size := range []int{1, 2, 3, 5, 7, 8, 17, 1 << 20} {
		d := halfduplex.NewDecoder(format)
		var got [][]byte
		for piece := range slices.Chunk(in, size) {
			got = append(got, d.Push(piece)...)
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("in pieces of %d: % x, want % x", size, got, want)
		}
	}
}

// Call is one call of a driver: an unlock, or a look at a board that must find
// these contacts, by index.
type Call struct {
	Unlock   bool
	Channel  hardware.Channel
	Contacts map[int]hardware.Contact
}

// Counting is a driver that counts what it goes through.
type Counting interface {
	hardware.LockBus
	Stats() halfduplex.Stats
}

// Traffic lets a driver make calls on a line that follows a script to its end.
func Traffic(t *testing.T, open func(hardware.Line) (Counting, error), calls []Call, want halfduplex.Stats, steps ...Step) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		bus, err := open(NewPlayback(t, steps...))
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range calls {
			if c.Unlock {
				if err := bus.Unlock(t.Context(), c.Channel); err != nil {
					t.Errorf("call %d: %v", i, err)
				}
				continue
			}
			got, err := bus.Read(t.Context(), c.Channel.Board)
			if err != nil {
				t.Fatalf("call %d: %v", i, err)
			}
			for index, contact := range c.Contacts {
				if got[index].Contact != contact {
					t.Errorf("call %d: contact %d is %v, want %v", i, index, got[index].Contact, contact)
				}
			}
		}
		if got := bus.Stats(); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Faults wants err to be these faults of a configuration, in order, each with its
// words and a next step.
func Faults(t *testing.T, err error, words ...string) {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != len(words) {
		t.Fatalf("the faults are %v, want %d", err, len(words))
	}
	for i, want := range words {
		fault := joined.Unwrap()[i]
		if !strings.Contains(fault.Error(), want) || errs.CodeOf(fault) != errs.Invalid || errs.HintOf(fault) == "" {
			t.Errorf("fault %d is %v (hint %q), want code invalid, a hint, and %q", i, fault, errs.HintOf(fault), want)
		}
	}
}
