package hwtest

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/hardware/halfduplex"
)

// FuzzDecoder feeds a decoder: in whatever pieces bytes arrive, the same frames
// are found, each of them is in the input, in order and with good check bytes,
// and every byte is accounted for.
func FuzzDecoder(f *testing.F, format halfduplex.Format, seeds ...[]byte) {
	for i, seed := range seeds {
		f.Add(seed, i+1)
	}
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		whole, pieces := halfduplex.NewDecoder(format), halfduplex.NewDecoder(format)
		want := whole.Push(in)
		var got [][]byte
		for piece := range slices.Chunk(in, max(size, 1)) {
			got = append(got, pieces.Push(piece)...)
		}
		if !slices.EqualFunc(got, want, bytes.Equal) || pieces.Held() != whole.Held() ||
			pieces.BadSums() != whole.BadSums() || pieces.Garbage() != whole.Garbage() {
			t.Errorf("in pieces of %d: % x, whole: % x", size, got, want)
		}
		total, rest := int(whole.Garbage())+whole.Held(), in
		for _, frame := range want {
			at := bytes.Index(rest, frame)
			if at < 0 || !format.Sum(frame) || format.Length(frame) != len(frame) {
				t.Fatalf("frame % x is not in the input or not good", frame)
			}
			total, rest = total+len(frame), rest[at+len(frame):]
		}
		if total != len(in) {
			t.Errorf("%d bytes went in, %d are accounted for", len(in), total)
		}
	})
}

// NoisyReplies sends replies through noise of every rate: it never stops the
// decoder, and fools it in at most one damaged reply of a hundred. The seed is
// fixed, so the counts are too.
func NoisyReplies(t *testing.T, format halfduplex.Format, draw func(*rand.Rand) []byte) {
	t.Helper()
	const replies = 50_000
	for _, rate := range []float64{1e-4, 1e-3, 1e-2, 1e-1} {
		noise, content := NewNoise(1, rate), rand.New(rand.NewPCG(2, 2))
		d := halfduplex.NewDecoder(format)
		sent, damaged, right, wrong := map[string]bool{}, 0, 0, 0
		for range replies {
			clean := draw(content)
			sent[string(clean)] = true
			spoiled := noise.Spoil(clean)
			if !bytes.Equal(spoiled, clean) {
				damaged++
			}
			for _, got := range d.Push(spoiled) {
				if sent[string(got)] {
					right++
				} else {
					wrong++
				}
			}
		}
		t.Logf("rate %g: %d of %d replies damaged, %d accepted, %d wrong", rate, damaged, replies, right, wrong)
		if missed := replies - damaged - right; missed > damaged/20 {
			t.Errorf("rate %g: %d undamaged replies were missed", rate, missed)
		}
		if wrong > damaged/100 {
			t.Errorf("rate %g: %d wrong replies accepted of %d damaged", rate, wrong, damaged)
		}
		clean := draw(content)
		if got := d.Push(append(bytes.Clone(clean), clean...)); len(got) == 0 {
			t.Errorf("rate %g: the line is clean again and neither of two replies was found", rate)
		}
	}
}

// PairsAccepted gives of how many pairs of flipped bits in a reply one is
// accepted as another reply of the same sender. A single flipped bit must never
// be.
func PairsAccepted(t *testing.T, format halfduplex.Format, draw func(*rand.Rand) []byte, sender func(frame []byte) string) float64 {
	t.Helper()
	content := rand.New(rand.NewPCG(3, 3))
	pairs, accepted := 0, 0
	fools := func(clean []byte, flips ...int) bool {
		f := bytes.Clone(clean)
		for _, bit := range flips {
			f[bit/8] ^= 1 << (bit % 8)
		}
		got := halfduplex.NewDecoder(format).Push(f)
		return len(got) == 1 && len(got[0]) == len(clean) && sender(got[0]) == sender(clean)
	}
	for range 100 {
		clean := draw(content)
		for a := range 8 * len(clean) {
			if fools(clean, a) {
				t.Fatalf("% x was accepted with bit %d flipped", clean, a)
			}
			for b := range a {
				pairs++
				if fools(clean, a, b) {
					accepted++
				}
			}
		}
	}
	if accepted == 0 {
		return 0
	}
	return float64(pairs) / float64(accepted)
}
