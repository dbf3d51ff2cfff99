package agent

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// maxRemembered bounds the commands a device remembers. Beyond them it rejects
// what it is told until some have ended.
const maxRemembered = 256

// clockSlack is how far a device's clock may be behind before what lives as long
// as commands may seems to live too long.
const clockSlack = 48 * time.Hour

// memory is which commands the device has seen, so that it does each once. What
// has ended is forgotten, and Floor, the last end forgotten, takes its place:
// whatever ends by then is over, whichever way the clock is turned.
type memory struct {
	V     int       `json:"v"`
	Floor time.Time `json:"floor,omitzero"`
	Since time.Time `json:"since,omitzero"` // what was asked for earlier may have been done: an older memory is lost
	Known []known   `json:"known,omitempty"`
}

// known is a command and how far it got.
type known struct {
	ID    string       `json:"id"`
	Exp   time.Time    `json:"exp"`
	State mdm.AckState `json:"state"`
}

const memoryVersion = 1

// recollect reads a memory; nil is none yet. One that is damaged is lost, and the
// new one begins at now. Errors: invalid, with a memory to go on with.
func recollect(b []byte, now time.Time) (memory, error) {
	if b == nil {
		return memory{V: memoryVersion}, nil
	}
	var m memory
	if err := json.Unmarshal(b, &m); err != nil || m.V != memoryVersion || len(m.Known) > maxRemembered {
		return memory{V: memoryVersion, Since: now}, errs.Wrap(err, errs.Invalid, "The commands done before are not known any more.", "")
	}
	return m, nil
}

func (m *memory) place(id string) int {
	return slices.IndexFunc(m.Known, func(k known) bool { return k.ID == id })
}

// weigh answers a verified command at now by the device's clock: accepted is to
// be done, anything else is what came of it.
func (m *memory) weigh(c mdm.Command, now time.Time) mdm.Ack {
	answer := func(s mdm.AckState, why string) mdm.Ack { return mdm.NewAck(c.ID, s, why, now) }
	if n := m.place(c.ID); n >= 0 {
		if m.Known[n].State == mdm.Accepted {
			return answer(mdm.Failed, "the device stopped while it was at it")
		}
		return answer(m.Known[n].State, "it was told again")
	}
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
	if len(m.Known) == maxRemembered {
		return answer(mdm.Refused, "too many commands are still to be remembered")
	}
	m.Known = append(m.Known, known{ID: c.ID, Exp: c.Exp, State: mdm.Accepted})
	return answer(mdm.Accepted, "")
}

// forget drops what has ended.
func (m *memory) forget(now time.Time) {
	m.Known = slices.DeleteFunc(m.Known, func(k known) bool {
		if now.Before(k.Exp) {
			return false
		}
		if m.Floor.Before(k.Exp) {
			m.Floor = k.Exp
		}
		return true
	})
}

// note keeps what came of a command.
func (m *memory) note(id string, s mdm.AckState) {
	if n := m.place(id); n >= 0 {
		m.Known[n].State = s
	}
}
