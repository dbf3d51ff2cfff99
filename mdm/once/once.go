// Package once is what keeps a command from being done twice: a memory of those
// that came, kept on disk by whoever does them, and, for gateways, what of them a
// device has yet to come for.
package once

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// MaxKnown bounds the commands a device remembers. Beyond them it rejects
// what it is told until some have ended.
const MaxKnown = 256

// clockSlack is how far a device's clock may be behind before what lives as long
// as commands may seems to live too long.
const clockSlack = 48 * time.Hour

// Memory is which commands a device has seen, so that it does each once. What has
// ended is forgotten, and Floor, the last end forgotten, takes its place: whatever
// ends by then is over, whichever way the clock is turned.
type Memory struct {
	V     int       `json:"v"`
	Floor time.Time `json:"floor,omitzero"`
	Since time.Time `json:"since,omitzero"` // what was asked for earlier may have been done: an older memory is lost
	Known []Known   `json:"known,omitempty"`
}

// Known is a command and how far it got.
type Known struct {
	ID    string       `json:"id"`
	Exp   time.Time    `json:"exp"`
	State mdm.AckState `json:"state"`
}

const version = 1

// New is a memory of nothing. What was asked for before since, if that is not
// zero, may have been done.
func New(since time.Time) Memory { return Memory{V: version, Since: since} }

// Valid reports whether a memory that was read can be gone by.
func (m *Memory) Valid() bool { return m.V == version && len(m.Known) <= MaxKnown }

// Recall reads a memory; nil is none yet. One that is damaged is lost, and the new
// one begins at now. Errors: invalid, with a memory to go on with.
func Recall(b []byte, now time.Time) (Memory, error) {
	if b == nil {
		return New(time.Time{}), nil
	}
	var m Memory
	if err := json.Unmarshal(b, &m); err != nil || !m.Valid() {
		return New(now), errs.Wrap(err, errs.Invalid, "The commands done before are not known any more.", "")
	}
	return m, nil
}

func (m *Memory) place(id string) int {
	return slices.IndexFunc(m.Known, func(k Known) bool { return k.ID == id })
}

// State is how far a command got that is remembered.
func (m *Memory) State(id string) (state mdm.AckState, known bool) {
	if n := m.place(id); n >= 0 {
		return m.Known[n].State, true
	}
	return "", false
}

// Weigh answers a verified command that is not remembered at now by the device's
// clock: accepted is remembered and to be done, anything else is what came of it.
func (m *Memory) Weigh(c mdm.Command, now time.Time) mdm.Ack {
	answer := func(s mdm.AckState, why string) mdm.Ack { return mdm.NewAck(c.ID, s, why, now) }
	switch {
	case !now.Before(c.Exp) || !m.Floor.Before(c.Exp):
		return answer(mdm.Expired, "")
	case c.TS.Before(m.Since):
		return answer(mdm.Refused, "the device does not know any more whether it did it")
	case c.Exp.Sub(now) > mdm.LongestCommand+clockSlack:
		return answer(mdm.Refused, "by this device's clock it ends too far ahead")
	}
	if err := c.Validate(); err != nil {
		return answer(mdm.Refused, err.Error())
	}
	m.forget(now)
	if len(m.Known) == MaxKnown {
		return answer(mdm.Refused, "too many commands are still to be remembered")
	}
	m.Known = append(m.Known, Known{ID: c.ID, Exp: c.Exp, State: mdm.Accepted})
	return answer(mdm.Accepted, "")
}

// forget drops what has ended.
func (m *Memory) forget(now time.Time) {
	m.Known = slices.DeleteFunc(m.Known, func(k Known) bool {
		if now.Before(k.Exp) {
			return false
		}
		if m.Floor.Before(k.Exp) {
			m.Floor = k.Exp
		}
		return true
	})
}

// Note keeps what came of a command.
func (m *Memory) Note(id string, s mdm.AckState) {
	if n := m.place(id); n >= 0 {
		m.Known[n].State = s
	}
}
