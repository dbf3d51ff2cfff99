package scanner

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

func TestLines(t *testing.T) {
	longest := strings.Repeat("A", MaxLine)
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"CR":                   {"K7Q2\r", []string{"K7Q2"}},
		"LF":                   {"K7Q2\n", []string{"K7Q2"}},
		"CR LF":                {"K7Q2\r\nM3\r\n", []string{"K7Q2", "M3"}},
		"two codes in one":     {"K7Q2\rM3\r", []string{"K7Q2", "M3"}},
		"empty lines":          {"\r\r\n\n\rK\r\r", []string{"K"}},
		"no suffix yet":        {"K7Q2", nil},
		"control characters":   {"\x02K\x1b[2J7\x00\x7f\xff\tQ\x03\r", []string{"K[2J7Q"}},
		"nothing printable":    {"\x01\x02\xf0\r", nil},
		"blanks are kept":      {" K 7\r", []string{" K 7"}},
		"the longest":          {longest + "\r", []string{longest}},
		"one too many":         {longest + "B\rK\r", []string{"K"}},
		"far too many":         {strings.Repeat("B", 100_000) + "\rK\r", []string{"K"}},
		"dropped do not count": {"\x01" + longest + "\x01\r", []string{longest}},
	} {
		for _, size := range []int{1, 3, 64, 1 << 20} {
			var s splitter
			var got []string
			for rest := tc.in; rest != ""; {
				n := min(size, len(rest))
				got = append(got, s.push([]byte(rest[:n]))...)
				rest = rest[n:]
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("%s in pieces of %d: %q, want %q", name, size, got, tc.want)
			}
		}
	}
}

func FuzzSplitter(f *testing.F) {
	f.Add([]byte("K7Q2\r\nM3\r"), 1)
	f.Add([]byte(strings.Repeat("A", MaxLine+1)+"\rK\r"), 7)
	f.Add([]byte("\x00\x1b\xff\r\n\n"), 2)
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		size = max(size, 1)
		var whole, pieces splitter
		want := whole.push(in)
		var got []string
		for rest := in; len(rest) > 0; {
			n := min(size, len(rest))
			got = append(got, pieces.push(rest[:n])...)
			rest = rest[n:]
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pieces of %d: %q, whole: %q", size, got, want)
		}
		for _, line := range want {
			if line == "" || len(line) > MaxLine || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%q was handed on", line)
			}
		}
		if len(whole.line) > MaxLine {
			t.Errorf("%d bytes are held", len(whole.line))
		}
	})
}

// scan runs test in a bubble with a scanner and the line it is on.
func scan(t *testing.T, test func(t *testing.T, s *Scanner, line *hwtest.Line)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		line := hwtest.NewLine()
		s := New(line)
		defer s.Close()
		test(t, s, line)
	})
}

func wantScan(t *testing.T, s *Scanner, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if got, err := s.Scan(ctx); err != nil || got != want {
		t.Errorf("Scan = %q, %v, want %q", got, err, want)
	}
}

func wantNothing(t *testing.T, s *Scanner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if got, err := s.Scan(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Scan = %q, %v, want nothing", got, err)
	}
}

func TestLineIsHandedOnWithItsSuffix(t *testing.T) {
	scan(t, func(t *testing.T, s *Scanner, line *hwtest.Line) {
		began := time.Now()
		line.Send([]byte("K7Q2\rM3\r"))
		wantScan(t, s, "K7Q2")
		wantScan(t, s, "M3")
		if took := time.Since(began); took != 0 {
			t.Errorf("two lines took %v", took)
		}
		wantNothing(t, s)
	})
}

func TestCodeInPiecesIsOneLine(t *testing.T) {
	scan(t, func(t *testing.T, s *Scanner, line *hwtest.Line) {
		go func() {
			for _, piece := range []string{"K7", "Q", "2\r"} {
				line.Send([]byte(piece))
				time.Sleep(idleGap - time.Millisecond)
			}
		}()
		wantScan(t, s, "K7Q2")
		wantNothing(t, s)
	})
}

func TestLineWithoutSuffixEndsWithTheGap(t *testing.T) {
	scan(t, func(t *testing.T, s *Scanner, line *hwtest.Line) {
		began := time.Now()
		line.Send([]byte("K7Q2"))
		wantScan(t, s, "K7Q2")
		if took := time.Since(began); took < idleGap || took > idleGap+hardware.ReadTimeout {
			t.Errorf("the line was handed on after %v, want %v to one read timeout more", took, idleGap)
		}
		line.Send([]byte("M3\r"))
		wantScan(t, s, "M3")
	})
}

// A slow machine finds the rest of a code long after its head.
func TestSlowReaderDoesNotCutACode(t *testing.T) {
	scan(t, func(t *testing.T, s *Scanner, line *hwtest.Line) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		line.Send([]byte("K7"))
		if got, err := s.Scan(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Scan = %q, %v", got, err)
		}
		line.Send([]byte("Q2\r"))
		time.Sleep(time.Minute)
		wantScan(t, s, "K7Q2")
	})
}

func TestTooLongLineEndsWithTheGapToo(t *testing.T) {
	scan(t, func(t *testing.T, s *Scanner, line *hwtest.Line) {
		line.Send([]byte(strings.Repeat("A", 3*MaxLine)))
		wantNothing(t, s)
		line.Send([]byte("M3\r"))
		wantScan(t, s, "M3")
	})
}

func TestEndedContextLosesNothing(t *testing.T) {
	scan(t, func(t *testing.T, s *Scanner, line *hwtest.Line) {
		line.Send([]byte("K7Q2\rM3\r"))
		wantScan(t, s, "K7Q2")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := s.Scan(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Scan = %q, %v, want context.Canceled", got, err)
		}
		wantScan(t, s, "M3")
	})
}

func TestUnpluggedScannerIsGone(t *testing.T) {
	scan(t, func(t *testing.T, s *Scanner, line *hwtest.Line) {
		go func() {
			time.Sleep(time.Second / 2)
			line.Send([]byte("half a co"))
			line.Unplug()
		}()
		if got, err := s.Scan(t.Context()); !errors.Is(err, hardware.ErrGone) {
			t.Errorf("Scan = %q, %v, want hardware.ErrGone", got, err)
		}
	})
}
