package hwtest

import "slices"

// maxFlips bounds the flipped bits that odds are worked out for, one a byte.
// More have too little weight to matter.
const maxFlips = 3

// odds adds up how likely it was that noise made an unlock frame for another
// channel out of each request that was sent.
type odds struct {
	boards *Boards
	noise  *Noise
	known  map[string]mishaps // by request
	total  float64
}

// mishaps is what can happen to one request and end in a wrong opening: how many
// ways there are with so many flipped bits, with one byte put in, and with one
// lost besides.
type mishaps struct {
	flipped        [maxFlips + 1]float64
	put, exchanged float64
}

func newOdds(b *Boards, n *Noise) *odds {
	return &odds{boards: b, noise: n, known: map[string]mishaps{}}
}

// add takes a request that is about to suffer.
func (o *odds) add(w []byte) {
	m, known := o.known[string(w)]
	if !known {
		m = o.of(w)
		o.known[string(w)] = m
	}
	weight := 1.0 // that nothing at all happens
	for range w {
		weight *= (1 - o.noise.Flip) * (1 - o.noise.Drop) * (1 - o.noise.Insert)
	}
	insert, drop := o.noise.Insert/(1-o.noise.Insert)/256, o.noise.Drop/(1-o.noise.Drop)
	o.total += weight * insert * (m.put + drop*m.exchanged)
	for _, ways := range m.flipped {
		o.total += weight * ways
		weight *= o.noise.Flip / (1 - o.noise.Flip) / 8
	}
}

// of counts the ways.
func (o *odds) of(w []byte) (m mishaps) {
	meant, _ := o.boards.dialect.Parse(w)
	wrong := func(spoiled []byte) (n float64) {
		for _, r := range o.boards.pick(spoiled) {
			if r.Unlock && (!meant.Unlock || r.Channel != meant.Channel) {
				n++
			}
		}
		return n
	}
	var flip func(spoiled []byte, from, done int)
	flip = func(spoiled []byte, from, done int) {
		m.flipped[done] += wrong(spoiled)
		for i := from; i < len(spoiled) && done < maxFlips; i++ {
			for bit := range 8 {
				spoiled[i] ^= 1 << bit
				flip(spoiled, i+1, done+1)
				spoiled[i] ^= 1 << bit
			}
		}
	}
	flip(slices.Clone(w), 0, 0)
	for at := range w {
		for v := range 256 {
			longer := slices.Insert(slices.Clone(w), at, byte(v))
			m.put += wrong(longer)
			for lost := range longer {
				if lost != at { // the byte put in is not lost
					m.exchanged += wrong(slices.Delete(slices.Clone(longer), lost, lost+1))
				}
			}
		}
	}
	return m
}
