package kerong

// decoder finds status replies in what a bus brings, in pieces of any size.
// It holds at most one reply's worth of bytes, the longest run that may still
// become one, so that a false start never swallows the reply behind it.
type decoder struct {
	window [replyLen]byte
	n      int // bytes in window; less than replyLen between calls

	badSums uint64 // replies in all but their checksum
	garbage uint64 // bytes that were in no reply
}

// push takes bytes and gives the replies they complete.
func (d *decoder) push(p []byte) []reply {
	var found []reply
	for _, b := range p {
		d.window[d.n] = b
		d.n++
		d.resync()
		if d.n < replyLen {
			continue
		}
		w := d.window
		if w[replyLen-1] != sum(w[:replyLen-1]) {
			d.badSums++
			d.drop()
			d.resync()
			continue
		}
		found = append(found, reply{addr: w[1], locks: [2]byte{w[3], w[4]}, items: [2]byte{w[5], w[6]}})
		d.n = 0
	}
	return found
}

// reset forgets a reply that has begun.
func (d *decoder) reset() {
	d.garbage += uint64(d.n)
	d.n = 0
}

// resync drops bytes until the rest could be the start of a reply.
func (d *decoder) resync() {
	for d.n > 0 && !begins(d.window[:d.n]) {
		d.drop()
	}
}

// begins says whether w has the fixed bytes of a reply, as far as it goes.
func begins(w []byte) bool {
	return w[0] == stx &&
		(len(w) < 3 || w[2] == cmdReply) &&
		(len(w) < 8 || w[7] == etx)
}

// drop removes the first byte.
func (d *decoder) drop() {
	copy(d.window[:], d.window[1:d.n])
	d.n--
	d.garbage++
}
