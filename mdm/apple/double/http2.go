package double

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const maxFrame = 16 << 10 // bytes

// connection is one of HTTP/2 (RFC 9113), from the server's side.
type connection struct {
	framer *http2.Framer
	open   map[uint32]*stream // by id
	last   uint32             // the last stream that was answered
}

// stream is a request being read.
type stream struct {
	path, topic string
	body        bytes.Buffer
}

// errLeft is how a connection ends when the client says so.
var errLeft = errors.New("the client went away")

// accept reads what a client begins with, and begins.
func accept(conn *tls.Conn) (*connection, error) {
	if err := conn.Handshake(); err != nil {
		return nil, err
	}
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(conn, preface); err != nil {
		return nil, err
	}
	if string(preface) != http2.ClientPreface {
		return nil, errors.New("that is not HTTP/2")
	}
	c := &connection{framer: http2.NewFramer(conn, conn), open: map[uint32]*stream{}}
	c.framer.SetMaxReadFrameSize(maxFrame)
	c.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	return c, c.framer.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 100})
}

// request reads frames until one completes a request.
func (c *connection) request() (id uint32, push *stream, err error) {
	for {
		frame, err := c.framer.ReadFrame()
		if err != nil {
			return 0, nil, err
		}
		complete, err := c.take(frame)
		if err != nil {
			return 0, nil, err
		}
		if complete {
			id = frame.Header().StreamID
			push = c.open[id]
			delete(c.open, id)
			return id, push, nil
		}
	}
}

// take does what a frame asks for, and reports whether its request is complete.
func (c *connection) take(frame http2.Frame) (complete bool, err error) {
	id := frame.Header().StreamID
	switch frame := frame.(type) {
	case *http2.SettingsFrame:
		if !frame.IsAck() {
			err = c.framer.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if !frame.IsAck() {
			err = c.framer.WritePing(true, frame.Data)
		}
	case *http2.MetaHeadersFrame:
		c.open[id] = begin(frame)
		return frame.StreamEnded(), nil
	case *http2.DataFrame:
		if n := len(frame.Data()); n > 0 {
			err = c.framer.WriteWindowUpdate(0, uint32(n))
		}
		if s := c.open[id]; s != nil {
			s.body.Write(frame.Data())
			return frame.StreamEnded(), err
		}
	case *http2.RSTStreamFrame:
		delete(c.open, id)
	case *http2.GoAwayFrame:
		err = errLeft
	}
	return false, err
}

func begin(frame *http2.MetaHeadersFrame) *stream {
	s := &stream{}
	for _, h := range frame.Fields {
		switch h.Name {
		case ":path":
			s.path = h.Value
		case "apns-topic":
			s.topic = h.Value
		}
	}
	return s
}

// goAway ends the connection: what was not answered was not done.
func (c *connection) goAway() error { return c.framer.WriteGoAway(c.last, http2.ErrCodeNo, nil) }

// respond answers a request, with a reason in JSON unless that is "".
func (c *connection) respond(id uint32, status int, reason string) error {
	var block bytes.Buffer
	if err := hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: strconv.Itoa(status)}); err != nil {
		return err
	}
	c.last = id
	headers := http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: reason == ""}
	if err := c.framer.WriteHeaders(headers); err != nil || reason == "" {
		return err
	}
	return c.framer.WriteData(id, true, []byte(`{"reason":"`+reason+`"}`))
}
