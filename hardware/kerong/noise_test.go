package kerong

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

func FuzzDecoder(f *testing.F) {
	hwtest.FuzzDecoder(f, format(), allShut,
		join([]byte{0x02, 0x02, 0x00, 0x35}, lock1Set, lock16Set),
		bytes.Repeat([]byte{0x02, 0x00, 0x35}, 9),
		[]byte{0x02, 0x00, 0x35, 0x02, 0x00, 0x35, 0x00, 0x03, 0x71, 0x00, 0x03, 0xAA})
}

// encode is the other direction, which the product never needs.
func (r reply) encode() []byte {
	f := []byte{stx, r.addr, cmdReply, r.locks[0], r.locks[1], r.items[0], r.items[1], etx}
	return append(f, sum(f))
}

// A reply is found however the bytes before it are made up, unless they and
// its own head form another reply by chance; then the next one is found.
func TestNextGoodReplyIsAccepted(t *testing.T) {
	likely := rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte{stx, stx, cmdReply, etx, 0x00}))
	rapid.Check(t, func(t *rapid.T) {
		noise := rapid.SliceOfN(likely, 0, 200).Draw(t, "noise")
		good := reply{
			addr:  rapid.Byte().Draw(t, "addr"),
			locks: [2]byte{likely.Draw(t, "l1"), likely.Draw(t, "l2")},
			items: [2]byte{likely.Draw(t, "i1"), likely.Draw(t, "i2")},
		}
		d := halfduplex.NewDecoder(format())
		d.Push(noise)
		for range 2 {
			for _, got := range d.Push(good.encode()) {
				if decode(got) == good {
					return
				}
			}
		}
		t.Fatalf("after % x the reply % x was not found twice", noise, good.encode())
	})
}

func TestNoiseAtEveryRate(t *testing.T) { hwtest.NoisyReplies(t, format(), random) }

// The figure given in the package comment.
func TestChecksumAgainstTwoFlippedBits(t *testing.T) {
	oneIn := hwtest.PairsAccepted(t, format(), random, func(f []byte) string { return string(f[1]) })
	if oneIn < 56 || oneIn > 58 {
		t.Errorf("1 in %.1f pairs of flipped bits was accepted, the comment says 57", oneIn)
	}
}

func random(r *rand.Rand) []byte {
	v := r.Uint64()
	return reply{
		addr:  byte(v) & 0xF0,
		locks: [2]byte{byte(v >> 8), byte(v >> 16)},
		items: [2]byte{byte(v >> 24), byte(v >> 32)},
	}.encode()
}
