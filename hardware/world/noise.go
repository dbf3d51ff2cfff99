package world

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
	"time"
)

// Noise is what a bad line does to the replies of its boards. The zero value
// is a clean line.
type Noise struct {
	Chance     float64       // of damage to each byte, and of stray bytes before each reply; 0 to 1
	SlowChance float64       // that a reply is late; 0 to 1
	SlowBy     time.Duration // how late, at most maxDelay
}

// maxStray bounds the stray bytes before one reply.
const maxStray = 4

// spoil gives the bytes that arrive in place of reply, and whether they
// differ. Each byte may be flipped in one bit, doubled by a stray one or lost.
func (n Noise) spoil(reply []byte, rng *rand.Rand) ([]byte, bool) {
	if n.Chance <= 0 {
		return reply, false
	}
	var out []byte
	spoiled := false
	if rng.Float64() < n.Chance {
		out = append(out, scribble(rng, 1+rng.IntN(maxStray))...)
		spoiled = true
	}
	for _, b := range reply {
		if rng.Float64() >= n.Chance {
			out = append(out, b)
			continue
		}
		spoiled = true
		switch rng.IntN(3) {
		case 0:
			out = append(out, b^1<<rng.IntN(8))
		case 1:
			out = append(out, byte(rng.IntN(256)), b)
		}
	}
	return out, spoiled
}

// late gives the extra delay of one reply.
func (n Noise) late(rng *rand.Rand) time.Duration {
	if n.SlowChance > 0 && rng.Float64() < n.SlowChance {
		return n.SlowBy
	}
	return 0
}

// scribble makes n random bytes.
func scribble(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.IntN(256))
	}
	return b
}

// dice gives chance for one purpose, the same for the same seed, whatever
// else in the world uses chance.
func dice(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	_, _ = io.WriteString(h, purpose) // a hash takes every byte
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
