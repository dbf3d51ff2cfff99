package halfduplex_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

// counted is a format of frames of more than one length: A5, how many bytes
// follow before the last, those bytes, and the low byte of their sum.
var counted = halfduplex.Format{
	Length: func(w []byte) int {
		switch {
		case w[0] != 0xA5:
			return -1
		case len(w) < 2:
			return 0
		}
		return int(w[1]) + 3
	},
	Sum: func(f []byte) bool {
		var sum byte
		for _, b := range f[2 : len(f)-1] {
			sum += b
		}
		return sum == f[len(f)-1]
	},
}

func FuzzDecoder(f *testing.F) {
	hwtest.FuzzDecoder(f, counted, []byte{0xA5, 0x01, 0x07, 0x07},
		[]byte{0xA5, 0x03, 0xA5, 0x01, 0x07, 0x07}, []byte{0xA5, 0xFF, 0xA5, 0x00, 0x00}, bytes.Repeat([]byte{0xA5}, 100))
}

func TestDecoder(t *testing.T) {
	one, two := []byte{0xA5, 0x01, 0x07, 0x07}, []byte{0xA5, 0x02, 0x01, 0x02, 0x03}
	for name, tc := range map[string]struct {
		in   [][]byte
		want [][]byte
	}{
		"two lengths":                      {[][]byte{one, two}, [][]byte{one, two}},
		"a good one inside a bad one":      {[][]byte{{0xA5, 0x05}, one, two, {0x00}}, [][]byte{one, two}},
		"longer than any frame":            {[][]byte{{0xA5, 0xFF}, one}, [][]byte{one}},
		"a head that never says how long":  {[][]byte{{0xA5}}, nil},
		"bytes of no frame, before and on": {[][]byte{{0x00, 0x01}, one, {0x02}}, [][]byte{one}},
	} {
		d := halfduplex.NewDecoder(counted)
		if got := d.Push(bytes.Join(tc.in, nil)); !slices.EqualFunc(got, tc.want, bytes.Equal) {
			t.Errorf("%s: % x, want % x", name, got, tc.want)
		}
	}
}
