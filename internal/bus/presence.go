package bus

import (
	"crypto/rand"
	"encoding/json"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	maxPresence = 512 // bytes of an encoded presence
	maxSession  = 64  // bytes of its session
)

// Presence is the retained payload of a presence topic:
//
//	{"v":1,"online":true,"session":"…","ts":"2026-11-21T08:15:00Z"}
//
// A birth (online) is published by the client after each connection, a death
// is that connection's will. Both name the connection's session.
type Presence struct {
	Online  bool
	Session string    // 1 to 64 bytes, new for each connection
	TS      time.Time // sender's clock: of the birth, or of the connection for a death
}

type presenceJSON struct {
	V       int       `json:"v"`
	Online  bool      `json:"online"`
	Session string    `json:"session"`
	TS      time.Time `json:"ts"`
}

// NewSession makes a session that no other connection has.
func NewSession() string { return rand.Text() }

// Encode gives the payload.
func (p Presence) Encode() []byte {
	data, err := json.Marshal(presenceJSON{V: 1, Online: p.Online, Session: p.Session, TS: p.TS.UTC()})
	if err != nil {
		panic(err) // only a year beyond 9999 cannot be written
	}
	return data
}

// ParsePresence reads a payload; a version it does not know is invalid.
func ParsePresence(data []byte) (Presence, error) {
	var p presenceJSON
	if len(data) > maxPresence {
		return Presence{}, errPresence(nil)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return Presence{}, errPresence(err)
	}
	if p.V != 1 || p.Session == "" || len(p.Session) > maxSession || p.TS.Year() > 9999 || p.TS.Year() < 0 {
		return Presence{}, errPresence(nil)
	}
	return Presence{Online: p.Online, Session: p.Session, TS: p.TS}, nil
}

func errPresence(cause error) error {
	return errs.Wrap(cause, errs.Invalid, "This is no presence.", "Check which version the client speaks.")
}

// Fold gives the presence after next arrived. The death of any session but the
// one born last is ignored: when a client comes back before its old connection
// was missed, that connection's will can arrive after the new birth.
func (p Presence) Fold(next Presence) Presence {
	if !next.Online && p.Session != "" && next.Session != p.Session {
		return p
	}
	return next
}
