package double

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"
)

// The packets of MQTT 3.1.1 that an agent sends and understands: their first byte.
const (
	connect   = 0x10
	connack   = 0x20
	pubrec    = 0x50
	pubrel    = 0x60
	pubcomp   = 0x70
	subscribe = 0x82
	suback    = 0x90
)

// Listen connects to the pager as the agent does and calls heard once for each
// call, at QoS 2, until ctx or the connection ends. ready is closed once it is
// subscribed.
func (p *Phone) Listen(ctx context.Context, ready chan<- struct{}, heard func()) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", p.MQTT)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	in := bufio.NewReader(conn)
	hello := append(text("MQTT"), 4, 0xc0) // level 4; user, password, no clean session
	hello = append(binary.BigEndian.AppendUint16(hello, 300), text(p.number)...)
	hello = append(append(hello, text("hmdm")...), text(signature("hmdm"+p.Secret))...)
	if err := ask(conn, in, connect, hello, connack, 1, 0); err != nil {
		return err
	}
	filter := append(append([]byte{0, 1}, text(p.number)...), 2) // packet 1, QoS 2
	if err := ask(conn, in, subscribe, filter, suback, 2, 2); err != nil {
		return err
	}
	close(ready)
	return p.hear(conn, in, heard)
}

// hear takes calls: each is acknowledged, and counts once it is released.
func (p *Phone) hear(conn net.Conn, in *bufio.Reader, heard func()) error {
	for {
		kind, body, err := read(in)
		switch {
		case err != nil:
			return err
		case kind&0xf0 == 0x30:
			n := int(binary.BigEndian.Uint16(body))
			var message struct{ MessageType string }
			if err := json.Unmarshal(body[2+n+2:], &message); err != nil || kind != 0x34 || string(body[2:2+n]) != p.number || message.MessageType != "configUpdated" {
				return fmt.Errorf("a message %x %q", kind, body)
			}
			err = write(conn, pubrec, body[2+n:2+n+2])
		case kind == pubrel|2:
			heard()
			err = write(conn, pubcomp, body)
		}
		if err != nil {
			return err
		}
	}
}

// ask sends a packet and looks at one byte of the answer.
func ask(conn net.Conn, in *bufio.Reader, kind byte, body []byte, answer byte, at int, want byte) error {
	if err := write(conn, kind, body); err != nil {
		return err
	}
	got, said, err := read(in)
	if err != nil || got != answer || said[at] != want {
		return fmt.Errorf("packet %x is answered with %x %x, %w", kind, got, said, err)
	}
	return nil
}

func text(s string) []byte { return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...) }

func write(conn net.Conn, kind byte, body []byte) error {
	_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second)) // the write would say what is wrong
	_, err := conn.Write(append(binary.AppendUvarint([]byte{kind}, uint64(len(body))), body...))
	return err
}

func read(in *bufio.Reader) (kind byte, body []byte, err error) {
	if kind, err = in.ReadByte(); err != nil {
		return 0, nil, err
	}
	n, err := binary.ReadUvarint(in)
	if err != nil || n > 1<<16 {
		return 0, nil, fmt.Errorf("a packet of %d bytes, %w", n, err)
	}
	body = make([]byte, n+4) // room for what a bad packet lacks
	_, err = io.ReadFull(in, body[:n])
	return kind, body[:n], err
}
