package smtptest

import (
	"bytes"
	"errors"
	"net"
	"sync"
)

const maxUnread = 64 // writes

// pipe is net.Pipe with room for what the client has not read yet, as a socket
// has. Without it both sides of a TLS handshake that fails wait to be read.
func pipe() (client, server net.Conn) {
	client, end := net.Pipe()
	e := &eager{Conn: end, out: make(chan []byte, maxUnread), done: make(chan struct{})}
	go e.pump()
	return client, e
}

// eager writes without waiting for a reader.
type eager struct {
	net.Conn
	out  chan []byte
	done chan struct{}
	once sync.Once
}

func (e *eager) Write(p []byte) (int, error) {
	select {
	case e.out <- bytes.Clone(p):
		return len(p), nil
	default:
		return 0, errors.New("the client reads nothing")
	}
}

// Close lets the client read what was written before.
func (e *eager) Close() error {
	e.once.Do(func() { close(e.done) })
	return nil
}

func (e *eager) pump() {
	defer e.Conn.Close()
	closing := e.done
	for closing != nil || len(e.out) > 0 {
		select {
		case p := <-e.out:
			if _, err := e.Conn.Write(p); err != nil {
				return
			}
		case <-closing:
			closing = nil
		}
	}
}
