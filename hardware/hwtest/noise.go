package hwtest

import (
	"math/rand/v2"

	"github.com/bellkeep/bellkeep/hardware"
)

// Noise is a source of line errors, the same for the same seed. Each rate is
// the share of bytes it befalls, between 0 and 1.
type Noise struct {
	Flip, Drop, Insert float64
	Rand               *rand.Rand
}

// NewNoise gives noise in which each kind of error has the same rate.
func NewNoise(seed uint64, rate float64) *Noise {
	return &Noise{Flip: rate, Drop: rate, Insert: rate, Rand: rand.New(rand.NewPCG(seed, seed))}
}

// Spoil gives a copy of p as it arrives: with single bits flipped, bytes lost
// and random bytes put in.
func (n *Noise) Spoil(p []byte) []byte {
	out := make([]byte, 0, len(p))
	for _, b := range p {
		if n.Rand.Float64() < n.Insert {
			out = append(out, byte(n.Rand.Uint32()))
		}
		if n.Rand.Float64() < n.Flip {
			b ^= 1 << n.Rand.IntN(8)
		}
		if n.Rand.Float64() >= n.Drop {
			out = append(out, b)
		}
	}
	return out
}

// Noisy is a line whose incoming bytes suffer.
type Noisy struct {
	hardware.Line
	Noise *Noise

	rest []byte // spoiled bytes that the last Read had no room for
}

// Read gives spoiled bytes. All of what arrived may have been lost, which is
// then a read of nothing.
func (n *Noisy) Read(p []byte) (int, error) {
	if len(n.rest) == 0 {
		buf := make([]byte, len(p))
		k, err := n.Line.Read(buf)
		if err != nil {
			return 0, err
		}
		n.rest = n.Noise.Spoil(buf[:k])
	}
	k := copy(p, n.rest)
	n.rest = n.rest[k:]
	return k, nil
}

// Flush discards what arrived.
func (n *Noisy) Flush() error {
	n.rest = nil
	return n.Line.Flush()
}
