package modbusrelay

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

func plain() Config {
	return Config{Boards: 2, Relays: 8, FirstSlave: 1, Polarity: hardware.SetIsClosed, Pulse: 300 * time.Millisecond, Baud: 9600}
}

func TestLockBus(t *testing.T) {
	for _, cfg := range []Config{
		plain(),
		{Boards: 2, Relays: 16, FirstSlave: 10, Polarity: hardware.SetIsOpen, Pulse: time.Second, Baud: 115200},
		{Boards: 32, Relays: 32, FirstSlave: 216, Polarity: hardware.SetIsOpen, Pulse: DefaultPulse, Baud: 19200, Reply: 300 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d boards of %d from %d %s", cfg.Boards, cfg.Relays, cfg.FirstSlave, cfg.Polarity), func(t *testing.T) {
			hwtest.LockBus(t, func(t *testing.T) (hardware.LockBus, hwtest.Bench) { return bench(t, cfg) })
		})
	}
}

// play gives a bus on a line that follows a script, to its end.
func play(t *testing.T, steps ...hwtest.Step) *Bus {
	t.Helper()
	bus, err := New(hwtest.NewPlayback(t, steps...), plain())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	return bus
}

func TestOnANoisyBus(t *testing.T) {
	hwtest.NoisyBus(t, func(t *testing.T) (hardware.LockBus, *hwtest.Boards) { return bench(t, plain()) })
}

func TestTrafficByHand(t *testing.T) {
	hwtest.Traffic(t, func(l hardware.Line) (hwtest.Counting, error) { return New(l, plain()) }, []hwtest.Call{
		{Contacts: map[int]hardware.Contact{7: hardware.Open, 0: hardware.Closed}},
		{Unlock: true},
		{Contacts: map[int]hardware.Contact{7: hardware.Open, 0: hardware.Open}},
		{Channel: hardware.Channel{Board: 1}, Contacts: map[int]hardware.Contact{0: hardware.Open, 1: hardware.Closed}},
	}, halfduplex.Stats{Replies: 6, Timeouts: 1, Foreign: 1, Garbage: 1},
		hwtest.Step{Want: off1, Reply: off1}, // once, before the first look
		hwtest.Step{Want: ask1, Reply: in8Clear},
		hwtest.Step{Want: pulse1, Reply: pulse1},
		hwtest.Step{Want: ask1, Reply: noneSet},
		hwtest.Step{Want: off2}, // no answer: asked again
		hwtest.Step{Want: off2, Reply: off2},
		hwtest.Step{Want: ask2, Reply: join(noneSet, []byte{0xFB}, in1Of2)},
	)
}

// Only the echo says that the board will do it; anything else is an error, and
// the frame is never written twice.
func TestThePulseIsBelievedByItsEchoAlone(t *testing.T) {
	longer := []byte{0x01, 0x05, 0x02, 0x00, 0x00, 0x07, 0x8D, 0xB0}
	other := []byte{0x01, 0x05, 0x02, 0x01, 0x00, 0x03, 0xDD, 0xB3}
	for name, tc := range map[string]struct {
		reply []byte
		says  string // of the error; "" for none
	}{
		"echo":                    {pulse1, ""},
		"echo behind another":     {join(other, pulse1), ""},
		"silence":                 {nil, "may not have reached"},
		"another pulse's echo":    {longer, "may not have reached"},
		"another relay's echo":    {other, "may not have reached"},
		"a wrong CRC":             {[]byte{0x01, 0x05, 0x02, 0x00, 0x00, 0x03, 0x8C, 0x72}, "may not have reached"},
		"a refusal":               {no85, "refused to pulse relay 1 (reason 3)"},
		"another board's refusal": {no82, "may not have reached"},
	} {
		synctest.Test(t, func(t *testing.T) {
			bus := play(t, hwtest.Step{Want: pulse1, Reply: tc.reply})
			err := bus.Unlock(t.Context(), hardware.Channel{})
			switch {
			case tc.says == "" && err != nil:
				t.Errorf("%s: %v", name, err)
			case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says) || errs.HintOf(err) == ""):
				t.Errorf("%s: %v, want it to say %q and give a hint", name, err, tc.says)
			}
		})
	}
}

// A board without inputs must not take the bus from the others, and is told
// apart from a silent one.
func TestABoardWithoutInputs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := play(t, hwtest.Step{Want: off2, Reply: off2}, hwtest.Step{Want: ask2, Reply: no82})
		_, err := bus.Read(t.Context(), 1)
		if !errors.Is(err, hardware.ErrTimeout) || !strings.Contains(err.Error(), "refuses to read its inputs (reason 2)") || errs.HintOf(err) == "" {
			t.Errorf("Read = %v", err)
		}
	})
}

// Between two frames the line is silent for 3.5 characters.
func TestFramesAreKeptApart(t *testing.T) {
	for baud, want := range map[int]time.Duration{
		9600: 4010416 * time.Nanosecond, 19200: 2005208 * time.Nanosecond, 115200: 1750 * time.Microsecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := plain()
			cfg.Baud = baud
			bus, _ := bench(t, cfg)
			if _, err := bus.Read(t.Context(), 0); err != nil { // with the relays off by now
				t.Fatal(err)
			}
			began := time.Now()
			for range 10 {
				if _, err := bus.Read(t.Context(), 0); err != nil {
					t.Fatal(err)
				}
			}
			if got := time.Since(began) / 10; got != want {
				t.Errorf("at %d baud frames follow each other after %v, want %v", baud, got, want)
			}
		})
	}
}

func TestSetSlave(t *testing.T) {
	isSlave2 := []byte{0x02, 0x02, 0x01, 0xFE, 0x20, 0x4C}
	asked := hwtest.Step{Want: ask2}
	for name, tc := range map[string]struct {
		steps []hwtest.Step
		code  errs.Code
	}{
		"done":                 {[]hwtest.Step{asked, asked, asked, {Want: beSlave2}, {Want: ask2, Reply: isSlave2}}, ""},
		"done, and says":       {[]hwtest.Step{asked, asked, asked, {Want: beSlave2, Reply: beSlave2}, {Want: ask2, Reply: isSlave2}}, ""},
		"there already":        {[]hwtest.Step{{Want: ask2, Reply: isSlave2}}, errs.Conflict},
		"no inputs, but there": {[]hwtest.Step{{Want: ask2, Reply: no82}}, errs.Conflict},
		"nobody there":         {[]hwtest.Step{asked, asked, asked, {Want: beSlave2}, asked, asked, asked}, errs.Unavailable},
	} {
		synctest.Test(t, func(t *testing.T) {
			line := hwtest.NewPlayback(t, tc.steps...)
			err := SetSlave(t.Context(), line, 9600, 2)
			if (err == nil) != (tc.code == "") || err != nil && (errs.CodeOf(err) != tc.code || errs.HintOf(err) == "") {
				t.Errorf("%s: %v, want code %q and a hint", name, err, tc.code)
			}
			if err := line.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	for _, id := range []int{-1, 0, 248, 257} {
		if err := SetSlave(t.Context(), hwtest.NewPlayback(t), 9600, id); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("SetSlave(%d) = %v, want code invalid", id, err)
		}
	}
}

func TestValidateGivesEveryFault(t *testing.T) {
	hwtest.Faults(t, Config{Boards: 33, Relays: 33, FirstSlave: 240, Polarity: "up", Pulse: 1100 * time.Millisecond, Reply: time.Hour}.Validate(), "not 33", "not 33", "from 240 to 272", `"up"`, "not 1.1s", "0 baud", "1h0m0s")
	for _, pulse := range []time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond, 1100 * time.Millisecond, -time.Second} {
		cfg := plain()
		cfg.Pulse = pulse
		if cfg.Validate() == nil {
			t.Errorf("a pulse of %v was taken", pulse)
		}
	}
	if _, err := New(hwtest.NewLine(), Config{}); err == nil {
		t.Error("New took a configuration that says nothing")
	}
	if err := plain().Validate(); err != nil {
		t.Error(err)
	}
}
