package hwtest

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

func TestLineBehavesAsARealOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLine()
		buf := make([]byte, 8)
		began := time.Now()
		if n, err := l.Read(buf); n != 0 || !errors.Is(err, hardware.ErrTimeout) || time.Since(began) != hardware.ReadTimeout {
			t.Errorf("Read of a silent line = %d, %v after %v", n, err, time.Since(began))
		}
		l.Send([]byte("stale"))
		if err := l.Flush(); err != nil {
			t.Error(err)
		}
		l.Send([]byte("fresh"))
		if n, err := l.Read(buf); err != nil || string(buf[:n]) != "fresh" {
			t.Errorf("Read = %q, %v", buf[:n], err)
		}
		if _, err := l.Write([]byte("out")); err != nil {
			t.Error(err)
		}
		if got := <-l.Written(); string(got) != "out" {
			t.Errorf("the far side saw %q", got)
		}
		l.Send(make([]byte, 2*maxArrived))
		if got := l.take(make([]byte, 2*maxArrived)); got != maxArrived {
			t.Errorf("the line held %d bytes, want %d", got, maxArrived)
		}
		go func() { time.Sleep(time.Millisecond); l.Unplug() }()
		if _, err := l.Read(buf); !errors.Is(err, hardware.ErrGone) {
			t.Errorf("Read of an unplugged line = %v", err)
		}
		for range 2 {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := l.Read(buf); !errors.Is(err, os.ErrClosed) {
			t.Errorf("Read of a closed line = %v", err)
		}
	})
}

func TestRecordPlaysBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLine()
		rec := &Record{Line: l}
		l.Send([]byte("noise"))
		talk(t, rec, "", "noise")
		l.Send([]byte("pong"))
		talk(t, rec, "ping", "pong")
		want := []Step{{Reply: []byte("noise")}, {[]byte("ping"), []byte("pong")}}
		if !slices.EqualFunc(rec.Steps, want, func(a, b Step) bool {
			return bytes.Equal(a.Want, b.Want) && bytes.Equal(a.Reply, b.Reply)
		}) {
			t.Errorf("recorded %q, want %q", rec.Steps, want)
		}
		play := NewPlayback(t, rec.Steps...)
		talk(t, play, "", "noise")
		talk(t, play, "ping", "pong")
		if err := play.Close(); err != nil {
			t.Error(err)
		}
	})
}

func talk(t *testing.T, l hardware.Line, say, want string) {
	t.Helper()
	if say != "" {
		if _, err := l.Write([]byte(say)); err != nil {
			t.Error(err)
		}
	}
	buf := make([]byte, 16)
	if n, err := l.Read(buf); err != nil || string(buf[:n]) != want {
		t.Errorf("after %q Read = %q, %v, want %q", say, buf[:n], err, want)
	}
}

// silent is a testing.TB that keeps its complaints.
type silent struct {
	testing.TB
	complaints int
}

func (s *silent) Helper()      {}
func (s *silent) Error(...any) { s.complaints++ }

func TestPlaybackComplains(t *testing.T) {
	for name, do := range map[string]func(p *Playback){
		"another write":        func(p *Playback) { p.Write([]byte("pong")) },
		"steps left":           func(p *Playback) { p.Close() },
		"more than the script": func(p *Playback) { p.Write([]byte("ping")); p.Write([]byte("ping")) },
	} {
		tb := &silent{}
		do(NewPlayback(tb, Step{Want: []byte("ping")}))
		if tb.complaints != 1 {
			t.Errorf("%s: %d complaints, want 1", name, tb.complaints)
		}
	}
}

func TestNoiseIsTheSameForTheSameSeed(t *testing.T) {
	clean := bytes.Repeat([]byte{0x55}, 10_000)
	once := NewNoise(5, 0.1).Spoil(clean)
	if !bytes.Equal(once, NewNoise(5, 0.1).Spoil(clean)) {
		t.Error("one seed gave two kinds of noise")
	}
	if bytes.Equal(once, NewNoise(6, 0.1).Spoil(clean)) {
		t.Error("two seeds gave the same noise")
	}
	if !bytes.Equal(clean, NewNoise(5, 0).Spoil(clean)) {
		t.Error("no noise changed something")
	}
	if kept := bytes.Count(once, []byte{0x55}); kept < 7500 || kept > 8500 {
		t.Errorf("%d of 10000 bytes passed unchanged, want about 8100", kept)
	}
}
