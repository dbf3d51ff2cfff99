package kerong

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func plain() Config { return Config{Boards: 2, Polarity: hardware.SetIsClosed, ByteOrder: LowFirst} }

func TestLockBus(t *testing.T) {
	for _, cfg := range []Config{
		plain(),
		{Boards: 2, Polarity: hardware.SetIsOpen, ByteOrder: LowFirst},
		{Boards: 2, Polarity: hardware.SetIsClosed, ByteOrder: HighFirst, IndexBase: 1},
		{Boards: 16, Polarity: hardware.SetIsOpen, ByteOrder: HighFirst, Items: true, Reply: 300 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d boards %s %s from %d", cfg.Boards, cfg.Polarity, cfg.ByteOrder, cfg.IndexBase), func(t *testing.T) {
			hwtest.LockBus(t, func(t *testing.T) (hardware.LockBus, hwtest.Bench) {
				return bench(t, cfg)
			})
		})
	}
}

func TestOnANoisyBus(t *testing.T) {
	hwtest.NoisyBus(t, func(t *testing.T) (hardware.LockBus, *hwtest.Boards) { return bench(t, plain()) })
}

func TestTrafficByHand(t *testing.T) {
	hwtest.Traffic(t, func(l hardware.Line) (hwtest.Counting, error) { return New(l, plain()) }, []hwtest.Call{
		{Contacts: map[int]hardware.Contact{0: hardware.Closed, 1: hardware.Open}},
		{Unlock: true, Channel: hardware.Channel{Index: 15}},
		{Channel: hardware.Channel{Board: 1}, Contacts: map[int]hardware.Contact{15: hardware.Closed, 0: hardware.Open}},
	}, halfduplex.Stats{Replies: 2, Timeouts: 1, Foreign: 1, Garbage: 1},
		hwtest.Step{Reply: lock16Set}, // left over from before
		hwtest.Step{Want: []byte{0x02, 0x00, 0x30, 0x03, 0x35}, Reply: lock1Set},
		hwtest.Step{Want: []byte{0x02, 0x0F, 0x31, 0x03, 0x45}, Reply: allShut}, // the reply that need not come
		hwtest.Step{Want: []byte{0x02, 0x10, 0x30, 0x03, 0x45}},                 // no reply: asked again
		hwtest.Step{Want: []byte{0x02, 0x10, 0x30, 0x03, 0x45}, Reply: join(allShut, []byte{0xFB}, lock16Set)},
	)
}

// The head of a reply that was cut off must not find its end in the next one:
// here its checksum would be 02, which is what the next one begins with.
func TestCutReplyIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ask := []byte{0x02, 0x00, 0x30, 0x03, 0x35}
		line := hwtest.NewPlayback(t,
			hwtest.Step{Want: ask, Reply: []byte{0x02, 0x00, 0x35, 0xC8, 0x00, 0x00, 0x00, 0x03}},
			hwtest.Step{Want: ask, Reply: allShut},
		)
		bus, err := New(line, plain())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := bus.Read(t.Context(), 0); err != nil || got[0].Contact != hardware.Closed {
			t.Errorf("Read = %v, %v, want every contact closed", got, err)
		}
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A scan must not wait for anything the bus may have to say.
func TestUnlockOnAFreeLineTakesNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, _ := bench(t, plain())
		if _, err := bus.Read(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := bus.Unlock(t.Context(), hardware.Channel{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("Unlock took %v", took)
		}
		if err := bus.Unlock(t.Context(), hardware.Channel{Index: 1}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != afterUnlock {
			t.Errorf("the second Unlock ended after %v, want %v", took, afterUnlock)
		}
	})
}

func TestSilentBoardIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, boards := bench(t, plain())
		boards.SetFault(1, hwtest.Fault{Silent: true})
		began := time.Now()
		_, err := bus.Read(t.Context(), 1)
		if !errors.Is(err, hardware.ErrTimeout) || !strings.Contains(err.Error(), "board 1 does not answer") {
			t.Errorf("Read = %v", err)
		}
		if took, want := time.Since(began), halfduplex.Tries*halfduplex.DefaultReply+(halfduplex.Tries-1)*halfduplex.AfterMiss; took != want {
			t.Errorf("Read took %v, want %v", took, want)
		}
	})
}

// A babbling line ends a try at its deadline as a silent one does.
func TestEndlessNoiseEndsAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, boards := bench(t, plain())
		boards.SetFault(0, hwtest.Fault{Silent: true})
		go func() {
			for {
				select {
				case <-time.After(520 * time.Microsecond):
					boards.Send([]byte{stx})
				case <-boards.Line().Closed():
					return
				}
			}
		}()
		began := time.Now()
		if _, err := bus.Read(t.Context(), 0); !errors.Is(err, hardware.ErrTimeout) {
			t.Errorf("Read = %v, want ErrTimeout", err)
		}
		if took, most := time.Since(began), halfduplex.Tries*(halfduplex.DefaultReply+halfduplex.AfterMiss); took > most {
			t.Errorf("Read took %v, want at most %v", took, most)
		}
		if bus.Stats().Garbage == 0 {
			t.Error("no garbage was counted")
		}
	})
}

// What a noisy line brings is an answer or an error, and unlock frames stay
// as many as were ordered.
func TestBusOnANoisyLine(t *testing.T) {
	for _, rate := range []float64{1e-4, 1e-3, 1e-2, 1e-1} {
		synctest.Test(t, func(t *testing.T) {
			_, boards := bench(t, plain())
			noisy := &hwtest.Noisy{Line: boards.Line(), Noise: hwtest.NewNoise(7, rate)}
			bus, err := New(noisy, plain())
			if err != nil {
				t.Fatal(err)
			}
			ch := hardware.Channel{Board: 1, Index: 3}
			boards.SetContact(ch, hardware.Open)
			const rounds = 300
			right, wrong, failed := 0, 0, 0
			for range rounds {
				if err := bus.Unlock(t.Context(), ch); err != nil {
					t.Fatal(err)
				}
				got, err := bus.Read(t.Context(), 1)
				switch {
				case err != nil:
					failed++
				case isOnlyOpen(got, ch.Index):
					right++
				default:
					wrong++
				}
			}
			t.Logf("rate %g: %d right, %d wrong, %d failed, %+v", rate, right, wrong, failed, bus.Stats())
			if seen := boards.Unlocks(); len(seen) != 1 || seen[ch] != rounds {
				t.Errorf("rate %g: the boards saw unlock frames %v, want %d for %v", rate, seen, rounds, ch)
			}
			if wrong > rounds/50 || right == 0 {
				t.Errorf("rate %g: %d right and %d wrong of %d", rate, right, wrong, rounds)
			}
			noisy.Noise = hwtest.NewNoise(7, 0)
			if got, err := bus.Read(t.Context(), 1); err != nil || !isOnlyOpen(got, ch.Index) {
				t.Errorf("rate %g: on the clean line Read = %v, %v", rate, got, err)
			}
		})
	}
}

func isOnlyOpen(got []hardware.Reading, index int) bool {
	for i, r := range got {
		if (r.Contact == hardware.Open) != (i == index) {
			return false
		}
	}
	return true
}

func TestEveryChannelHasItsOwnUnlockFrame(t *testing.T) {
	for _, base := range []int{0, 1} {
		cfg := Config{Boards: 16, Polarity: hardware.SetIsOpen, ByteOrder: LowFirst, IndexBase: base}
		seen := map[byte]hardware.Channel{}
		for board := range 16 {
			for index := range 16 {
				ch := hardware.Channel{Board: board, Index: index}
				if cfg.Size().Check(ch) != nil {
					continue
				}
				addr := address(ch.Board, ch.Index+base)
				if other, twice := seen[addr]; twice {
					t.Errorf("counting from %d, channels %v and %v both have address %#02x", base, ch, other, addr)
				}
				seen[addr] = ch
				if int(addr>>4) != board {
					t.Errorf("counting from %d, channel %v has an address on board %d", base, ch, addr>>4)
				}
			}
		}
		if want := 16 * (16 - base); len(seen) != want {
			t.Errorf("counting from %d, %d channels can be unlocked, want %d", base, len(seen), want)
		}
	}
}

func TestValidateGivesEveryFault(t *testing.T) {
	hwtest.Faults(t, Config{Boards: 17, Polarity: "up", ByteOrder: "", IndexBase: 2, Reply: time.Hour}.Validate(), "not 17", `"up"`, `""`, "not from 2", "1h0m0s")
	if _, err := New(hwtest.NewLine(), Config{}); err == nil {
		t.Error("New took a configuration that says nothing")
	}
	if err := plain().Validate(); err != nil {
		t.Error(err)
	}
}

func TestCheckNamesTheLimit(t *testing.T) {
	one := plain()
	one.IndexBase = 1
	for name, tc := range map[string]struct {
		cfg  Config
		ch   hardware.Channel
		says string
	}{
		"last channel":             {plain(), hardware.Channel{Board: 1, Index: 15}, ""},
		"board beyond the bus":     {plain(), hardware.Channel{Board: 2}, "boards 0 to 1"},
		"channel beyond the board": {plain(), hardware.Channel{Index: 16}, "channels 0 to 15"},
		"counting from 1":          {one, hardware.Channel{Index: 15}, "channels 0 to 14"},
		"negative":                 {plain(), hardware.Channel{Index: -1}, "channels 0 to 15"},
	} {
		err := tc.cfg.Size().Check(tc.ch)
		switch {
		case tc.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says) || errs.HintOf(err) == ""):
			t.Errorf("%s: %v, want it to say %q and give a hint", name, err, tc.says)
		}
	}
}
