package xor8a

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

func TestRequestsByHand(t *testing.T) {
	for name, tc := range map[string]struct{ got, want []byte }{
		"unlock lock 1 of board 1":     {unlockFrame(1, 1), []byte{0x8A, 0x01, 0x01, 0x11, 0x9B}},
		"unlock lock 24 of board 1":    {unlockFrame(1, 24), []byte{0x8A, 0x01, 0x18, 0x11, 0x82}},
		"unlock lock 32 of board 31":   {unlockFrame(31, 32), []byte{0x8A, 0x1F, 0x20, 0x11, 0xA4}},
		"status of all, of board 1":    {statusFrame(1), []byte{0x80, 0x01, 0x00, 0x33, 0xB2}},
		"status of all, of board 0x1F": {statusFrame(31), []byte{0x80, 0x1F, 0x00, 0x33, 0xAC}},
	} {
		if !bytes.Equal(tc.got, tc.want) {
			t.Errorf("%s: % x, want % x", name, tc.got, tc.want)
		}
	}
}

// Replies joined by hand.
var (
	opened1  = []byte{0x8A, 0x01, 0x01, 0x11, 0x9B}
	stayed1  = []byte{0x8A, 0x01, 0x01, 0x00, 0x8A}
	small    = []byte{0x80, 0x01, 0x01, 0x01, 0x01, 0x33, 0xB3}
	smallOf2 = []byte{0x80, 0x02, 0x00, 0x00, 0x00, 0x33, 0xB1}
	large    = []byte{0x80, 0x01, 0x80, 0x00, 0x00, 0x02, 0x33, 0x30}
	largeBad = []byte{0x80, 0x01, 0x80, 0x00, 0x00, 0x02, 0x33, 0x31}
)

func TestRepliesByHand(t *testing.T) {
	for name, tc := range map[string]struct {
		status int // bytes
		in     []byte
		want   [][]byte
	}{
		"small":                       {3, small, [][]byte{small}},
		"large":                       {4, large, [][]byte{large}},
		"a large one on a small bus":  {3, large, nil},
		"a small one on a large bus":  {4, join(small, large), [][]byte{large}},
		"opened":                      {3, opened1, [][]byte{opened1}},
		"stayed, and a status behind": {3, join(stayed1, smallOf2), [][]byte{stayed1, smallOf2}},
		"behind a request's echo":     {3, join([]byte{0x80, 0x01, 0x00, 0x33, 0xB2}, small), [][]byte{small}},
		"behind a cut one":            {4, join(large[:5], large), [][]byte{large}},
		"wrong check byte":            {4, largeBad, nil},
		"all locks at once":           {3, []byte{0x8A, 0x01, 0x00, 0x12, 0x99}, nil},
		"nothing":                     {3, nil, nil},
	} {
		t.Run(name, func(t *testing.T) { hwtest.Frames(t, format(tc.status), tc.in, tc.want...) })
	}
}

func TestReadingsFollowTheConfiguration(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg    Config
		status []byte
		first  []int // whose bits are set
	}{
		"high first, 24":  {Config{Locks: 24, ByteOrder: HighFirst}, []byte{0x80, 0x00, 0x01}, []int{0, 23}},
		"low first, 24":   {Config{Locks: 24, ByteOrder: LowFirst}, []byte{0x80, 0x00, 0x01}, []int{7, 16}},
		"high first, 32":  {Config{Locks: 32, ByteOrder: HighFirst}, []byte{0x80, 0x00, 0x00, 0x02}, []int{1, 31}},
		"low first, 32":   {Config{Locks: 32, ByteOrder: LowFirst}, []byte{0x80, 0x00, 0x00, 0x02}, []int{7, 25}},
		"a smaller board": {Config{Locks: 12, ByteOrder: HighFirst}, []byte{0xFF, 0x08, 0x01}, []int{0, 11}},
	} {
		for _, p := range []hardware.Polarity{hardware.SetIsClosed, hardware.SetIsOpen} {
			tc.cfg.Polarity = p
			got := tc.cfg.readings(tc.status)
			if len(got) != tc.cfg.Locks {
				t.Fatalf("%s: %d readings", name, len(got))
			}
			for i, r := range got {
				if want := p.Contact(slices.Contains(tc.first, i)); r.Contact != want {
					t.Errorf("%s, %s: lock %d is %v, want %v", name, p, i, r.Contact, want)
				}
			}
		}
	}
}

func FuzzSmallReplies(f *testing.F) {
	hwtest.FuzzDecoder(f, format(3), small, join(stayed1, small, opened1), join(small[:4], small), bytes.Repeat([]byte{0x80, 0x8A}, 9))
}

func FuzzLargeReplies(f *testing.F) {
	hwtest.FuzzDecoder(f, format(4), large, join(largeBad, opened1), join([]byte{0x8A, 0x80}, large), bytes.Repeat([]byte{0x33}, 9))
}

func TestNoiseAtEveryRate(t *testing.T) {
	for _, status := range []int{3, 4} {
		hwtest.NoisyReplies(t, format(status), random(status))
	}
}

// The figures given in the package comment.
func TestCheckByteAgainstTwoFlippedBits(t *testing.T) {
	for status, want := range map[int]float64{3: 32, 4: 25} {
		oneIn := hwtest.PairsAccepted(t, format(status), random(status), func(f []byte) string { return string(f[:2]) })
		if oneIn < want-1 || oneIn > want+1 {
			t.Errorf("with %d status bytes 1 in %.1f pairs of flipped bits was accepted, the comment says %g", status, oneIn, want)
		}
	}
}

func random(status int) func(*rand.Rand) []byte {
	return func(r *rand.Rand) []byte {
		f := []byte{headStatus, byte(1 + r.IntN(31))}
		for range status {
			f = append(f, byte(r.Uint32()))
		}
		return sealed(append(f, endStatus)...)
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
