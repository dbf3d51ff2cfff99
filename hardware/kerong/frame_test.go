package kerong

import (
	"bytes"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

func TestRequestsByHand(t *testing.T) {
	for name, tc := range map[string]struct {
		got  []byte
		want []byte
	}{
		"status of board 0":          {request(address(0, 0), cmdStatus), []byte{0x02, 0x00, 0x30, 0x03, 0x35}},
		"status of board 1":          {request(address(1, 0), cmdStatus), []byte{0x02, 0x10, 0x30, 0x03, 0x45}},
		"status of board 15":         {request(address(15, 0), cmdStatus), []byte{0x02, 0xF0, 0x30, 0x03, 0x25}},
		"unlock lock 1 of board 0":   {request(address(0, 0), cmdUnlock), []byte{0x02, 0x00, 0x31, 0x03, 0x36}},
		"unlock lock 2 of board 0":   {request(address(0, 1), cmdUnlock), []byte{0x02, 0x01, 0x31, 0x03, 0x37}},
		"unlock lock 16 of board 0":  {request(address(0, 15), cmdUnlock), []byte{0x02, 0x0F, 0x31, 0x03, 0x45}},
		"unlock lock 16 of board 15": {request(address(15, 15), cmdUnlock), []byte{0x02, 0xFF, 0x31, 0x03, 0x35}},
	} {
		if !bytes.Equal(tc.got, tc.want) {
			t.Errorf("%s: % x, want % x", name, tc.got, tc.want)
		}
	}
}

// Replies added up by hand.
var (
	allShut   = []byte{0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38}
	lock1Set  = []byte{0x02, 0x00, 0x35, 0x01, 0x00, 0x00, 0x00, 0x03, 0x3B}
	lock16Set = []byte{0x02, 0x10, 0x35, 0x00, 0x80, 0x04, 0x00, 0x03, 0xCE}
)

func TestRepliesByHand(t *testing.T) {
	for name, tc := range map[string]struct {
		in   []byte
		want [][]byte
	}{
		"all shut":             {allShut, [][]byte{allShut}},
		"two in a row":         {join(allShut, lock16Set), [][]byte{allShut, lock16Set}},
		"behind an echo":       {join([]byte{0x02, 0x00, 0x30, 0x03, 0x35}, lock1Set), [][]byte{lock1Set}},
		"behind a cut one":     {join(allShut[:7], lock1Set), [][]byte{lock1Set}},
		"behind endless STX":   {join(bytes.Repeat([]byte{0x02}, 1000), lock1Set), [][]byte{lock1Set}},
		"wrong checksum":       {[]byte{0x02, 0x00, 0x35, 0x01, 0x00, 0x00, 0x00, 0x03, 0x3C}, nil},
		"ETX two places early": {[]byte{0x02, 0x00, 0x35, 0x01, 0x00, 0x03, 0x00, 0x00, 0x3B}, nil},
		"another command":      {[]byte{0x02, 0x00, 0x36, 0x01, 0x00, 0x00, 0x00, 0x03, 0x3C}, nil},
		"wires swapped":        {[]byte{0xFB, 0xFE, 0xF9, 0xFC, 0xF2}, nil},
		"nothing":              {nil, nil},
	} {
		t.Run(name, func(t *testing.T) { hwtest.Frames(t, format(), tc.in, tc.want...) })
	}
	if got, want := decode(lock16Set), (reply{0x10, [2]byte{0x00, 0x80}, [2]byte{0x04, 0x00}}); got != want {
		t.Errorf("lock 16 of board 1 is %v, want %v", got, want)
	}
}

func TestReadingsFollowTheConfiguration(t *testing.T) {
	r := reply{locks: [2]byte{0x01, 0x80}, items: [2]byte{0x02, 0x00}}
	for name, tc := range map[string]struct {
		cfg    Config
		closed []int // every other contact is open
		item   int   // the one item, or -1
	}{
		"set is closed":           {Config{Polarity: hardware.SetIsClosed, ByteOrder: LowFirst, Items: true}, []int{0, 15}, 1},
		"set is open":             {Config{Polarity: hardware.SetIsOpen, ByteOrder: LowFirst, Items: true}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, 1},
		"high byte first":         {Config{Polarity: hardware.SetIsClosed, ByteOrder: HighFirst, Items: true}, []int{7, 8}, 9},
		"no item sensors":         {Config{Polarity: hardware.SetIsClosed, ByteOrder: LowFirst}, []int{0, 15}, -1},
		"base is for orders only": {Config{Polarity: hardware.SetIsClosed, ByteOrder: LowFirst, IndexBase: 1}, []int{0}, -1},
	} {
		want := make([]hardware.Reading, 16-tc.cfg.IndexBase)
		for i := range want {
			want[i].Contact = hardware.Open
			if tc.cfg.Items {
				want[i].Item = hardware.Absent
			}
		}
		for _, i := range tc.closed {
			want[i].Contact = hardware.Closed
		}
		if tc.item >= 0 {
			want[tc.item].Item = hardware.Present
		}
		if got := tc.cfg.readings(r); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
