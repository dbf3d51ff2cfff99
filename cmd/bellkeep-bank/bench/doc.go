// Package bench holds no code of the product: it tries the bank's own program
// on a small Linux under QEMU, whose pins, scanners and expanders are pretended
// by the kernel or by the tests. Run it with
//
//	make hw-test
//
// which is: go test -exec boot.sh -tags bench. The script puts the test's
// program and the bank's into memory and starts a machine of which the tests
// are the first and only process; kernel.sh builds its kernel once. The
// machine's time is counted in instructions, not taken from the computer
// underneath, so that what is measured in it depends on no load.
//
//	/sys/kernel/config/gpio-sim   a chip's lines: their names, the pull on each, the level
//	/sys/kernel/tracing           every level that the kernel gave a line, with its time
//	/sys/kernel/config/usb_gadget a scanner: written to /dev/ttyGS0, read from /dev/ttyACM0
//	/dev/uinput                   a scanner that poses as a keyboard
//	/dev/cuse                     I²C buses with expanders on them
//
// What it cannot show: bounce and glitches on wires, current, and what one
// chip of a Raspberry Pi does otherwise than the kernel's pretended one.
package bench
