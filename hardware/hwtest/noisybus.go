package hwtest

import (
	"context"
	"errors"
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/bellkeep/bellkeep/hardware"
)

var exchanges = flag.Int("exchanges", 4000, "how many `exchanges` of a driver with boards suffer from noise")

// NoisyBus lets a driver order, and look after each order, while noise of four
// rates spoils what is said in both directions: wrong doors open no more often
// than the frames' odds allow, each of them is seen, and unlock frames are
// written as often as they were ordered.
func NoisyBus(t *testing.T, open func(*testing.T) (hardware.LockBus, *Boards)) {
	t.Helper()
	for i, rate := range []float64{1e-4, 1e-3, 1e-2, 1e-1} {
		synctest.Test(t, func(t *testing.T) {
			bus, boards := open(t)
			n := noisy{t: t, bus: bus, boards: boards, rng: rand.New(rand.NewPCG(uint64(i), 9))}
			n.unlockAll()
			boards.SetNoise(NewNoise(uint64(i)+1, rate))
			for range *exchanges / 4 {
				n.exchange()
			}
			wrong, expected := len(boards.Wrong()), boards.Expected()
			t.Logf("rate %g: %d orders, %d looks of %d failed, %d wrong openings (%.3g expected by the frames' odds), all of them seen",
				rate, n.orders, n.failed, n.looks, wrong, expected)
			if luck := 4*math.Sqrt(expected) + 2; float64(wrong) > expected+luck {
				t.Errorf("rate %g: %d wrong openings, %.3g expected", rate, wrong, expected)
			}
			boards.SetNoise(nil)
			setAll(boards, hardware.Closed)
			count, _ := boards.Size()
			for board := range count {
				wantContacts(t, bus, boards, board, all(hardware.Closed))
			}
		})
	}
}

type noisy struct {
	t      *testing.T
	bus    hardware.LockBus
	boards *Boards
	rng    *rand.Rand

	orders, looks, failed int
}

// unlockAll lets the boards hear every unlock frame there is.
func (n *noisy) unlockAll() {
	count, per := n.boards.Size()
	for board := range count {
		for index := range per {
			if err := n.bus.Unlock(n.t.Context(), hardware.Channel{Board: board, Index: index}); err != nil {
				n.t.Fatal(err)
			}
		}
	}
	synctest.Wait()
}

// exchange is one order and one look. A door that noise opened stays open until
// it was looked for.
func (n *noisy) exchange() {
	count, per := n.boards.Size()
	ch := hardware.Channel{Board: n.rng.IntN(count), Index: n.rng.IntN(per)}
	before := len(n.boards.Wrong())
	n.orders++
	if err := n.bus.Unlock(n.t.Context(), ch); errors.Is(err, hardware.ErrGone) || errors.Is(err, context.Canceled) {
		n.t.Fatal(err)
	}
	n.look(ch.Board)
	synctest.Wait()
	for _, wrong := range n.boards.Wrong()[before:] {
		n.wantSeen(wrong)
	}
	setAll(n.boards, hardware.Closed)
}

func (n *noisy) look(board int) []hardware.Reading {
	n.looks++
	got, err := n.bus.Read(n.t.Context(), board)
	if err != nil {
		n.failed++
	}
	return got
}

// wantSeen looks until two looks agree, as a bank does: they must not both say
// that the door is shut. Where no two ever agree the board counts as unknown,
// which is seen too.
func (n *noisy) wantSeen(ch hardware.Channel) {
	var last []hardware.Reading
	for range 20 {
		got := n.look(ch.Board)
		if got != nil && slices.Equal(got, last) {
			if got[ch.Index].Contact != hardware.Open {
				n.t.Errorf("noise opened %v, and two looks say that it is shut", ch)
			}
			return
		}
		last = got
	}
}
