// Package gpio drives locks through relays, and reads door contacts, on pins
// of the computer itself or of MCP23017 port expanders.
//
// Relays have no clock of their own: this is the one driver where a program
// ends the pulse. A lock's coil stands about a second of current and burns
// after some, so much here is about switching off. Before a pin becomes an
// output it has the level that is off; a pulse lasts 1 s at most; one coil has
// current at a time; every way out of a pulse switches the whole board off, a
// panic and the end of the program included; and whoever cannot
// switch off says so and works no more until the bus is opened anew, which
// begins with switching everything off. What a program that is killed cannot
// do for itself, a one-shot on the relay board does; see WIRING.md.
//
// # What is asked of the kernel
//
// Pins of the computer are lines of a GPIO chip, which is found by its label
// and its lines by their names, for numbers differ from kernel to kernel:
//
//	pinctrl-bcm2835  Raspberry Pi 3     GPIO17
//	pinctrl-bcm2711  Raspberry Pi 4     GPIO17
//	pinctrl-rp1      Raspberry Pi 5     GPIO17
//
// Version 2 of the kernel's interface (linux/gpio.h) gives a set of lines as a
// file: relays one set, contacts another.
//
//	GPIO_GET_CHIPINFO, GPIO_V2_GET_LINEINFO  labels and names
//	GPIO_V2_GET_LINE         relays: offsets, flags = OUTPUT, attribute OUTPUT_VALUES = levels that are off
//	                         contacts: offsets, flags = INPUT | EDGE_RISING | EDGE_FALLING | BIAS_PULL_UP or _DOWN
//	GPIO_V2_LINE_SET_VALUES  bits, mask: all relays at once
//	GPIO_V2_LINE_GET_VALUES  bits, mask: all contacts at once
//	read                     edges of contacts, 48 bytes each:
//	                         time (64 bits)  kind  offset  count  count of the line (32 bits each)  24 reserved
//
// Why not through periph's gpioioctl: v3.8.5 asks for an output without a
// level, which the kernel takes for low, and sets it high afterwards. On a relay
// board that is switched by low that moment opens the door. Its Read of an
// output makes an input of it; an output is never read here. And where a chip
// has two device names, as on a Raspberry Pi 5, its search for chips closes the
// program's descriptor 0, and the descriptor of the second name twice.
//
// # What is asked of an expander
//
// An MCP23017 has 16 pins, A0 to A7 and B0 to B7. Registers come in pairs, one
// for each half, and are written and read in pairs (data sheet DS20001952,
// IOCON.BANK = 0):
//
//	14 oA oB           OLAT: levels of outputs, written before anything else
//	0C pA pB           GPPU: pull-ups
//	00 dA dB           IODIR: 1 is an input
//	12 -> gA gB        GPIO: levels of pins
//	00 -> dA dB        IODIR again, with every look: an expander that lost its
//	                   power has only inputs, and is set up anew
//
// The module mcp23xxx of periph does not serve for coils: it makes a pin an
// output before it sets the level, does not write a level that it believes to
// be there, although the write before failed, and gives low for a pin that it
// could not read.
//
// # What is believed
//
// A contact has changed once it has kept its new level, without an edge, for
// the debounce time. One that does not come to rest is unknown; its neighbours
// on the board are read all the same. Every look compares levels as well, so
// an edge that was missed costs nothing.
package gpio
