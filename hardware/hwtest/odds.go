package hwtest

import (
	"bytes"

	"github.com/bellkeep/bellkeep/hardware"
)

// odds adds up how likely it was that noise made unlock frames for other channels
// out of the requests that were sent. It is exact but for one thing, which makes it
// a bound: frames found in one another's place are counted each.
type odds struct {
	noise  *Noise
	frames []*frame           // unlock frames, as the driver sends them
	known  map[string]float64 // by request
	total  float64
}

func newOdds(n *Noise, unlocks map[hardware.Channel][]byte) *odds {
	o := &odds{noise: n, known: map[string]float64{}}
	for _, bytes := range unlocks {
		o.frames = append(o.frames, follow(bytes))
	}
	return o
}

// add takes a request that is about to suffer.
func (o *odds) add(w []byte) {
	p, known := o.known[string(w)]
	if !known {
		for _, f := range o.frames {
			if !bytes.Equal(f.bytes, w) {
				p += o.of(w, f)
			}
		}
		o.known[string(w)] = p
	}
	o.total += p
}

// of is how likely a frame is found in what Spoil makes of w. It follows how much of
// the frame the bytes heard last have been.
func (o *odds) of(w []byte, f *frame) float64 {
	at := make([]float64, len(f.bytes)+1) // the chance that so many bytes of the frame were heard last
	at[0] = 1
	for _, b := range w {
		at = mix(at, o.noise.Insert, f.any)
		spoiled := make([][]float64, len(at))
		for state := range at {
			spoiled[state] = make([]float64, len(at))
			spoiled[state][f.next[state][b]] += 1 - o.noise.Flip
			for bit := range 8 {
				spoiled[state][f.next[state][b^1<<bit]] += o.noise.Flip / 8
			}
		}
		at = mix(at, 1-o.noise.Drop, spoiled)
	}
	return at[len(f.bytes)]
}

// mix lets a byte be heard with a chance; then states follow each other as by says.
func mix(at []float64, chance float64, by [][]float64) []float64 {
	after := make([]float64, len(at))
	for state, p := range at {
		after[state] += p * (1 - chance)
		for next, share := range by[state] {
			after[next] += p * chance * share
		}
	}
	return after
}

// frame tells how many of its bytes were heard last once so many were and another is
// heard. What was heard whole stays so.
type frame struct {
	bytes []byte
	next  [][256]int
	any   [][]float64 // shares of what follows, when any byte is heard
}

func follow(whole []byte) *frame {
	f := &frame{bytes: whole, next: make([][256]int, len(whole)+1), any: make([][]float64, len(whole)+1)}
	for state := range f.next {
		f.any[state] = make([]float64, len(whole)+1)
		for b := range 256 {
			heard := append(bytes.Clone(whole[:state]), byte(b))
			for state < len(whole) && !bytes.HasPrefix(whole, heard) {
				heard = heard[1:]
			}
			next := min(len(heard), len(whole))
			f.next[state][b] = next
			f.any[state][next] += 1. / 256
		}
	}
	return f
}
