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
	frames map[hardware.Channel][]byte // unlock frames, as the driver sends them
	known  map[string]float64          // by request
	total  float64
}

func newOdds(n *Noise, frames map[hardware.Channel][]byte) *odds {
	return &odds{noise: n, frames: frames, known: map[string]float64{}}
}

// add takes a request that is about to suffer.
func (o *odds) add(w []byte) {
	p, known := o.known[string(w)]
	if !known {
		for _, frame := range o.frames {
			if !bytes.Equal(frame, w) {
				p += o.of(w, frame)
			}
		}
		o.known[string(w)] = p
	}
	o.total += p
}

// of is how likely frame is found in what Spoil makes of w. It follows how much of
// the frame the bytes heard last have been.
func (o *odds) of(w, frame []byte) float64 {
	next := follow(frame)
	at := make([]float64, len(frame)+1) // the chance that so many bytes of frame were heard last
	at[0] = 1
	hear := func(share float64, heard ...byte) { // one of these bytes
		after := make([]float64, len(at))
		for state, p := range at {
			after[state] += p * (1 - share)
			for _, b := range heard {
				after[next[state][b]] += p * share / float64(len(heard))
			}
		}
		at = after
	}
	for _, b := range w {
		hear(o.noise.Insert, anyByte...)
		flipped := make([]byte, 8)
		for bit := range flipped {
			flipped[bit] = b ^ 1<<bit
		}
		before := at
		hear(1-o.noise.Drop, b)
		right := at
		at = before
		hear(1-o.noise.Drop, flipped...)
		for state := range at {
			at[state] = at[state]*o.noise.Flip + right[state]*(1-o.noise.Flip)
		}
	}
	return at[len(frame)]
}

var anyByte = func() (all []byte) {
	for b := range 256 {
		all = append(all, byte(b))
	}
	return all
}()

// follow tells how many bytes of frame were heard last once so many were and
// another is heard. What was heard whole stays so.
func follow(frame []byte) [][256]int {
	next := make([][256]int, len(frame)+1)
	for state := range next {
		for b := range 256 {
			heard := append(bytes.Clone(frame[:state]), byte(b))
			for state < len(frame) && !bytes.HasPrefix(frame, heard) {
				heard = heard[1:]
			}
			next[state][b] = min(len(heard), len(frame))
		}
	}
	return next
}
