//go:build bench

package bench

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	gadgets = "/sys/kernel/config/usb_gadget/"
	ours    = "/dev/ttyGS0"  // the scanner's side
	theirs  = "/dev/ttyACM"  // what the computer sees, and a number
	byPath  = "/tmp/by-path" // where it gets the name it always has
)

// gadget is a scanner on USB, plugged into the machine it is part of.
type gadget struct {
	t      *testing.T
	folder string
	tty    *os.File
}

// newGadget plugs one in.
func newGadget(t *testing.T) *gadget {
	t.Helper()
	g := &gadget{t: t, folder: gadgets + "scanner"}
	mkdir(t, g.folder)
	write(t, g.folder+"/idVendor", "0x1d6b")
	write(t, g.folder+"/idProduct", "0x0104")
	function, config := g.folder+"/functions/acm.0", g.folder+"/configs/c.1"
	mkdir(t, function)
	mkdir(t, config)
	if err := os.Symlink(function, config+"/acm.0"); err != nil {
		t.Fatal(err)
	}
	g.plugIn()
	t.Cleanup(func() {
		g.pull()
		for _, path := range []string{config + "/acm.0", config, function, g.folder} {
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		}
	})
	return g
}

// plugIn connects it and, as udev does, names it by its socket.
func (g *gadget) plugIn() {
	g.t.Helper()
	write(g.t, g.folder+"/UDC", "dummy_udc.0")
	var nodes []string
	var err error
	await(g.t, 5*time.Second, "a scanner's serial port", func() bool {
		nodes, err = filepath.Glob(theirs + "*")
		return len(nodes) == 1
	})
	if g.tty, err = os.OpenFile(ours, os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		g.t.Fatal(err)
	}
	if err := raw(g.tty); err != nil {
		g.t.Fatal(err)
	}
	mkdir(g.t, byPath)
	if err := os.Symlink(nodes[0], byPath+"/scanner"); err != nil {
		g.t.Fatal(err)
	}
}

// pull unplugs it.
func (g *gadget) pull() {
	g.t.Helper()
	write(g.t, g.folder+"/UDC", "\n")
	if err := errors.Join(g.tty.Close(), os.Remove(byPath+"/scanner")); err != nil {
		g.t.Fatal(err)
	}
}

// scan is a code held before the scanner.
func (g *gadget) scan(code string) {
	g.t.Helper()
	if _, err := g.tty.WriteString(code + "\r"); err != nil {
		g.t.Fatal(err)
	}
}

// raw makes a terminal a wire.
func raw(tty *os.File) error {
	a, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		return err
	}
	a.Iflag, a.Oflag, a.Lflag = 0, 0, 0
	return unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, a)
}
