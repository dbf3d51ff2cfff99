// Package world is a pretend school: a cabinet of lock boards that speak real
// bytes on pseudo-terminals, doors with latches and sensors that can fail, a
// badge scanner, and pupils with phones. Demonstrations and crash tests run a
// bank against it. It is written from the boards' documentation and shares no
// code with the drivers, so that a mistake in one does not hide in the other.
//
// # Lock boards
//
// A bus is one serial line (RS-485, 19200 baud, 8N1) with up to 16 boards of 16
// locks each, of the Kerong CU16 kind. A request has five bytes:
//
//	02 ADDR CMD 03 SUM    ADDR = board<<4 | lock, SUM = low byte of the sum before it
//
// A board obeys two commands and ignores the rest. 30 asks for its status, and
// is answered in nine bytes:
//
//	02 ADDR 35 L1 L2 I1 I2 03 SUM
//
// L1 holds locks 1 to 8, lock 1 in bit 0, L2 locks 9 to 16; I1 and I2 hold the
// item sensors likewise. 31 moves the latch of one lock and is not answered.
// What differs from cabinet to cabinet is a Personality.
//
// Three other makes can stand on a bus in their place. X is all bytes before it
// joined by exclusive or; CRC is that of Modbus, low byte first.
//
//	02 B L 60 03 SUM            CU48: status, answered 02 B 0 75, 6 lock bytes, 6 item bytes, 03 SUM
//	02 B L 61 03 SUM            CU48: unlock, not answered; B and L may be the other way round
//	80 B 00 33 X                8A: status, answered 80 B, 3 or 4 lock bytes, 33 X
//	8A B L 11 X                 8A: unlock, answered 8A B L 11 X or 8A B L 00 X
//	ID 02 00 00 00 N CRC        relay: status, answered ID 02, how many bytes, the bytes, CRC
//	ID 05 02 L 00 T CRC         relay: unlock for T tenths of a second, answered in the same words
//	ID 05 00 FF 00 00 CRC       relay: all off, answered in the same words
//
// Boards and locks of an 8A bus count from 1, the others from 0; the first
// relay board is slave 1. An 8A board answers an unlock after a second. Until
// then the line is its own: whatever is sent meanwhile is lost, and counted.
//
// # The truth file
//
// What really happened is kept in a file that the product never reads: one
// JSON object a line, appended with one write, before the thing happens. It is
// also the memory of the world: opened again, it puts the phones back where
// they were and goes on counting. The members are, in this order:
//
//	n       1, 2, 3 …
//	t       school time, RFC 3339 with milliseconds
//	what    one of the words below
//	bus, board, lock   a channel; board and lock count from zero
//	door    the number painted on the door
//	pupil, phone       ids, never names or badges
//	text    a remark, at most 200 bytes
//
// Members that say nothing are left out. The words:
//
//	frame    a board saw a valid unlock frame (bus, board, lock; door if one is wired there)
//	opened   the latch moves and the door springs open
//	jammed   the latch was pulsed and does not move
//	forced   the door is broken open without a pulse
//	put      a phone goes into an open door
//	took     a phone comes out of an open door
//	shut     the door is pushed shut and stays shut
//	ajar     the door is pushed shut and springs back
//	garbled  bytes on the wire were damaged or made up
//	scan     a badge, or nonsense, is held before a scanner
//	arrived, absent, gone    a pupil comes to school, does not come, goes home
//	note     anything else worth knowing
//
// Every frame for a wired lock is followed by exactly one opened, jammed or
// note (the door stood open already, or too many pulses were waiting), unless
// the world ends in between.
package world
