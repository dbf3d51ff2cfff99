//go:build bench

package bench

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What linux/fuse.h and linux/i2c-dev.h call these. A request is a header of 40
// bytes (length, kind, id, node, uid, gid, pid) and a body; an answer one of 16
// (length, error, id) and a body.
const (
	opOpen, opRelease, opInterrupt, opIoctl, opInit = 14, 18, 36, 39, 4096

	requestHead, answerHead = 40, 16
	retryIoctl              = 1 << 2
	anyMemory               = 1 << 0 // CUSE_UNRESTRICTED_IOCTL

	i2cFuncs, i2cRdwr = 0x0705, 0x0707
	canPlain          = 1 << 0 // I2C_FUNC_I2C
	msgIsRead         = 1 << 0 // I2C_M_RD
)

var order = binary.LittleEndian

// twoWire is what hangs on an I²C bus: it is written to, then read from.
type twoWire interface {
	transfer(address uint16, write, read []byte) error
}

// adapter is a /dev/i2c-N whose devices are in this program.
type adapter struct {
	file *os.File
	bus  twoWire
}

// newAdapter makes /dev/i2c-number.
func newAdapter(t *testing.T, number int, bus twoWire) {
	t.Helper()
	f, err := os.OpenFile("/dev/cuse", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	a := &adapter{f, bus}
	name := fmt.Sprintf("i2c-%d", number)
	go a.serve(name)
	await(t, 5*time.Second, name, func() bool {
		_, err := os.Stat("/dev/" + name)
		return err == nil
	})
	t.Cleanup(func() { _ = f.Close() }) // which takes the node away
}

// serve answers requests until the device is closed.
func (a *adapter) serve(name string) {
	for buf := make([]byte, 1<<17); ; {
		n, err := a.file.Read(buf)
		if err != nil || n < requestHead {
			return
		}
		kind, id, body := order.Uint32(buf[4:]), order.Uint64(buf[8:]), buf[requestHead:n]
		var answer []byte
		switch kind {
		case opInit:
			answer, err = initAnswer(name), nil
		case opOpen:
			answer = make([]byte, 16) // handle, flags
		case opIoctl:
			answer, err = a.ioctl(body)
		case opRelease:
		case opInterrupt:
			continue // a transfer is over before one could come
		default:
			err = unix.ENOSYS
		}
		if _, err := a.file.Write(frame(id, err, answer)); err != nil {
			return
		}
	}
}

func frame(id uint64, err error, body []byte) []byte {
	var errno unix.Errno
	if errors.As(err, &errno) {
		body = nil
	}
	p := make([]byte, answerHead, answerHead+len(body))
	order.PutUint32(p, uint32(answerHead+len(body)))
	order.PutUint32(p[4:], uint32(-int32(errno)))
	order.PutUint64(p[8:], id)
	return append(p, body...)
}

func initAnswer(name string) []byte {
	p := make([]byte, 72) // version, unused, flags, most to read and write, device number, spare
	for at, v := range map[int]uint32{0: 7, 4: 31, 12: anyMemory, 16: 4096, 20: 4096} {
		order.PutUint32(p[at:], v)
	}
	return append(p, "DEVNAME="+name+"\x00"...)
}

// part is a piece of the caller's memory.
type part struct{ at, size uint64 }

// ioctl answers one. It is called again with what it asks to be given.
func (a *adapter) ioctl(body []byte) ([]byte, error) {
	cmd, arg := order.Uint32(body[12:]), order.Uint64(body[16:])
	given, wanted := body[32:], order.Uint32(body[28:])
	switch {
	case cmd == i2cFuncs && wanted == 0:
		return again(nil, []part{{arg, 8}}), nil
	case cmd == i2cFuncs:
		return done(0, order.AppendUint64(nil, canPlain)), nil
	case cmd == i2cRdwr:
		return a.rdwr(arg, given, wanted)
	}
	return nil, unix.ENOTTY
}

// rdwr is a transfer of messages: { pointer, count } leads to { address, flags,
// length, pointer } each.
func (a *adapter) rdwr(arg uint64, given []byte, wanted uint32) ([]byte, error) {
	in := []part{{arg, 16}}
	if len(given) < 16 {
		return again(in, nil), nil
	}
	count := uint64(order.Uint32(given[8:]))
	in = append(in, part{order.Uint64(given), 16 * count})
	if uint64(len(given)) < 16+16*count {
		return again(in, nil), nil
	}
	var out []part
	var address uint16
	var toWrite, toRead uint64
	for m := given[16 : 16+16*count]; len(m) > 0; m = m[16:] {
		p := part{order.Uint64(m[8:]), uint64(order.Uint16(m[4:]))}
		address = order.Uint16(m)
		if order.Uint16(m[2:])&msgIsRead != 0 {
			out, toRead = append(out, p), toRead+p.size
		} else {
			in, toWrite = append(in, p), toWrite+p.size
		}
	}
	if uint64(len(given)) < 16+16*count+toWrite || uint64(wanted) < toRead {
		return again(in, out), nil
	}
	read := make([]byte, toRead)
	if err := a.bus.transfer(address, given[16+16*count:], read); err != nil {
		return nil, err
	}
	return done(int32(count), read), nil
}

// again asks for a call with these parts of memory in hand.
func again(in, out []part) []byte {
	p := make([]byte, 16) // result, flags, how many of each
	order.PutUint32(p[4:], retryIoctl)
	order.PutUint32(p[8:], uint32(len(in)))
	order.PutUint32(p[12:], uint32(len(out)))
	for _, part := range append(in, out...) {
		p = order.AppendUint64(order.AppendUint64(p, part.at), part.size)
	}
	return p
}

func done(result int32, out []byte) []byte {
	p := make([]byte, 16)
	order.PutUint32(p, uint32(result))
	return append(p, out...)
}
