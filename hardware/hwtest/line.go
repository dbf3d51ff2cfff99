// Package hwtest holds what drivers are tested with: a line in memory, a
// recorder and a player of bus traffic, a source of noise, and the suite that
// every lock driver passes.
package hwtest

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

// What a Line holds before it drops bytes, as a real one does.
const (
	maxArrived = 4096 // bytes
	maxWritten = 256  // calls of Write
)

// Line is a serial line in memory, with the timeouts of a real one. It waits
// on channels and timers only, so it works in a synctest bubble.
type Line struct {
	arrived chan byte
	written chan []byte

	closing, unplugging sync.Once
	closed, unplugged   chan struct{}
}

var _ hardware.Line = (*Line)(nil)

// NewLine gives an open line.
func NewLine() *Line {
	return &Line{
		arrived:   make(chan byte, maxArrived),
		written:   make(chan []byte, maxWritten),
		closed:    make(chan struct{}),
		unplugged: make(chan struct{}),
	}
}

// Read gives what arrived, or hardware.ErrTimeout after hardware.ReadTimeout.
func (l *Line) Read(p []byte) (int, error) {
	if err := l.dead(); err != nil || len(p) == 0 {
		return 0, err
	}
	select {
	case b := <-l.arrived:
		p[0] = b
		return 1 + l.take(p[1:]), nil
	case <-time.After(hardware.ReadTimeout):
		return 0, hardware.ErrTimeout
	case <-l.unplugged:
		return 0, hardware.ErrGone
	case <-l.closed:
		return 0, os.ErrClosed
	}
}

// take fills p with what is there without waiting.
func (l *Line) take(p []byte) int {
	for n := range p {
		select {
		case p[n] = <-l.arrived:
		default:
			return n
		}
	}
	return len(p)
}

// Write hands p to the far side as one piece.
func (l *Line) Write(p []byte) (int, error) {
	if err := l.dead(); err != nil {
		return 0, err
	}
	select {
	case l.written <- append([]byte(nil), p...):
		return len(p), nil
	default:
		return 0, errors.New("the far side does not read")
	}
}

// Flush discards what arrived.
func (l *Line) Flush() error {
	for range l.take(make([]byte, maxArrived)) {
	}
	return l.dead()
}

// Close ends the line; a second time does nothing.
func (l *Line) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return nil
}

// Send lets bytes arrive. Those that the line has no room for are lost.
func (l *Line) Send(p []byte) {
	for _, b := range p {
		select {
		case l.arrived <- b:
		default:
			return
		}
	}
}

// Written gives what the near side writes, one piece for each Write.
func (l *Line) Written() <-chan []byte { return l.written }

// Closed is closed with the line: the far side stops there.
func (l *Line) Closed() <-chan struct{} { return l.closed }

// Unplug pulls the adapter.
func (l *Line) Unplug() { l.unplugging.Do(func() { close(l.unplugged) }) }

func (l *Line) dead() error {
	switch {
	case ended(l.closed):
		return os.ErrClosed
	case ended(l.unplugged):
		return hardware.ErrGone
	}
	return nil
}

func ended(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
