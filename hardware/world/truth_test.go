package world

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const truthSample = `{"n":1,"t":"2026-11-23T08:34:00.120Z","what":"arrived","pupil":"p-1"}
{"n":2,"t":"2026-11-23T08:34:01.000Z","what":"frame","bus":"left","board":0,"lock":0,"door":1}
{"n":3,"t":"2026-11-23T09:34:01.120+01:00","what":"put","door":1,"pupil":"p-1","phone":"x"}
`

func TestReadTruth(t *testing.T) {
	lines, err := ReadTruth(strings.NewReader(truthSample))
	must(t, err)
	at := time.Date(2026, 11, 23, 8, 34, 1, 0, time.UTC)
	want := Line{N: 2, T: at, What: Frame, Bus: "left", Door: 1}
	if len(lines) != 3 || !reflect.DeepEqual(lines[1], want) {
		t.Errorf("got %+v, want %+v second of 3", lines, want)
	}
	if !lines[2].T.Equal(at.Add(120 * time.Millisecond)) {
		t.Errorf("third line at %v", lines[2].T)
	}
}

func TestReadTruthIsStrict(t *testing.T) {
	first, _, _ := strings.Cut(truthSample, "\n")
	tests := map[string]string{
		"torn":          truthSample[:len(truthSample)-1],
		"gap":           strings.Replace(truthSample, `"n":2`, `"n":3`, 1),
		"unknown word":  strings.Replace(first, "arrived", "flew", 1) + "\n",
		"unknown key":   strings.Replace(first, `"pupil"`, `"puppy"`, 1) + "\n",
		"spelled apart": strings.Replace(first, `,"what"`, `, "what"`, 1) + "\n",
		"twice a key":   strings.Replace(first, `"what"`, `"n":1,"what"`, 1) + "\n",
		"no board":      strings.Replace(first, `"pupil":"p-1"`, `"bus":"b"`, 1) + "\n",
		"bad time":      strings.Replace(first, "08:34", "24:34", 1) + "\n",
		"too long":      strings.Replace(first, "p-1", strings.Repeat("p", maxLine), 1) + "\n",
		"empty line":    "\n",
	}
	for name, text := range tests {
		if _, err := ReadTruth(strings.NewReader(text)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: ReadTruth = %v, want invalid", name, err)
		}
	}
}

func FuzzReadTruth(f *testing.F) {
	f.Add([]byte(truthSample))
	f.Add([]byte(`{"n":1,"t":"2026-11-23T08:34:00.120Z","what":"note","text":"<\u2028>"}` + "\n"))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lines, err := ReadTruth(bytes.NewReader(raw))
		if err != nil {
			return
		}
		var again []byte
		for _, l := range lines {
			b, err := encode(l)
			must(t, err)
			again = append(again, b...)
		}
		if !bytes.Equal(again, raw) {
			t.Errorf("read %q and wrote %q", raw, again)
		}
	})
}

func TestTruthIsTakenUpAgain(t *testing.T) {
	cfg := oneBus(t, Personality{})
	cfg.Pupils = []Pupil{{ID: "p", Phones: []string{"x", "y", "z"}}}
	w := openWorld(t, cfg)
	must(t, w.Force(1))
	must(t, w.Force(2))
	for _, phone := range []string{"x", "y"} {
		_, err := w.cab.put(1, "p", phone)
		must(t, err)
	}
	_, err := w.cab.take(1, "p", "x")
	must(t, err)
	_, err = w.Push(1)
	must(t, err)
	must(t, w.Close())

	w, err = Open(t.Context(), cfg)
	must(t, err)
	if got := w.Door(1); got.Open || !reflect.DeepEqual(got.Phones, []string{"y"}) {
		t.Errorf("door 1 is taken up as %+v", got)
	}
	if !w.Door(2).Open {
		t.Error("door 2 stood open")
	}
	if got := w.Summary(); got.Lines != 6 || len(got.InHand) != 2 {
		t.Errorf("summary %+v", got)
	}
	must(t, w.Force(1))
	must(t, w.Close())
	if lines := told(t, cfg); len(lines) != 7 {
		t.Errorf("%d lines, want 7", len(lines))
	}

	cfg.Wiring = cfg.Wiring[1:]
	if _, err := Open(t.Context(), cfg); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("Open without the door that held phones = %v, want conflict", err)
	}
}

// A world that cannot write its truth ends and says why.
func TestUnwritableTruthEndsTheWorld(t *testing.T) {
	cfg := oneBus(t, Personality{})
	w := openWorld(t, cfg)
	line := dial(t, w.BusPath("b"))
	readOnly, err := os.Open(cfg.Truth)
	must(t, err)
	w.truth.mu.Lock()
	full := w.truth.file
	w.truth.file = readOnly
	w.truth.mu.Unlock()
	t.Cleanup(func() { _ = full.Close() })
	send(t, line, open0x0...)
	select {
	case <-w.Done():
	case <-time.After(patience):
		t.Fatal("the world goes on")
	}
	if errs.CodeOf(w.Err()) != errs.Unavailable {
		t.Errorf("Err = %v, want unavailable", w.Err())
	}
	if w.Door(1).Open {
		t.Error("the door opened untold")
	}
}

func TestTruthInNoFolder(t *testing.T) {
	cfg := oneBus(t, Personality{})
	cfg.Truth = filepath.Join(t.TempDir(), "none", "truth")
	if _, err := Open(t.Context(), cfg); errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
		t.Errorf("Open = %v, want unavailable with a hint", err)
	}
}
