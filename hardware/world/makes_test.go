package world

import (
	"testing"
	"time"
)

// The frames below are written out by hand from the boards' documentation.
func TestOtherMakes(t *testing.T) {
	eightA := Personality{Make: EightA, OneIsOpen: true, HighFirst: true}
	tests := []struct {
		name   string
		p      Personality
		unlock []byte // opens door 2
		echo   []byte // at once
		ask    []byte
		shut   []byte // status of the first board, every door shut
		open   []byte // and with door 2 open
	}{
		{"CU48", Personality{Make: CU48}, []byte{0x02, 0x00, 0x01, 0x61, 0x03, 0x67}, nil,
			[]byte{0x02, 0x00, 0x00, 0x60, 0x03, 0x65},
			[]byte{0x02, 0x00, 0x00, 0x75, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0x03, 0x74},
			[]byte{0x02, 0x00, 0x00, 0x75, 0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0x03, 0x72}},
		{"CU48, lock first", Personality{Make: CU48, LockFirst: true, OneIsOpen: true}, []byte{0x02, 0x01, 0x00, 0x61, 0x03, 0x67}, nil,
			[]byte{0x02, 0x00, 0x00, 0x60, 0x03, 0x65},
			[]byte{0x02, 0x00, 0x00, 0x75, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x7A},
			[]byte{0x02, 0x00, 0x00, 0x75, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x7C}},
		{"8A of 24", eightA, []byte{0x8A, 0x01, 0x02, 0x11, 0x98}, nil,
			[]byte{0x80, 0x01, 0x00, 0x33, 0xB2},
			[]byte{0x80, 0x01, 0x00, 0x00, 0x00, 0x33, 0xB2},
			[]byte{0x80, 0x01, 0x00, 0x00, 0x02, 0x33, 0xB0}},
		{"8A of 32, low first", Personality{Make: EightA, Size: 32}, []byte{0x8A, 0x01, 0x02, 0x11, 0x98}, nil,
			[]byte{0x80, 0x01, 0x00, 0x33, 0xB2},
			[]byte{0x80, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x33, 0xB2},
			[]byte{0x80, 0x01, 0xFD, 0xFF, 0xFF, 0xFF, 0x33, 0xB0}},
		{"relay", Personality{Make: Relay}, []byte{0x01, 0x05, 0x02, 0x01, 0x00, 0x03, 0xDD, 0xB3},
			[]byte{0x01, 0x05, 0x02, 0x01, 0x00, 0x03, 0xDD, 0xB3},
			[]byte{0x01, 0x02, 0x00, 0x00, 0x00, 0x08, 0x79, 0xCC},
			[]byte{0x01, 0x02, 0x01, 0xFF, 0xE1, 0xC8},
			[]byte{0x01, 0x02, 0x01, 0xFD, 0x60, 0x09}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := oneBus(t, tt.p)
			w := openWorld(t, cfg)
			line := dial(t, w.BusPath("b"))
			send(t, line, tt.ask...)
			wantBytes(t, line, tt.shut...)
			send(t, line, tt.unlock...)
			wantBytes(t, line, tt.echo...)
			waitOpen(t, w, 2)
			if tt.p.Make == EightA {
				readN(t, line, 5) // the answer after a second
			}
			send(t, line, tt.ask...)
			wantBytes(t, line, tt.open...)
			wantKinds(t, told(t, cfg), 0, Frame, Opened)
		})
	}
}

// For a second after an unlock an 8A board has the line for itself, and then
// says how its lock stands.
func TestAn8ABoardKeepsTheLine(t *testing.T) {
	t.Parallel()
	w := openWorld(t, oneBus(t, Personality{Make: EightA, OneIsOpen: true, HighFirst: true}))
	line := dial(t, w.BusPath("b"))
	began := time.Now()
	send(t, line, 0x8A, 0x02, 0x18, 0x11, 0x81) // the last door
	waitOpen(t, w, 48)
	send(t, line, 0x80, 0x01, 0x00, 0x33, 0xB2) // lost
	wantBytes(t, line, 0x8A, 0x02, 0x18, 0x11, 0x81)
	if took := time.Since(began); took < eightABusy {
		t.Errorf("it answered after %v", took)
	}
	if got := w.Summary().Buses["b"]; got.Collided != 5 || got.Statuses != 0 {
		t.Errorf("%+v, want five bytes collided and no status", got)
	}
	send(t, line, 0x80, 0x02, 0x00, 0x33, 0xB1)
	wantBytes(t, line, 0x80, 0x02, 0x80, 0x00, 0x00, 0x33, 0x31)
}

func TestOtherMakesIgnoreWhatIsNotForThem(t *testing.T) {
	tests := []struct {
		name  string
		p     Personality
		frame []byte
		want  Counts
	}{
		{"CU48: board that is not there", Personality{Make: CU48}, []byte{0x02, 0x02, 0x00, 0x61, 0x03, 0x68}, Counts{Elsewhere: 1}},
		{"CU48: lock that is not there", Personality{Make: CU48}, []byte{0x02, 0x01, 0x30, 0x61, 0x03, 0x97}, Counts{Unknown: 1}},
		{"CU48: wrong sum", Personality{Make: CU48}, []byte{0x02, 0x00, 0x00, 0x61, 0x03, 0x67}, Counts{BadBytes: 6}},
		{"8A: every lock at once", Personality{Make: EightA}, []byte{0x8A, 0x01, 0x00, 0x11, 0x9A}, Counts{Unknown: 1}},
		{"8A: board 0", Personality{Make: EightA}, []byte{0x8A, 0x00, 0x01, 0x11, 0x9A}, Counts{Elsewhere: 1}},
		{"8A: lock 25 of 24", Personality{Make: EightA}, []byte{0x8A, 0x01, 0x19, 0x11, 0x83}, Counts{Unknown: 1}},
		{"8A: wrong check byte", Personality{Make: EightA}, []byte{0x8A, 0x01, 0x01, 0x11, 0x9A}, Counts{BadBytes: 5}},
		{"relay: switched on without a time", Personality{Make: Relay}, []byte{0x01, 0x05, 0x00, 0x00, 0xFF, 0x00, 0x8C, 0x3A}, Counts{Unknown: 1}},
		{"relay: a pulse of two seconds", Personality{Make: Relay}, []byte{0x01, 0x05, 0x02, 0x00, 0x00, 0x14, 0xCC, 0x7D}, Counts{Unknown: 1}},
		{"relay: another slave", Personality{Make: Relay}, []byte{0xF7, 0x05, 0x02, 0x00, 0x00, 0x0A, 0x58, 0xE3}, Counts{Elsewhere: 1}},
		{"relay: wrong CRC", Personality{Make: Relay}, []byte{0x01, 0x05, 0x02, 0x01, 0x00, 0x03, 0xB3, 0xDD}, Counts{BadBytes: 1}}, // the rest may yet begin a frame
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := oneBus(t, tt.p)
			w := openWorld(t, cfg)
			line := dial(t, w.BusPath("b"))
			send(t, line, tt.frame...)
			waitFor(t, "the board to have heard", func() bool {
				c := w.Summary().Buses["b"]
				return c.Elsewhere+c.Unknown > 0 || c.BadBytes >= tt.want.BadBytes && tt.want.BadBytes > 0 || c.Unlocks > 0
			})
			if got := w.Summary().Buses["b"]; got != tt.want {
				t.Errorf("counts %+v, want %+v", got, tt.want)
			}
			wantKinds(t, told(t, cfg), 0)
		})
	}
}

// Whatever comes, an ear accounts for every byte, and hears a good frame after it.
func FuzzEarsOfOtherMakes(f *testing.F) {
	tongues := []tongue{cu48{}, eightA{}, relay{}}
	good := [][]byte{
		{0x02, 0x01, 0x0F, 0x61, 0x03, 0x76}, {0x8A, 0x02, 0x10, 0x11, 0x89}, {0x02, 0x05, 0x02, 0x0F, 0x00, 0x03, 0xBC, 0x43},
	}
	for i, frame := range good {
		f.Add(frame, byte(3), byte(i))
		f.Add(append([]byte{frame[0], frame[0]}, frame...), byte(1), byte(i))
	}
	f.Fuzz(func(t *testing.T, raw []byte, cut, which byte) {
		i := int(which) % len(tongues)
		e := ear{tongue: tongues[i]}
		n := min(int(cut), len(raw))
		found := append(e.hear(raw[:n], monday), e.hear(raw[n:], monday)...)
		if total := len(found)*e.tongue.requestLen() + int(e.bad) + len(e.held); total != len(raw) || len(e.held) >= e.tongue.requestLen() {
			t.Errorf("%d of %d bytes accounted for, %d held", total, len(raw), len(e.held))
		}
		after := e.hear(good[i], monday.Add(2*requestGap))
		if len(after) != 1 || after[0].board != 1 || after[0].lock != 15 || after[0].wish != moveLatch {
			t.Errorf("the frame after was heard as %+v", after)
		}
	})
}
