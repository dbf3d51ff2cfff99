package modbusrelay

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
		"relay 1 of slave 1, 700 ms":   {request(1, writeCoil, flashOn+0, 7), []byte{0x01, 0x05, 0x02, 0x00, 0x00, 0x07, 0x8D, 0xB0}},
		"relay 8 of slave 2, 300 ms":   {request(2, writeCoil, flashOn+7, 3), []byte{0x02, 0x05, 0x02, 0x07, 0x00, 0x03, 0x3D, 0x81}},
		"relay 1 of slave 247, 1 s":    {request(247, writeCoil, flashOn, 10), []byte{0xF7, 0x05, 0x02, 0x00, 0x00, 0x0A, 0x58, 0xE3}},
		"all relays of slave 1 off":    {request(1, writeCoil, allRelays, 0), []byte{0x01, 0x05, 0x00, 0xFF, 0x00, 0x00, 0xFD, 0xFA}},
		"inputs 1 to 8 of slave 1":     {request(1, readInputs, 0, 8), []byte{0x01, 0x02, 0x00, 0x00, 0x00, 0x08, 0x79, 0xCC}},
		"inputs 1 to 16 of slave 1":    {request(1, readInputs, 0, 16), []byte{0x01, 0x02, 0x00, 0x00, 0x00, 0x10, 0x79, 0xC6}},
		"be slave 2, whoever hears it": {request(broadcast, writeOne, slaveID, 2), []byte{0x00, 0x06, 0x40, 0x00, 0x00, 0x02, 0x1C, 0x1A}},
	} {
		if !bytes.Equal(tc.got, tc.want) {
			t.Errorf("%s: % x, want % x", name, tc.got, tc.want)
		}
	}
}

// Replies with their CRC worked out by hand.
var (
	noneSet  = []byte{0x01, 0x02, 0x01, 0x00, 0xA1, 0x88}
	in8Clear = []byte{0x01, 0x02, 0x01, 0x7F, 0xE0, 0x68}
	in1Of2   = []byte{0x02, 0x02, 0x01, 0xFE, 0x20, 0x4C}
	wide     = []byte{0x01, 0x02, 0x02, 0xFF, 0x7F, 0xB9, 0xA8}
	pulse1   = []byte{0x01, 0x05, 0x02, 0x00, 0x00, 0x03, 0x8C, 0x73}
	off1     = []byte{0x01, 0x05, 0x00, 0xFF, 0x00, 0x00, 0xFD, 0xFA}
	off2     = []byte{0x02, 0x05, 0x00, 0xFF, 0x00, 0x00, 0xFD, 0xC9}
	no85     = []byte{0x01, 0x85, 0x03, 0x02, 0x91}
	no82     = []byte{0x02, 0x82, 0x02, 0x31, 0x61}
	ask1     = []byte{0x01, 0x02, 0x00, 0x00, 0x00, 0x08, 0x79, 0xCC}
	ask2     = []byte{0x02, 0x02, 0x00, 0x00, 0x00, 0x08, 0x79, 0xFF}
	beSlave2 = []byte{0x00, 0x06, 0x40, 0x00, 0x00, 0x02, 0x1C, 0x1A}
)

func TestRepliesByHand(t *testing.T) {
	for name, tc := range map[string]struct {
		inputs byte // bytes of them
		in     []byte
		want   [][]byte
	}{
		"inputs":                 {1, noneSet, [][]byte{noneSet}},
		"sixteen inputs":         {2, wide, [][]byte{wide}},
		"sixteen where eight":    {1, wide, nil},
		"echo, then inputs":      {1, join(pulse1, in8Clear), [][]byte{pulse1, in8Clear}},
		"refusals":               {1, join(no85, no82), [][]byte{no85, no82}},
		"behind the own request": {1, join(ask1, in8Clear), [][]byte{in8Clear}},
		"behind a cut one":       {1, join(in8Clear[:4], in1Of2), [][]byte{in1Of2}},
		"behind garbage":         {1, join([]byte{0x01, 0x05, 0x02, 0xFB}, in1Of2, pulse1), [][]byte{in1Of2, pulse1}},
		"wrong CRC":              {1, []byte{0x01, 0x02, 0x01, 0x7F, 0xE0, 0x69}, nil},
		"CRC high byte first":    {1, []byte{0x01, 0x02, 0x01, 0x7F, 0x68, 0xE0}, nil},
		"everybody's slave id":   {1, beSlave2, nil},
		"nothing":                {1, nil, nil},
	} {
		t.Run(name, func(t *testing.T) { hwtest.Frames(t, format(tc.inputs), tc.in, tc.want...) })
	}
}

func TestReadingsFollowTheConfiguration(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg    Config
		inputs []byte
		set    []int
	}{
		"eight":   {Config{Relays: 8}, []byte{0x81}, []int{0, 7}},
		"sixteen": {Config{Relays: 16}, []byte{0x02, 0x80}, []int{1, 15}},
		"four":    {Config{Relays: 4}, []byte{0xF8}, []int{3}},
	} {
		for _, p := range []hardware.Polarity{hardware.SetIsClosed, hardware.SetIsOpen} {
			tc.cfg.Polarity = p
			got := tc.cfg.readings(tc.inputs)
			if len(got) != tc.cfg.Relays {
				t.Fatalf("%s: %d readings", name, len(got))
			}
			for i, r := range got {
				if want := p.Contact(slices.Contains(tc.set, i)); r.Contact != want {
					t.Errorf("%s, %s: door %d is %v, want %v", name, p, i, r.Contact, want)
				}
			}
		}
	}
}

func FuzzDecoder(f *testing.F) {
	hwtest.FuzzDecoder(f, format(1), noneSet, join(pulse1, in8Clear, no85), join(off1[:5], off2, no82),
		bytes.Repeat([]byte{0x01, 0x02, 0x01}, 9), join(wide, ask1, ask2))
}

func TestNoiseAtEveryRate(t *testing.T) {
	for _, inputs := range []byte{1, 2, 4} {
		hwtest.NoisyReplies(t, format(inputs), random(inputs))
	}
}

// No pair of flipped bits gets past the CRC.
func TestCRCAgainstTwoFlippedBits(t *testing.T) {
	for _, inputs := range []byte{1, 4} {
		oneIn := hwtest.PairsAccepted(t, format(inputs), random(inputs), func(f []byte) string { return string(f[:1]) })
		if oneIn != 0 {
			t.Errorf("1 in %.0f pairs of flipped bits was accepted", oneIn)
		}
	}
}

func random(inputs byte) func(*rand.Rand) []byte {
	return func(r *rand.Rand) []byte {
		f := []byte{byte(1 + r.IntN(maxSlave)), readInputs, inputs}
		for range inputs {
			f = append(f, byte(r.Uint32()))
		}
		return seal(f)
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
