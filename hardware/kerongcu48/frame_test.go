package kerongcu48

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
)

func TestRequestsByHand(t *testing.T) {
	for _, tc := range []struct {
		name  string
		order AddressOrder
		ch    hardware.Channel
		cmd   byte
		want  []byte
	}{
		{"status of board 0", BoardFirst, hardware.Channel{}, cmdStatus, []byte{0x02, 0x00, 0x00, 0x60, 0x03, 0x65}},
		{"status of board 2", BoardFirst, hardware.Channel{Board: 2}, cmdStatus, []byte{0x02, 0x02, 0x00, 0x60, 0x03, 0x67}},
		{"status of board 2", LockFirst, hardware.Channel{Board: 2}, cmdStatus, []byte{0x02, 0x00, 0x02, 0x60, 0x03, 0x67}},
		{"unlock lock 1", LockFirst, hardware.Channel{}, cmdUnlock, []byte{0x02, 0x00, 0x00, 0x61, 0x03, 0x66}},
		{"unlock lock 2", BoardFirst, hardware.Channel{Index: 1}, cmdUnlock, []byte{0x02, 0x00, 0x01, 0x61, 0x03, 0x67}},
		{"unlock lock 2", LockFirst, hardware.Channel{Index: 1}, cmdUnlock, []byte{0x02, 0x01, 0x00, 0x61, 0x03, 0x67}},
		{"unlock lock 48 of board 15", BoardFirst, hardware.Channel{Board: 15, Index: 47}, cmdUnlock, []byte{0x02, 0x0F, 0x2F, 0x61, 0x03, 0xA4}},
	} {
		a1, a2 := Config{AddressOrder: tc.order}.address(tc.ch)
		if got := request(a1, a2, tc.cmd); !bytes.Equal(got, tc.want) {
			t.Errorf("%s, %s: % x, want % x", tc.name, tc.order, got, tc.want)
		}
	}
}

// Replies added up by hand. Those of board 0 are as a board was heard to say.
var (
	noneSet    = []byte{0x02, 0x00, 0x00, 0x75, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x7A}
	lock1Set   = []byte{0x02, 0x00, 0x00, 0x75, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x7B}
	lock5Set   = []byte{0x02, 0x00, 0x00, 0x75, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x8A}
	lock14Set  = []byte{0x02, 0x00, 0x00, 0x75, 0x00, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x9A}
	lock48Set  = []byte{0x02, 0x01, 0x00, 0x75, 0, 0, 0, 0, 0, 0x80, 0x04, 0, 0, 0, 0, 0, 0x03, 0xFF}
	strange77  = []byte{0x02, 0x00, 0x0A, 0x77, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x87}
	swapped5to = []byte{0x02, 0x00, 0x00, 0x75, 0x00, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x8A}
)

func TestRepliesByHand(t *testing.T) {
	for name, tc := range map[string]struct {
		in   []byte
		want [][]byte
	}{
		"none":               {noneSet, [][]byte{noneSet}},
		"two in a row":       {join(lock1Set, lock14Set), [][]byte{lock1Set, lock14Set}},
		"behind an echo":     {join([]byte{0x02, 0x00, 0x00, 0x60, 0x03, 0x65}, lock5Set), [][]byte{lock5Set}},
		"behind a cut one":   {join(noneSet[:16], lock48Set), [][]byte{lock48Set}},
		"behind endless STX": {join(bytes.Repeat([]byte{0x02}, 1000), lock1Set), [][]byte{lock1Set}},
		"wrong checksum":     {join(lock1Set[:17], []byte{0x7C}), nil},
		"another command":    {strange77, nil},
		"nothing":            {nil, nil},
		// The sum does not see two bytes change places: nobody may act on one reading.
		"two data bytes swapped": {swapped5to, [][]byte{swapped5to}},
	} {
		t.Run(name, func(t *testing.T) { hwtest.Frames(t, format(), tc.in, tc.want...) })
	}
}

func TestReadingsFollowTheConfiguration(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg  Config
		in   []byte
		set  int // whose lock bit is set
		item int // whose item bit is, or -1
	}{
		"lock 1":          {Config{Polarity: hardware.SetIsClosed}, lock1Set, 0, -1},
		"lock 5, reverse": {Config{Polarity: hardware.SetIsOpen}, lock5Set, 4, -1},
		"lock 14":         {Config{Polarity: hardware.SetIsClosed}, lock14Set, 13, -1},
		"lock 48, item 3": {Config{Polarity: hardware.SetIsClosed, Items: true}, lock48Set, 47, 2},
		"items not there": {Config{Polarity: hardware.SetIsClosed}, lock48Set, 47, -1},
	} {
		got := tc.cfg.readings(decode(tc.in))
		if len(got) != 48 {
			t.Fatalf("%s: %d readings", name, len(got))
		}
		for i, r := range got {
			want := hardware.Reading{Contact: tc.cfg.Polarity.Contact(i == tc.set)}
			if tc.cfg.Items {
				want.Item = hardware.Absent
			}
			if i == tc.item {
				want.Item = hardware.Present
			}
			if r != want {
				t.Errorf("%s: lock %d is %v, want %v", name, i, r, want)
			}
		}
	}
}

func FuzzDecoder(f *testing.F) {
	hwtest.FuzzDecoder(f, format(), lock1Set, join([]byte{0x02, 0x02, 0x00, 0x00, 0x75}, lock5Set, strange77),
		bytes.Repeat([]byte{0x02, 0x00, 0x00, 0x75}, 9), join(lock14Set[:17], lock48Set))
}

func TestNoiseAtEveryRate(t *testing.T) { hwtest.NoisyReplies(t, format(), random) }

// The figure given in the package comment.
func TestChecksumAgainstTwoFlippedBits(t *testing.T) {
	oneIn := hwtest.PairsAccepted(t, format(), random, func(f []byte) string { return string(f[1:3]) })
	if oneIn < 28 || oneIn > 30 {
		t.Errorf("1 in %.1f pairs of flipped bits was accepted, the comment says 29", oneIn)
	}
}

func random(r *rand.Rand) []byte {
	f := []byte{stx, byte(r.IntN(16)), 0, cmdReply}
	for range 2 * statusBytes {
		f = append(f, byte(r.Uint32()))
	}
	f = append(f, etx)
	return append(f, sum(f))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
