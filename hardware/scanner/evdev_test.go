package scanner

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// event is one input_event, laid out by hand.
func event(kind, code uint16, value int32) []byte {
	long := strconv.IntSize / 8
	e := make([]byte, 2*long, 2*long+8)
	e = binary.NativeEndian.AppendUint16(e, kind)
	e = binary.NativeEndian.AppendUint16(e, code)
	return binary.NativeEndian.AppendUint32(e, uint32(value))
}

// press and release are keys with the report after each.
func press(code uint16) []byte   { return slices.Concat(event(1, code, 1), event(0, 0, 0)) }
func release(code uint16) []byte { return slices.Concat(event(1, code, 0), event(0, 0, 0)) }
func tap(codes ...uint16) (all []byte) {
	for _, c := range codes {
		all = slices.Concat(all, press(c), release(c))
	}
	return all
}

func with(modifier uint16, events []byte) []byte {
	return slices.Concat(press(modifier), events, release(modifier))
}

const enter = 28

// The rows of a keyboard, by the codes of their first keys.
func TestEveryKey(t *testing.T) {
	for first, row := range map[uint16]string{2: "1234567890", 16: "QWERTYUIOP", 30: "ASDFGHJKL", 44: "ZXCVBNM"} {
		for i, want := range row {
			var k keys
			if got := k.push(tap(first + uint16(i))); string(got) != string(want) {
				t.Errorf("key %d types %q, want %q", int(first)+i, got, want)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	k7q2 := tap(37, 8, 16, 3)
	for name, tc := range map[string]struct {
		events []byte
		want   string
	}{
		"a code":               {slices.Concat(k7q2, tap(enter)), "K7Q2\r"},
		"upper case by Shift":  {slices.Concat(with(42, tap(37)), tap(8), with(54, tap(16)), tap(3, enter)), "K7Q2\r"},
		"keypad":               {tap(79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 96), "1234567890\r"},
		"Caps Lock":            {slices.Concat(tap(58), k7q2, tap(58, 69)), "K7Q2"},
		"a key held":           {slices.Concat(press(37), event(1, 37, 2), event(1, 37, 2), release(37)), "K"},
		"a sign":               {slices.Concat(with(42, tap(2)), tap(12, 57)), "???"},
		"Shift with Enter":     {with(42, tap(37, enter)), "K\r"},
		"Ctrl-Alt-F2":          {with(29, with(56, tap(60))), "?"},
		"Ctrl-C":               {slices.Concat(with(29, tap(46)), with(97, tap(46)), with(100, tap(46)), with(125, tap(46))), "????"},
		"both Shifts":          {slices.Concat(press(42), press(54), release(42), tap(2), release(54), tap(2)), "?1"},
		"other events":         {slices.Concat(event(4, 4, 458792), event(2, 0, 1), event(17, 1, 1), tap(37)), "K"},
		"events lost":          {slices.Concat(tap(37), event(0, 3, 0), tap(8)[:eventSize], event(0, 0, 0), tap(16, enter)), "K?Q\r"},
		"lost with Shift held": {slices.Concat(press(42), event(0, 3, 0), event(0, 0, 0), tap(2)), "?1"},
		"a half event":         {k7q2[:len(k7q2)-eventSize-1], "K7Q2"},
		"nothing":              {nil, ""},
	} {
		for _, size := range []int{1, 7, eventSize, 1 << 20} {
			var k keys
			var got []byte
			for rest := tc.events; len(rest) > 0; {
				n := min(size, len(rest))
				got = append(got, k.push(rest[:n])...)
				rest = rest[n:]
			}
			if name == "a half event" {
				got = append(got, k.push(nil)...)
			}
			if string(got) != tc.want {
				t.Errorf("%s in pieces of %d: %q, want %q", name, size, got, tc.want)
			}
		}
	}
}

func FuzzKeys(f *testing.F) {
	f.Add(slices.Concat(tap(37, 8, 16, 3), tap(enter)), 1)
	f.Add(with(29, with(56, tap(60))), 7)
	f.Add(slices.Concat(tap(37), event(0, 3, 0), tap(8), event(0, 0, 0), tap(16)), 24)
	f.Add(slices.Concat(with(42, tap(2)), event(4, 4, -1), event(65535, 65535, 1<<30)), 100)
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		size = max(size, 1)
		var whole, pieces keys
		want := whole.push(in)
		var got []byte
		for rest := in; len(rest) > 0; {
			n := min(size, len(rest))
			got = append(got, pieces.push(rest[:n])...)
			rest = rest[n:]
		}
		if !bytes.Equal(got, want) {
			t.Errorf("in pieces of %d: %q, whole: %q", size, got, want)
		}
		if len(want) > len(in)/eventSize || len(whole.rest) >= eventSize {
			t.Errorf("%d characters of %d bytes, %d bytes held", len(want), len(in), len(whole.rest))
		}
		for _, c := range want {
			if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '\r' && c != strange {
				t.Errorf("%q was typed", c)
			}
		}
	})
}

// keyboardOn gives a scanner whose device is a pipe, and its far end.
func keyboardOn(t *testing.T) (*Scanner, *os.File) {
	t.Helper()
	near, far, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := New(&keyboard{events: near})
	t.Cleanup(func() { s.Close(); far.Close() })
	return s, far
}

func TestKeyboardTypesLines(t *testing.T) {
	s, far := keyboardOn(t)
	if _, err := far.Write(slices.Concat(tap(37, 8, enter, 16), tap(3, enter))); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"K7", "Q2"} {
		if got, err := s.Scan(t.Context()); err != nil || got != want {
			t.Errorf("Scan = %q, %v, want %q", got, err, want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if got, err := s.Scan(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Scan = %q, %v, want nothing", got, err)
	}
}

// A scanner set up without a suffix, and one that types for ever.
func TestKeyboardLinesAreBounded(t *testing.T) {
	s, far := keyboardOn(t)
	if _, err := far.Write(tap(37, 8)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Scan(t.Context()); err != nil || got != "K7" {
		t.Errorf("Scan = %q, %v, want the line that the gap ended", got, err)
	}
	if _, err := far.Write(slices.Concat(bytes.Repeat(tap(37), MaxLine+1), tap(enter, 8, enter))); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Scan(t.Context()); err != nil || got != "7" {
		t.Errorf("Scan = %q, %v, want the long line thrown away", got, err)
	}
}

func TestSmallReadsLoseNothing(t *testing.T) {
	near, far, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	k := &keyboard{events: near}
	defer k.Close()
	if _, err := far.Write(tap(37, 8, 16, enter)); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for p := make([]byte, 1); len(got) < 4; {
		n, err := k.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p[:n]...)
	}
	if string(got) != "K7Q\r" {
		t.Errorf("Read %q", got)
	}
}

func TestPulledKeyboardIsGone(t *testing.T) {
	s, far := keyboardOn(t)
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Scan(t.Context()); !errors.Is(err, hardware.ErrGone) || errs.HintOf(err) == "" {
		t.Errorf("Scan = %v, want hardware.ErrGone and a hint", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenKeyboardSaysWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "event0")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]errs.Code{
		filepath.Join(folder, "missing"): errs.NotFound,
		file:                             errs.Invalid,
		"/dev/null":                      errs.Invalid,
	} {
		s, err := OpenKeyboard(path)
		if s != nil || errs.CodeOf(err) != want || errs.HintOf(err) == "" || !strings.Contains(err.Error(), path) {
			t.Errorf("OpenKeyboard(%s) = %v (%s, hint %q), want %s", path, err, errs.CodeOf(err), errs.HintOf(err), want)
		}
	}
}
