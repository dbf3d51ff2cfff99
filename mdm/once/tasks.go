package once

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// Task is a command whose outcome is not known yet.
type Task struct {
	ID   string    `json:"id"`
	Op   mdm.Op    `json:"op"`
	Text string    `json:"text,omitempty"`
	Exp  time.Time `json:"exp"`
}

// Of is the task that a command makes.
func Of(c mdm.Command) Task { return Task{ID: c.ID, Op: c.Op, Text: c.Args.Text, Exp: c.Exp} }

// Told is the task itself, whatever a gateway adds to it.
func (t Task) Told() Task { return t }

// Errand is a Task with all that its gateway knows of it.
type Errand interface {
	Told() Task
	Given() bool // the device has it, and may have done it
}

// Tasks is what a device was told to do and how far it is, where the device comes for
// it. It is on disk before the device is told.
type Tasks[T Errand] struct {
	Memory Memory             `json:"memory"`
	Open   []T                `json:"open,omitempty"` // in the order they came
	Said   map[string]mdm.Ack `json:"said,omitempty"` // the last answer to each command remembered, to be given again
}

// Clone is a copy that shares nothing that changes.
func (t Tasks[T]) Clone() Tasks[T] {
	t.Memory.Known, t.Open, t.Said = slices.Clone(t.Memory.Known), slices.Clone(t.Open), maps.Clone(t.Said)
	return t
}

// Take takes a verified command in, at most once. One that is fresh is to begin;
// of any other the answers are all there is to say, and that may be nothing yet.
func (t *Tasks[T]) Take(c mdm.Command, now time.Time) (acks []mdm.Ack, fresh bool) {
	if _, known := t.Memory.State(c.ID); known {
		if said, any := t.Said[c.ID]; any {
			acks = append(acks, said)
		}
		return acks, false
	}
	if ack := t.Memory.Weigh(c, now); ack.State != mdm.Accepted {
		return []mdm.Ack{ack}, false
	}
	return nil, true
}

// Begin opens a task. It takes the place of what the device has not come for.
func (t *Tasks[T]) Begin(n T, now time.Time) []mdm.Ack {
	op := n.Told().Op
	acks := t.Settle(now, func(o T) (mdm.AckState, string) {
		if was := o.Told().Op; !o.Given() && (was == op && op != mdm.Sync || was.Locks() && op.Locks()) {
			return mdm.Refused, "a later command took its place"
		}
		return "", ""
	})
	t.Open = append(t.Open, n)
	return acks
}

// Settle asks of each open task what became of it and closes those of which it is
// known; "" is not known yet.
func (t *Tasks[T]) Settle(now time.Time, became func(T) (mdm.AckState, string)) (acks []mdm.Ack) {
	t.Open = slices.DeleteFunc(t.Open, func(o T) bool {
		state, detail := became(o)
		if state == "" {
			return false
		}
		acks = append(acks, t.Say(o.Told().ID, state, detail, now))
		return true
	})
	return acks
}

// Say makes an answer and remembers it.
func (t *Tasks[T]) Say(id string, s mdm.AckState, detail string, now time.Time) mdm.Ack {
	a := mdm.NewAck(id, s, detail, now)
	t.Memory.Note(id, s)
	maps.DeleteFunc(t.Said, func(id string, _ mdm.Ack) bool { _, known := t.Memory.State(id); return !known })
	if t.Said == nil {
		t.Said = map[string]mdm.Ack{}
	}
	t.Said[id] = a
	return a
}
