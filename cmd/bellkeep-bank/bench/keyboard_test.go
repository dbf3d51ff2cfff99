//go:build bench

package bench

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/locker"
)

// What linux/uinput.h and linux/input.h call these.
const (
	setEventBit = 0x40045564 // UI_SET_EVBIT
	setKeyBit   = 0x40045565 // UI_SET_KEYBIT
	setUp       = 0x405C5503 // UI_DEV_SETUP
	create      = 0x5501     // UI_DEV_CREATE
	sysName     = 0x8020552C // UI_GET_SYSNAME, 32 bytes
	keyEvents   = 1          // EV_KEY
	enter       = 28         // KEY_ENTER
	keyboard    = "/tmp/by-id/keyboard"
)

// rows are the keys of a keyboard and the code of the first of each.
var rows = map[uint16]string{2: "1234567890", 16: "QWERTYUIOP", 30: "ASDFGHJKL", 44: "ZXCVBNM"}

func keyOf(c rune) uint16 {
	for first, row := range rows {
		if i := strings.IndexRune(row, c); i >= 0 {
			return first + uint16(i)
		}
	}
	return enter
}

// keys is a scanner that poses as a keyboard.
type keys struct {
	t    *testing.T
	file *os.File
}

// newKeys plugs one in and, as udev does, gives it the name it always has.
func newKeys(t *testing.T) *keys {
	t.Helper()
	f, err := os.OpenFile("/dev/uinput", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := &keys{t, f}
	k.control(setEventBit, keyEvents)
	for code := range uintptr(enter + 40) {
		k.control(setKeyBit, code)
	}
	var setup [92]byte // bus, vendor, product, version; then the name
	copy(setup[:], []byte{3, 0, 0x6B, 0x1D, 4, 1, 1, 0})
	copy(setup[8:], "Barcode Scanner")
	k.control(setUp, uintptr(unsafe.Pointer(&setup)))
	k.control(create, 0)
	var name [32]byte
	k.control(sysName, uintptr(unsafe.Pointer(&name)))
	nodes, err := filepath.Glob("/sys/devices/virtual/input/" + unix.ByteSliceToString(name[:]) + "/event*")
	if err != nil || len(nodes) != 1 {
		t.Fatalf("the keyboard is %v, %v", nodes, err)
	}
	mkdir(t, filepath.Dir(keyboard))
	if err := os.Symlink("/dev/input/"+filepath.Base(nodes[0]), keyboard); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.pull)
	return k
}

func (k *keys) control(request, arg uintptr) {
	k.t.Helper()
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, k.file.Fd(), request, arg); e != 0 {
		k.t.Fatalf("uinput %#x: %v", request, e)
	}
}

// pull unplugs it.
func (k *keys) pull() {
	_ = os.Remove(keyboard) // it may be unplugged already
	_ = k.file.Close()
}

// scan types a code, a key every few milliseconds.
func (k *keys) scan(code string) {
	k.t.Helper()
	for _, c := range code + "\n" {
		for _, down := range []uint32{1, 0} {
			report := append(event(keyEvents, keyOf(c), down), event(0, 0, 0)...)
			if _, err := k.file.Write(report); err != nil {
				k.t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// event is one: no time, then what happened.
func event(kind, code uint16, value uint32) []byte {
	p := make([]byte, 24)
	binary.LittleEndian.PutUint16(p[16:], kind)
	binary.LittleEndian.PutUint16(p[18:], code)
	binary.LittleEndian.PutUint32(p[20:], value)
	return p
}

// A scanner that poses as a keyboard serves beside one on a serial line, types
// for the bank alone, and may be pulled out.
func TestAScannerThatPosesAsAKeyboard(t *testing.T) {
	w, g := newWall(t), newGadget(t)
	k := newKeys(t)
	file := strings.Replace(bankFile, "buses:", "  - {kiosk: front, input: "+keyboard+"}\nbuses:", 1)
	b := newBank(t, file)
	b.start()
	other, err := os.OpenFile(keyboard, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	k.scan(badge(1))
	b.shows(locker.PutIn, 1)
	w.shut(1)
	if err := other.SetReadDeadline(time.Now().Add(settling)); err != nil {
		t.Fatal(err)
	}
	if n, err := other.Read(make([]byte, 1024)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("another program read %d bytes of the keyboard, %v", n, err)
	}
	k.pull()
	g.scan(badge(2))
	b.shows(locker.PutIn, 2)
	w.shut(2)
	k = newKeys(t)
	time.Sleep(6 * settling) // it is looked for every 5 s at last
	k.scan(badge(3))
	b.shows(locker.PutIn, 3)
	w.shut(3)
	b.stop()
	w.inspect(1, 2, 3)
}
