package halfduplex

import "bytes"

// MaxFrame is the longest frame that a Format may speak of, in bytes.
const MaxFrame = 64

// Format tells the frames of one protocol from other bytes.
type Format struct {
	// Length looks at the first bytes of what may be a frame, one at least, and
	// gives the length of the frame that begins so: 0 while that cannot be told
	// yet, -1 when no frame does.
	Length func(head []byte) int
	// Sum says whether the check bytes of a whole frame fit the rest of it.
	Sum func(frame []byte) bool
}

// Decoder finds frames in what a bus brings, in pieces of any size. It holds
// at most one frame's worth of bytes, the longest run that may still become
// one, so that a false start never swallows the frame behind it.
type Decoder struct {
	format Format
	window [MaxFrame]byte
	n      int // bytes in window

	badSums uint64 // frames in all but their check bytes
	garbage uint64 // bytes that were in no frame
}

// NewDecoder gives one for a format.
func NewDecoder(f Format) *Decoder { return &Decoder{format: f} }

// Push takes bytes and gives the frames they complete, each its own copy.
func (d *Decoder) Push(p []byte) (found [][]byte) {
	for _, b := range p {
		d.window[d.n] = b
		d.n++
		for size := d.next(); size > 0; size = d.next() {
			found = append(found, bytes.Clone(d.window[:size]))
			d.n = copy(d.window[:], d.window[size:d.n])
		}
	}
	return found
}

// next drops bytes until the rest begins with a whole frame, whose length it
// gives, or could become one, for which it gives 0.
func (d *Decoder) next() int {
	for d.n > 0 {
		size := d.format.Length(d.window[:d.n])
		switch {
		case size < 0 || size > MaxFrame || size == 0 && d.n == MaxFrame:
			// No frame begins here.
		case size == 0 || size > d.n:
			return 0
		case d.format.Sum(d.window[:size]):
			return size
		default:
			d.badSums++
		}
		d.drop()
	}
	return 0
}

// Reset forgets a frame that has begun.
func (d *Decoder) Reset() {
	d.garbage += uint64(d.n)
	d.n = 0
}

// Held gives how many bytes may still become a frame, BadSums how many frames
// had wrong check bytes, Garbage how many bytes were in no frame.
func (d *Decoder) Held() int       { return d.n }
func (d *Decoder) BadSums() uint64 { return d.badSums }
func (d *Decoder) Garbage() uint64 { return d.garbage }

// drop removes the first byte.
func (d *Decoder) drop() {
	copy(d.window[:], d.window[1:d.n])
	d.n--
	d.garbage++
}
