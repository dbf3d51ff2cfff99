// Package modbusrelay drives relay boards that speak Modbus RTU and time the
// pulse to the lock themselves: the Waveshare Modbus RTU Relay (D) and what
// understands the same frames. One RS-485 bus, 9600 baud, 8N1 as delivered.
//
// # Wire format
//
// A frame is a slave id (1 to 247), a function, its data, high byte first, and
// a CRC of 16 bits, low byte first. Four of them are sent:
//
//	ID 05 02 RR 00 TT CRC    relay RR on for TT tenths of a second, then off
//	ID 05 00 FF 00 00 CRC    all relays off
//	ID 02 00 00 00 NN CRC    read inputs 0 to NN-1
//	00 06 40 00 00 ID CRC    whoever hears this takes the slave id ID
//
//	01 05 02 00 00 07 8D B0    relay 1 of slave 1 on for 700 ms
//	01 05 00 FF 00 00 FD FA    all relays of slave 1 off
//	01 02 00 00 00 08 79 CC    inputs 1 to 8 of slave 1
//	00 06 40 00 00 02 1C 1A    be slave 2
//
// Function 05 is answered with the same eight bytes. In strict Modbus it may
// carry FF00 and 0000 only, so a Modbus library refuses the pulse or makes
// another frame of it: the frames are made here. Relays are never switched on
// without a time, because a computer that stops in between would burn the coil.
//
// Function 02 is answered with as many bytes as the inputs need, input 1 in bit
// 0 of the first. Input n is the contact of the door on relay n. What a set bit
// means depends on the switch and its wiring, so it is configuration.
//
//	ID 02 COUNT B1 … CRC
//
// A board that will not do as told sets the top bit of the function:
//
//	ID 85 REASON CRC
//	ID 82 REASON CRC
//
// The boards have no address switch and all are delivered as slave 1: two of
// those on one bus move together. SetSlave gives a board its id while it is
// alone on the line.
//
// Frames are kept apart by 3.5 characters of silence: 4 ms at 9600 baud.
//
// # What the CRC is worth
//
// The CRC finds every frame with up to three flipped bits, or with one burst of
// up to 16, and of random damage lets 1 in 65536 through. Still a reading is
// taken twice before somebody acts on it: a loose wire at an input has a good
// CRC.
//
// An adapter that hears itself makes every pulse look answered, without a board
// even. The door's contact is what tells whether it opened.
package modbusrelay

import (
	"encoding/binary"

	"github.com/bellkeep/bellkeep/hardware/halfduplex"
)

const (
	readInputs  = 0x02
	writeCoil   = 0x05
	writeOne    = 0x06
	refused     = 0x80 // set in the function of a refusal
	broadcast   = 0x00
	flashOn     = 0x0200 // and the relay, counted from zero
	allRelays   = 0x00FF
	slaveID     = 0x4000
	echoLen     = 8
	refusalLen  = 5
	inputsExtra = 5 // bytes of a reply beside those of the inputs
)

// request encodes a frame of a function that takes two numbers, as all here do.
func request(slave, function byte, address, value uint16) []byte {
	f := []byte{slave, function}
	f = binary.BigEndian.AppendUint16(f, address)
	f = binary.BigEndian.AppendUint16(f, value)
	return binary.LittleEndian.AppendUint16(f, crc(f))
}

// crc is CRC-16/MODBUS: x^16 + x^15 + x^2 + 1, bits reversed, from FFFF.
func crc(p []byte) uint16 {
	c := uint16(0xFFFF)
	for _, b := range p {
		c ^= uint16(b)
		for range 8 {
			low := c & 1
			c >>= 1
			if low == 1 {
				c ^= 0xA001
			}
		}
	}
	return c
}

// format is that of answers of boards with so many bytes of inputs.
func format(inputs byte) halfduplex.Format {
	return halfduplex.Format{
		Length: func(w []byte) int {
			switch {
			case w[0] == broadcast || w[0] > maxSlave:
				return -1
			case len(w) < 2:
				return 0
			case w[1] == writeCoil:
				return echoLen
			case w[1] == readInputs && (len(w) < 3 || w[2] == inputs):
				return inputsExtra + int(inputs)
			case w[1] == writeCoil|refused, w[1] == readInputs|refused:
				return refusalLen
			}
			return -1
		},
		Sum: func(f []byte) bool {
			last := len(f) - 2
			return binary.LittleEndian.Uint16(f[last:]) == crc(f[:last])
		},
	}
}
