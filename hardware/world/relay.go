package world

import "time"

// relay is a Modbus board that times its pulses itself. Slave 1 is board 0.
type relay struct{ Personality }

// maxPulse is what the coils bear, in tenths of a second. A longer pulse is not
// obeyed: the pretend coils are not to burn.
const maxPulse = 10

func (relay) requestLen() int     { return 8 }
func (relay) starts(b byte) bool  { return b >= 1 && b <= 247 }
func (relay) busy() time.Duration { return 0 }

func (relay) understand(f []byte) (request, bool) {
	r := request{board: int(f[0]) - 1, lock: int(f[3])}
	switch at, value := word(f[2:]), word(f[4:]); {
	case f[1] == 0x02 && at == 0 && value >= 1 && value <= boardLocks:
		r.wish = askStatus
	case f[1] == 0x05 && at&0xff00 == 0x0200 && value >= 1 && value <= maxPulse:
		r.wish = moveLatch
	case f[1] == 0x05 && at == 0x00ff && value == 0:
		r.wish = answerOnly
	}
	return r, redundancy(f) == 0
}

func (relay) status(r request, locks, _ []bool) []byte {
	n := word(r.frame[4:])
	size := (n + 7) / 8
	return checked(append([]byte{byte(r.board + 1), 0x02, byte(size)}, packed(locks[:n], size)...))
}

func (relay) obeyed(r request, _ bool) []byte { return r.frame }

func word(b []byte) int { return int(b[0])<<8 | int(b[1]) }

// checked appends the CRC, low byte first.
func checked(f []byte) []byte {
	c := redundancy(f)
	return append(f, byte(c), byte(c>>8))
}

// redundancy is the CRC of Modbus over f, a nibble at a time. That of a frame
// with its own CRC behind it is 0.
func redundancy(f []byte) uint16 {
	table := [16]uint16{
		0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
		0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
	}
	c := uint16(0xFFFF)
	for _, b := range f {
		c = c>>4 ^ table[(c^uint16(b))&15]
		c = c>>4 ^ table[(c^uint16(b>>4))&15]
	}
	return c
}
