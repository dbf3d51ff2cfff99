package ui

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The limits of a stream of server-sent events.
const (
	// MaxEvent is the largest event sent, in bytes of data.
	MaxEvent = 1 << 20
	// Beat is how long a stream may be silent. A page that hears nothing for
	// three of them says so.
	Beat = time.Second
	// SendWithin is how long one event may take to leave.
	SendWithin = 5 * time.Second
)

// Stream writes server-sent events (WHATWG HTML, "Server-sent events") to one
// client. It is not safe for concurrent use.
type Stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

// OpenStream sends the head of a stream and asks the client to come back
// retry after a loss.
func OpenStream(w http.ResponseWriter, retry time.Duration) (*Stream, error) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	s := &Stream{w: w, rc: http.NewResponseController(w)}
	return s, s.write(fmt.Appendf(nil, "retry: %d\n\n", retry.Milliseconds()))
}

// Send sends one event. An empty id leaves the client's last id as it is. A
// client that does not take it within SendWithin is given up with an error.
func (s *Stream) Send(event, id, data string) error {
	if len(data) > MaxEvent {
		return fmt.Errorf("event %q has %d bytes, more than %d", event, len(data), MaxEvent)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\n", event)
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	// A carriage return would end a line too; none of our pages has one.
	for line := range strings.SplitSeq(strings.ReplaceAll(data, "\r", ""), "\n") {
		fmt.Fprintf(&b, "data: %s\n", line)
	}
	b.WriteByte('\n')
	return s.write(b.Bytes())
}

// Beat tells the client that the stream lives.
func (s *Stream) Beat() error { return s.Send("beat", "", "") }

func (s *Stream) write(b []byte) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(SendWithin)); err != nil {
		return fmt.Errorf("setting a write deadline: %w", err)
	}
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.rc.Flush()
}
