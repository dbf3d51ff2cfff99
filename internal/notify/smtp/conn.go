package smtp

import (
	"context"
	"errors"
	"net"
	"time"
)

// allow gives a conversation so much time more, or what is left of it once ctx
// has ended.
func allow(ctx context.Context, conn net.Conn, limit time.Duration) {
	conn.SetDeadline(time.Now().Add(limit))
	if ctx.Err() != nil { // looked at last: whoever comes later sets it after us
		conn.SetDeadline(time.Now().Add(grace))
	}
}

var errTooMuch = errors.New("the server said more than a mail server has to say")

// bounded is a connection that a server cannot fill memory by.
type bounded struct {
	net.Conn
	left int // bytes
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errTooMuch
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
