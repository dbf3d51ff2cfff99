package kerong

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

// encode is the other direction, which the product never needs.
func (r reply) encode() []byte {
	f := []byte{stx, r.addr, cmdReply, r.locks[0], r.locks[1], r.items[0], r.items[1], etx}
	return append(f, sum(f))
}

func FuzzDecoder(f *testing.F) {
	f.Add(allShut, 1)
	f.Add(join([]byte{0x02, 0x02, 0x00, 0x35}, lock1Set, lock16Set), 4)
	f.Add(bytes.Repeat([]byte{0x02, 0x00, 0x35}, 9), 2)
	f.Add([]byte{0x02, 0x00, 0x35, 0x02, 0x00, 0x35, 0x00, 0x03, 0x71, 0x00, 0x03, 0xAA}, 3)
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		size = max(size, 1)
		var whole, pieces decoder
		want := whole.push(in)
		var got []reply
		for rest := in; len(rest) > 0; {
			n := min(size, len(rest))
			got = append(got, pieces.push(rest[:n])...)
			rest = rest[n:]
		}
		if !slices.Equal(got, want) || pieces != whole {
			t.Errorf("in pieces of %d: %v, whole: %v", size, got, want)
		}
		if total := replyLen*len(want) + int(whole.garbage) + whole.n; total != len(in) {
			t.Errorf("%d bytes went in, %d are accounted for", len(in), total)
		}
		rest := in
		for _, r := range want {
			at := bytes.Index(rest, r.encode())
			if at < 0 {
				t.Fatalf("reply %v is not in the input", r)
			}
			rest = rest[at+replyLen:]
		}
	})
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
		var d decoder
		d.push(noise)
		for range 2 {
			for _, got := range d.push(good.encode()) {
				if got == good {
					return
				}
			}
		}
		t.Fatalf("after % x the reply % x was not found twice", noise, good.encode())
	})
}

// Noise never stops the decoder, and fools it within the odds of the
// checksum. The seed is fixed, so the counts are too.
func TestNoiseAtEveryRate(t *testing.T) {
	const replies = 50_000
	for _, rate := range []float64{1e-4, 1e-3, 1e-2, 1e-1} {
		noise := hwtest.NewNoise(1, rate)
		content := rand.New(rand.NewPCG(2, 2))
		var d decoder
		sent, damaged, right, wrong := map[reply]bool{}, 0, 0, 0
		for range replies {
			r := random(content)
			sent[r] = true
			clean := r.encode()
			spoiled := noise.Spoil(clean)
			if !bytes.Equal(spoiled, clean) {
				damaged++
			}
			for _, got := range d.push(spoiled) {
				if sent[got] {
					right++
				} else {
					wrong++
				}
			}
		}
		t.Logf("rate %g: %d of %d replies damaged, %d accepted, %d wrong", rate, damaged, replies, right, wrong)
		if missed := replies - damaged - right; missed > damaged/50 {
			t.Errorf("rate %g: %d undamaged replies were missed", rate, missed)
		}
		if wrong > damaged/100 {
			t.Errorf("rate %g: %d wrong replies accepted of %d damaged", rate, wrong, damaged)
		}
		if got := d.push(join(allShut, allShut)); len(got) == 0 {
			t.Errorf("rate %g: the line is clean again and neither of two replies was found", rate)
		}
	}
}

func random(r *rand.Rand) reply {
	v := r.Uint64()
	return reply{
		addr:  byte(v) & 0xF0,
		locks: [2]byte{byte(v >> 8), byte(v >> 16)},
		items: [2]byte{byte(v >> 24), byte(v >> 32)},
	}
}

// The figure given in the package comment.
func TestChecksumAgainstTwoFlippedBits(t *testing.T) {
	content := rand.New(rand.NewPCG(3, 3))
	pairs, accepted := 0, 0
	for range 200 {
		r := random(content)
		clean := r.encode()
		for a := range 8 * replyLen {
			for b := range a {
				f := bytes.Clone(clean)
				f[a/8] ^= 1 << (a % 8)
				f[b/8] ^= 1 << (b % 8)
				var d decoder
				pairs++
				if got := d.push(f); len(got) == 1 && got[0].addr == r.addr {
					accepted++
				}
			}
		}
		for a := range 8 * replyLen {
			f := bytes.Clone(clean)
			f[a/8] ^= 1 << (a % 8)
			var d decoder
			if got := d.push(f); len(got) != 0 {
				t.Fatalf("% x was accepted with bit %d flipped", clean, a)
			}
		}
	}
	oneIn := float64(pairs) / float64(accepted)
	if oneIn < 56 || oneIn > 58 {
		t.Errorf("1 in %.1f pairs of flipped bits was accepted, the comment says 57", oneIn)
	}
}
