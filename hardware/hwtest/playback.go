package hwtest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

// Step is one piece of bus traffic: what the driver writes, and what arrives
// before it writes again. A first step without Want is what the driver finds.
type Step struct {
	Want  []byte
	Reply []byte
}

// Record passes everything on to a line and keeps the traffic, for a Playback
// of what a real board said. It shows that a driver still does what it did,
// not that this was right.
type Record struct {
	hardware.Line
	Steps []Step
}

// Write starts a step.
func (r *Record) Write(p []byte) (int, error) {
	r.Steps = append(r.Steps, Step{Want: bytes.Clone(p)})
	return r.Line.Write(p)
}

// Read adds what arrived to the step.
func (r *Record) Read(p []byte) (int, error) {
	n, err := r.Line.Read(p)
	if n > 0 {
		if len(r.Steps) == 0 {
			r.Steps = make([]Step, 1)
		}
		last := &r.Steps[len(r.Steps)-1]
		last.Reply = append(last.Reply, p[:n]...)
	}
	return n, err
}

// Playback is a line that answers from a script and fails its test on any
// other traffic.
type Playback struct {
	t     testing.TB
	steps []Step // those to come
	reply []byte // bytes to be read
}

var _ hardware.Line = (*Playback)(nil)

// NewPlayback gives a line that plays steps.
func NewPlayback(t testing.TB, steps ...Step) *Playback {
	p := &Playback{t: t, steps: steps}
	if len(steps) > 0 && steps[0].Want == nil {
		p.reply, p.steps = steps[0].Reply, steps[1:]
	}
	return p
}

// Write must be given exactly what the next step wants.
func (p *Playback) Write(b []byte) (int, error) {
	if len(p.steps) == 0 {
		return 0, p.fail("wrote % x after the end of the script", b)
	}
	next := p.steps[0]
	if !bytes.Equal(b, next.Want) {
		return 0, p.fail("wrote % x, want % x", b, next.Want)
	}
	p.steps, p.reply = p.steps[1:], append(p.reply, next.Reply...)
	return len(b), nil
}

// Read gives the reply to the last step, then hardware.ErrTimeout.
func (p *Playback) Read(b []byte) (int, error) {
	if len(p.reply) == 0 {
		time.Sleep(hardware.ReadTimeout)
		return 0, hardware.ErrTimeout
	}
	n := copy(b, p.reply)
	p.reply = p.reply[n:]
	return n, nil
}

// Flush discards what is left of the reply.
func (p *Playback) Flush() error {
	p.reply = nil
	return nil
}

// Close fails if steps are left.
func (p *Playback) Close() error {
	if left := len(p.steps); left > 0 {
		p.steps = nil
		return p.fail("closed with %d steps left", left)
	}
	return nil
}

func (p *Playback) fail(format string, args ...any) error {
	p.t.Helper()
	err := fmt.Errorf("playback: "+format, args...)
	p.t.Error(err)
	return err
}
