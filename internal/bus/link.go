package bus

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// errQuiet is how a link ends when the MQTT library gives it up, which it does
// when a keep-alive ping brings no answer.
var errQuiet = errors.New("the other side stopped answering")

// link is a connection that cannot hang its writers and tells at once that it
// is gone. Each Write has patience to finish: the MQTT libraries on both sides
// hold a lock while they write, so one peer that stopped reading would stop
// everybody who has something for it.
type link struct {
	net.Conn
	patience time.Duration
	done     chan struct{} // closed when the link is gone

	once sync.Once
	err  error // why; readable once done is closed
}

func newLink(conn net.Conn, patience time.Duration) *link {
	return &link{Conn: conn, patience: patience, done: make(chan struct{})}
}

// Read is net.Conn's; its first error ends the link.
func (l *link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if err != nil {
		l.fail(err)
	}
	return n, err
}

// Write is net.Conn's with a deadline of its own; its first error ends the link.
func (l *link) Write(p []byte) (int, error) {
	err := l.Conn.SetWriteDeadline(time.Now().Add(l.patience))
	n := 0
	if err == nil {
		n, err = l.Conn.Write(p)
	}
	if err != nil {
		l.fail(err)
	}
	return n, err
}

// SetDeadline sets the deadline of reads only; writes have their own.
func (l *link) SetDeadline(t time.Time) error { return l.SetReadDeadline(t) }

// SetWriteDeadline does nothing; writes have their own.
func (l *link) SetWriteDeadline(time.Time) error { return nil }

// Close ends the link.
func (l *link) Close() error {
	l.fail(errQuiet)
	return nil
}

// fail ends the link for a reason. It closes the socket below TLS, because a
// polite end of TLS waits for a peer that may have stopped reading.
func (l *link) fail(why error) {
	l.once.Do(func() {
		l.err = why
		socket := l.Conn
		if secure, ok := socket.(*tls.Conn); ok {
			socket = secure.NetConn()
		}
		_ = socket.Close() // it is given up; there is nobody to tell
		close(l.done)
	})
}
