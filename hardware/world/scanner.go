package world

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

const (
	scannerByte = 1042 * time.Microsecond // one byte at 9600 baud, 8N1
	maxScribble = 4096                    // bytes of noise or of one over-long line
)

// Scanner is a badge reader on a serial line: it sends what it read and a
// line ending. It is safe for concurrent use; one reading follows another.
type Scanner struct {
	port   *port
	ending string
	paced  bool

	mu  sync.Mutex
	rng *rand.Rand
}

// serve swallows what the computer says to the scanner, until ctx ends.
func (s *Scanner) serve(ctx context.Context) {
	buf := make([]byte, 256)
	for s.port.read(ctx, buf) > 0 {
	}
}

// Badge sends one reading. It says false when nobody had the line open.
func (s *Scanner) Badge(ctx context.Context, text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.send(ctx, []byte(text+s.ending))
}

// Noise sends n bytes of nonsense, at most 4096, that form no badge.
func (s *Scanner) Noise(ctx context.Context, n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.send(ctx, append(scribble(s.rng, min(n, maxScribble)), s.ending...))
}

// LongLine sends n letters, at most 4096, before the line ending.
func (s *Scanner) LongLine(ctx context.Context, n int) bool {
	return s.Badge(ctx, strings.Repeat("A", min(n, maxScribble)))
}

// Misread sends a badge with one character read wrongly, so that its check
// character does not fit.
func (s *Scanner) Misread(ctx context.Context, text string) bool {
	s.mu.Lock()
	wrong := misread(text, s.rng)
	s.mu.Unlock()
	return s.Badge(ctx, wrong)
}

func (s *Scanner) send(ctx context.Context, b []byte) bool {
	if !s.paced {
		return s.port.write(b)
	}
	for i := range b {
		if rest(ctx, scannerByte) != nil || !s.port.write(b[i:i+1]) {
			return false
		}
	}
	return true
}

// misread changes one character of text into another one of a badge. It never
// writes 0 or 1, which a reader may take for O, I or L and so put right again.
func misread(text string, rng *rand.Rand) string {
	const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	if text == "" {
		return "0"
	}
	at := rng.IntN(len(text))
	for {
		c := alphabet[rng.IntN(len(alphabet))]
		if c != text[at] {
			return text[:at] + string(c) + text[at+1:]
		}
	}
}
