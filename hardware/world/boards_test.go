package world

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The frames below are written out by hand from the boards' documentation.
var (
	askBoard0 = []byte{0x02, 0x00, 0x30, 0x03, 0x35}
	askBoard1 = []byte{0x02, 0x10, 0x30, 0x03, 0x45}
	open0x0   = []byte{0x02, 0x00, 0x31, 0x03, 0x36}
	open0x1   = []byte{0x02, 0x01, 0x31, 0x03, 0x37}
	open0x15  = []byte{0x02, 0x0F, 0x31, 0x03, 0x45}
	open1x0   = []byte{0x02, 0x10, 0x31, 0x03, 0x46}

	// Board 0 with every door shut, a set bit meaning closed.
	allShut = []byte{0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38}
)

func TestStatusOfEachBoard(t *testing.T) {
	w := openWorld(t, oneBus(t, Personality{}))
	line := dial(t, w.BusPath("b"))
	send(t, line, askBoard0...)
	wantBytes(t, line, allShut...)
	send(t, line, askBoard1...)
	wantBytes(t, line, 0x02, 0x10, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x48)
}

func TestUnlockMovesOneLatch(t *testing.T) {
	tests := []struct {
		name  string
		frame []byte
		door  int
		ask   []byte
		want  []byte
	}{
		{"first", open0x0, 1, askBoard0, []byte{0x02, 0x00, 0x35, 0xFE, 0xFF, 0x00, 0x00, 0x03, 0x37}},
		{"second", open0x1, 2, askBoard0, []byte{0x02, 0x00, 0x35, 0xFD, 0xFF, 0x00, 0x00, 0x03, 0x36}},
		{"sixteenth", open0x15, 16, askBoard0, []byte{0x02, 0x00, 0x35, 0xFF, 0x7F, 0x00, 0x00, 0x03, 0xB8}},
		{"other board", open1x0, 17, askBoard1, []byte{0x02, 0x10, 0x35, 0xFE, 0xFF, 0x00, 0x00, 0x03, 0x47}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := oneBus(t, Personality{})
			w := openWorld(t, cfg)
			line := dial(t, w.BusPath("b"))
			send(t, line, tt.frame...)
			waitOpen(t, w, tt.door)
			send(t, line, tt.ask...) // an unlock itself is not answered: this reply comes first
			wantBytes(t, line, tt.want...)
			wantKinds(t, told(t, cfg), 0, Frame, Opened)
			wantKinds(t, told(t, cfg), tt.door, Frame, Opened)
		})
	}
}

func TestPersonality(t *testing.T) {
	items := Personality{ItemSensors: true}
	tests := []struct {
		name  string
		p     Personality
		frame []byte // opens door 2
		want  []byte // status with door 2 open and a phone in it
	}{
		{"as usual", Personality{}, open0x1, []byte{0x02, 0x00, 0x35, 0xFD, 0xFF, 0x00, 0x00, 0x03, 0x36}},
		{"one is open", Personality{OneIsOpen: true}, open0x1, []byte{0x02, 0x00, 0x35, 0x02, 0x00, 0x00, 0x00, 0x03, 0x3C}},
		{"high first", Personality{HighFirst: true}, open0x1, []byte{0x02, 0x00, 0x35, 0xFF, 0xFD, 0x00, 0x00, 0x03, 0x36}},
		{"items", items, open0x1, []byte{0x02, 0x00, 0x35, 0xFD, 0xFF, 0x02, 0x00, 0x03, 0x38}},
		{"items, high first", Personality{ItemSensors: true, HighFirst: true}, open0x1,
			[]byte{0x02, 0x00, 0x35, 0xFF, 0xFD, 0x00, 0x02, 0x03, 0x38}},
		// With base 1 the sixteenth lock has no door, so its bit stays 0.
		{"base 1", Personality{Base: 1}, []byte{0x02, 0x02, 0x31, 0x03, 0x38},
			[]byte{0x02, 0x00, 0x35, 0xFD, 0x7F, 0x00, 0x00, 0x03, 0xB6}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := openWorld(t, oneBus(t, tt.p))
			line := dial(t, w.BusPath("b"))
			send(t, line, tt.frame...)
			waitOpen(t, w, 2)
			if ok, err := w.cab.put(2, "p", "phone"); !ok || err != nil {
				t.Fatalf("put = %v, %v", ok, err)
			}
			send(t, line, askBoard0...)
			wantBytes(t, line, tt.want...)
		})
	}
}

func TestUnlockAnsweredIfTheBoardDoes(t *testing.T) {
	cfg := oneBus(t, Personality{AnswersUnlocks: true})
	cfg.Reaction = maxReaction // the answer is sent before the latch moves
	w := openWorld(t, cfg)
	line := dial(t, w.BusPath("b"))
	send(t, line, open0x0...)
	wantBytes(t, line, allShut...)
}

func TestBoardsIgnoreWhatIsNotForThem(t *testing.T) {
	tests := []struct {
		name  string
		frame []byte
		base  int
		want  Counts
	}{
		{"board that is not there", []byte{0x02, 0x20, 0x31, 0x03, 0x56}, 0, Counts{Elsewhere: 1}},
		{"wrong sum", []byte{0x02, 0x00, 0x31, 0x03, 0x37}, 0, Counts{BadBytes: 5}},
		{"no end byte", []byte{0x02, 0x00, 0x31, 0x04, 0x37}, 0, Counts{BadBytes: 5}},
		{"open all", []byte{0x02, 0x00, 0x33, 0x03, 0x38}, 0, Counts{Unknown: 1}},
		{"status of all", []byte{0x02, 0xF0, 0x32, 0x03, 0x27}, 0, Counts{Elsewhere: 1}},
		{"lock 0 where locks count from 1", open0x0, 1, Counts{Unknown: 1}},
		{"garbage", []byte{0xFB, 0xF2, 0x00}, 0, Counts{BadBytes: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := oneBus(t, Personality{Base: tt.base})
			w := openWorld(t, cfg)
			line := dial(t, w.BusPath("b"))
			send(t, line, tt.frame...)
			send(t, line, askBoard0...)
			readN(t, line, 9)
			tt.want.Statuses = 1
			if got := w.Summary().Buses["b"]; got != tt.want {
				t.Errorf("counts %+v, want %+v", got, tt.want)
			}
			wantKinds(t, told(t, cfg), 0)
		})
	}
}

func TestTruthIsToldBeforeTheLatchMoves(t *testing.T) {
	cfg := oneBus(t, Personality{})
	cfg.Reaction = maxReaction
	w := openWorld(t, cfg)
	line := dial(t, w.BusPath("b"))
	send(t, line, open0x1...)
	waitFor(t, "the frame in the truth", func() bool { return len(told(t, cfg)) == 1 })
	if w.Door(2).Open {
		t.Fatal("the door is open although only the frame is told")
	}
	send(t, line, askBoard0...)
	wantBytes(t, line, allShut...)
	waitOpen(t, w, 2)
	wantKinds(t, told(t, cfg), 2, Frame, Opened)
}

// A cabinet that cannot tell must not move: each step is refused, and what
// was there before is still there.
func TestNothingMovesUntold(t *testing.T) {
	mute := false
	c := newCabinet([]Wire{{Door: 1, Bus: "b"}}, func(Line) error {
		if mute {
			return os.ErrClosed
		}
		return nil
	})
	at := channel{bus: "b"}
	refuse := func(what string, do func() error) {
		t.Helper()
		mute = true
		if do() == nil {
			t.Errorf("%s happened untold", what)
		}
		mute = false
	}
	refuse("a pulse", func() error { _, err := c.pulse(at); return err })
	_, err := c.pulse(at)
	must(t, err)
	refuse("an opening", func() error { return c.react(at) })
	if c.look(1).Open {
		t.Fatal("the door opened untold")
	}
	must(t, c.force(1))
	refuse("putting in", func() error { _, err := c.put(1, "p", "x"); return err })
	if len(c.look(1).Phones) != 0 {
		t.Fatal("a phone went in untold")
	}
	_, err = c.put(1, "p", "x")
	must(t, err)
	refuse("taking out", func() error { _, err := c.take(1, "p", "x"); return err })
	refuse("shutting", func() error { _, err := c.push(1, "p"); return err })
	if d := c.look(1); !d.Open || len(d.Phones) != 1 {
		t.Fatalf("the door changed untold: %+v", d)
	}
}

func TestNoiseRepeatsFromItsSeed(t *testing.T) {
	hear := func(seed uint64) []byte {
		cfg := oneBus(t, Personality{})
		cfg.Seed, cfg.Buses[0].Noise = seed, Noise{Chance: 0.2}
		w := openWorld(t, cfg)
		line := dial(t, w.BusPath("b"))
		for range 20 {
			send(t, line, askBoard0...)
		}
		heard := readN(t, line, 150)
		spoiled := 0
		waitFor(t, "all replies", func() bool { return w.Summary().Buses["b"].Statuses == 20 })
		for _, l := range told(t, cfg) {
			if l.What == Garbled {
				spoiled++
			}
		}
		if spoiled == 0 {
			t.Error("no reply was damaged")
		}
		return heard
	}
	first, again, other := string(hear(7)), string(hear(7)), string(hear(8))
	if first != again {
		t.Errorf("the same seed was heard as\n% X\nand\n% X", first, again)
	}
	if first == other {
		t.Error("another seed sounds the same")
	}
}

func TestPowerCut(t *testing.T) {
	cfg := oneBus(t, Personality{})
	w := openWorld(t, cfg)
	line := dial(t, w.BusPath("b"))
	must(t, w.CutPower("b", 0, time.Hour))
	send(t, line, open0x0...)
	send(t, line, askBoard0...)
	send(t, line, askBoard1...)
	if got := readN(t, line, 9); got[1] != 0x10 {
		t.Errorf("board %X answered, want board 1 alone", got[1]>>4)
	}
	wantKinds(t, told(t, cfg), 0, Note)
	must(t, w.CutPower("b", 0, 0))
	send(t, line, askBoard0...)
	wantBytes(t, line, allShut...)
}

func TestUnplugAndReplug(t *testing.T) {
	w := openWorld(t, oneBus(t, Personality{}))
	line := dial(t, w.BusPath("b"))
	must(t, w.Unplug("b"))
	must(t, line.SetReadDeadline(time.Now().Add(patience)))
	if n, err := line.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("a pulled line read %d bytes, %v; want an error at once", n, err)
	}
	if _, err := os.Lstat(w.BusPath("b")); !os.IsNotExist(err) {
		t.Errorf("the link of a pulled line: %v", err)
	}
	must(t, w.Replug("b"))
	line = dial(t, w.BusPath("b"))
	send(t, line, askBoard0...)
	wantBytes(t, line, allShut...)
}

// What a computer left unread does not reach the next one.
func TestALineKeepsNothing(t *testing.T) {
	w := openWorld(t, oneBus(t, Personality{}))
	s, err := w.Scanner("1")
	must(t, err)
	if s.Badge(t.Context(), "NOBODY") {
		t.Error("a badge was taken although nobody had the line open")
	}
	line := dial(t, w.ScannerPath("1"))
	waitFor(t, "a badge taken", func() bool { return s.Badge(t.Context(), "UNREAD") })
	must(t, line.Close())
	waitFor(t, "the line to be emptied", func() bool {
		s.port.mu.Lock()
		defer s.port.mu.Unlock()
		return !s.port.dirty
	})
	line = dial(t, w.ScannerPath("1"))
	if !s.Badge(t.Context(), "NEXT") {
		t.Error("nobody took the badge")
	}
	wantBytes(t, line, []byte("NEXT\r")...)
}

func TestLinksReplaceLinksOnly(t *testing.T) {
	cfg := oneBus(t, Personality{})
	link := filepath.Join(cfg.Dir, "bus-b")
	must(t, os.Symlink("/nowhere", link))
	openWorld(t, cfg)
	dial(t, link)

	cfg = oneBus(t, Personality{})
	link = filepath.Join(cfg.Dir, "bus-b")
	must(t, os.WriteFile(link, []byte("precious"), 0o600))
	if w, err := Open(t.Context(), cfg); err == nil {
		t.Error("a file in the way was taken for a link")
		must(t, w.Close())
	}
	if b, _ := os.ReadFile(link); string(b) != "precious" {
		t.Error("the file in the way is gone")
	}
}

func TestTheWorldEndsWithItsContext(t *testing.T) {
	cfg := oneBus(t, Personality{})
	cfg.Reaction = maxReaction
	ctx, cancel := context.WithCancel(t.Context())
	w, err := Open(ctx, cfg)
	must(t, err)
	line := dial(t, w.BusPath("b"))
	send(t, line, open0x0...)
	waitFor(t, "the frame", func() bool { return len(told(t, cfg)) == 1 })
	cancel()
	ended := make(chan struct{})
	go func() {
		w.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("goroutines go on")
	}
	must(t, w.Close())
	must(t, w.Close())
	wantKinds(t, told(t, cfg), 0, Frame) // the latch stayed where it was
	if left, err := os.ReadDir(cfg.Dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
