package world

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// oneBus is a world of one bus "b" with two boards, all locks wired, and one
// kiosk "1".
func oneBus(t *testing.T, p Personality) Config {
	buses := []Bus{{Name: "b", Boards: 2, Personality: p}}
	return Config{
		Dir: t.TempDir(), Truth: filepath.Join(t.TempDir(), "truth"),
		Buses: buses, Wiring: Lay(buses, -1), Kiosks: []string{"1"}, Reaction: minReaction,
	}
}

func openWorld(t *testing.T, cfg Config) *World {
	t.Helper()
	w, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return w
}

// dial opens the computer's end of a line.
func dial(t *testing.T, link string) *os.File {
	t.Helper()
	f, err := os.OpenFile(link, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func send(t *testing.T, f *os.File, b ...byte) {
	t.Helper()
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
}

// wantBytes reads exactly what is wanted.
func wantBytes(t *testing.T, f *os.File, want ...byte) {
	t.Helper()
	got := readN(t, f, len(want))
	if !bytes.Equal(got, want) {
		t.Fatalf("got % X, want % X", got, want)
	}
}

func readN(t *testing.T, f *os.File, n int) []byte {
	t.Helper()
	if err := f.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, n)
	for have := 0; have < n; {
		m, err := f.Read(got[have:])
		if err != nil {
			t.Fatalf("after % X: %v", got[:have], err)
		}
		have += m
	}
	return got
}

// waitFor waits until ok.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func waitOpen(t *testing.T, w *World, door int) {
	t.Helper()
	waitFor(t, "an open door", func() bool { return w.Door(door).Open })
}

// told reads the truth file of a world as it is.
func told(t *testing.T, cfg Config) []Line {
	t.Helper()
	f, err := os.Open(cfg.Truth)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := ReadTruth(f)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// kinds gives the words of the lines about a door, 0 for all.
func kinds(lines []Line, door int) []What {
	var found []What
	for _, l := range lines {
		if door == 0 || l.Door == door {
			found = append(found, l.What)
		}
	}
	return found
}

func wantKinds(t *testing.T, lines []Line, door int, want ...What) {
	t.Helper()
	if got := kinds(lines, door); !slices.Equal(got, want) {
		t.Errorf("door %d: truth tells %v, want %v", door, got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// screen is a kiosk's screen inside a test.
type screen struct {
	mu      sync.Mutex
	view    View
	changed chan struct{}
}

func newScreen() *screen {
	return &screen{view: View{N: 1, Word: SayScan}, changed: make(chan struct{})}
}

func (s *screen) show(word Word, door int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view = View{N: s.view.N + 1, Word: word, Door: door}
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *screen) Look(ctx context.Context, after uint64) (View, error) {
	for {
		s.mu.Lock()
		v, changed := s.view, s.changed
		s.mu.Unlock()
		if v.N > after {
			return v, nil
		}
		select {
		case <-ctx.Done():
			return View{}, errors.New("nothing new")
		case <-changed:
		}
	}
}
