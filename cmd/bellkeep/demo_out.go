package main

import (
	"io"
	"sync"
)

// oneAtATime is where everybody in the demonstration says what they do: a line of one
// is never torn by another's.
type oneAtATime struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *oneAtATime) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(b)
}
