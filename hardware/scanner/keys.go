package scanner

import (
	"encoding/binary"
	"strconv"
)

// What linux/input-event-codes.h calls them.
const (
	evSyn      = 0
	evKey      = 1
	synReport  = 0
	synDropped = 3
	keyDown    = 1 // 0 is up, 2 is the repeat of a key that is held
)

// eventSize is that of struct input_event: two longs of time, then type, code
// and value. It has 24 bytes on 64 bits, 16 on 32.
const (
	eventSize = 2*strconv.IntSize/8 + 8
	eventTail = eventSize - 8 // where the type is
)

// strange stands for whatever a badge cannot have, so that a code with a
// character more does not pass for one without.
const strange = '?'

// keyChars are what a US keyboard has on its keys. Badges have upper case
// only, whatever Shift and Caps Lock make of it.
var keyChars = map[uint16]byte{
	2: '1', 3: '2', 4: '3', 5: '4', 6: '5', 7: '6', 8: '7', 9: '8', 10: '9', 11: '0',
	16: 'Q', 17: 'W', 18: 'E', 19: 'R', 20: 'T', 21: 'Y', 22: 'U', 23: 'I', 24: 'O', 25: 'P',
	30: 'A', 31: 'S', 32: 'D', 33: 'F', 34: 'G', 35: 'H', 36: 'J', 37: 'K', 38: 'L',
	44: 'Z', 45: 'X', 46: 'C', 47: 'V', 48: 'B', 49: 'N', 50: 'M',
	71: '7', 72: '8', 73: '9', 75: '4', 76: '5', 77: '6', 79: '1', 80: '2', 81: '3', 82: '0', // keypad
	28: '\r', 96: '\r', // Enter, on the keypad too
}

// Keys that type nothing by themselves.
const (
	shifts   = 1<<0 | 1<<1
	capsLock = 58
	numLock  = 69
)

var modifiers = map[uint16]uint8{
	42: 1 << 0, 54: 1 << 1, // Shift
	29: 1 << 2, 97: 1 << 3, // Ctrl
	56: 1 << 4, 100: 1 << 5, // Alt
	125: 1 << 6, 126: 1 << 7, // Meta
}

// keys turns the events of a keyboard into what it typed. It holds less than
// one event.
type keys struct {
	rest []byte // of an event that was cut
	held uint8  // modifiers
	lost bool   // the kernel dropped events; all up to the next report are void
}

// push takes events and gives the characters they type, one each at most.
func (k *keys) push(p []byte) (typed []byte) {
	k.rest = append(k.rest, p...)
	for ; len(k.rest) >= eventSize; k.rest = k.rest[eventSize:] {
		e := k.rest[eventTail:eventSize]
		kind, code := binary.NativeEndian.Uint16(e), binary.NativeEndian.Uint16(e[2:])
		if c := k.event(kind, code, int32(binary.NativeEndian.Uint32(e[4:]))); c != 0 {
			typed = append(typed, c)
		}
	}
	k.rest = append([]byte(nil), k.rest...) // so that what was taken is let go
	return typed
}

// event gives the character that an event types, or 0.
func (k *keys) event(kind, code uint16, value int32) byte {
	switch {
	case kind == evSyn && code == synDropped:
		k.lost, k.held = true, 0
		return strange // the line that has begun is spoilt
	case k.lost:
		k.lost = kind != evSyn || code != synReport
		return 0
	case kind != evKey:
		return 0
	}
	if bit := modifiers[code]; bit != 0 {
		k.held &^= bit
		if value != 0 {
			k.held |= bit
		}
		return 0
	}
	if value != keyDown || code == capsLock || code == numLock {
		return 0
	}
	return k.char(code)
}

// char is what a key types with the modifiers that are held. A digit with
// Shift is a sign, and anything with Ctrl, Alt or Meta an order to a computer.
func (k *keys) char(code uint16) byte {
	c, known := keyChars[code]
	isLetter := c >= 'A' && c <= 'Z'
	switch {
	case !known, k.held&^shifts != 0, k.held != 0 && !isLetter && c != '\r':
		return strange
	}
	return c
}
