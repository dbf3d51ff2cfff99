package mdm

import (
	"maps"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// State is what a device says of one setting.
type State string

// The states. Only Applied, with the value wanted, counts as in force.
const (
	Applied     State = "applied"     // done, and read back
	Updating    State = "updating"    // on its way
	Overridden  State = "overridden"  // changed behind the agent's back
	Invalid     State = "invalid"     // the value makes no sense to the device
	Failure     State = "failure"     // tried, and refused
	UserAction  State = "user_action" // waits for the person holding it
	Unsupported State = "unsupported" // the device has no such thing
	Assumed     State = "assumed"     // asked for; the device cannot say
)

func (s State) valid() bool {
	switch s {
	case Applied, Updating, Overridden, Invalid, Failure, UserAction, Unsupported, Assumed:
		return true
	}
	return false
}

// Outcome is how one setting stands on the device.
type Outcome struct {
	State  State  `json:"state"`
	Value  Value  `json:"value,omitempty"` // as read back
	Detail string `json:"detail,omitempty"`
}

// Reported is what a device says it is.
type Reported struct {
	V       int                 `json:"v"`
	Rev     uint64              `json:"rev"` // acted on; 0 for none yet
	Session string              `json:"session"`
	TS      time.Time           `json:"ts"`   // by the device's clock
	Mode    Mode                `json:"mode"` // of the stage in force by that clock
	Agent   string              `json:"agent,omitempty"`
	Set     map[Setting]Outcome `json:"set"`
}

// Same reports whether two reports say the same, whenever they say it.
func (r Reported) Same(o Reported) bool {
	return r.Rev == o.Rev && r.Session == o.Session && r.Mode == o.Mode && r.Agent == o.Agent && maps.Equal(r.Set, o.Set)
}

// Presence says that a device is there, or, as its will, that it is not.
type Presence struct {
	V       int       `json:"v"`
	Online  bool      `json:"online"`
	Session string    `json:"session"` // of the connection it speaks of
	TS      time.Time `json:"ts"`      // of that connection's start
}

// Event is something that happened on the device.
type Event struct {
	V      int       `json:"v"`
	TS     time.Time `json:"ts"`
	Kind   string    `json:"kind"` // drift, refused, tamper, battery
	Detail string    `json:"detail,omitempty"`
}

// NewPresence makes a birth or, in advance, a death.
func NewPresence(online bool, session string, now time.Time) Presence {
	return Presence{V: version, Online: online, Session: session, TS: whole(now)}
}

// NewEvent makes an event; a long detail is cut.
func NewEvent(kind, detail string, now time.Time) Event {
	return Event{V: version, TS: whole(now), Kind: kind, Detail: Cut(detail)}
}

// NewReported makes a report without settings.
func NewReported(rev uint64, mode Mode, session string, now time.Time) Reported {
	return Reported{V: version, Rev: rev, Mode: mode, Session: session, TS: whole(now), Set: map[Setting]Outcome{}}
}

// DecodeReported reads a report. Errors: invalid.
func DecodeReported(b []byte) (Reported, error) {
	var r Reported
	if err := decode(b, MaxReported, &r); err != nil {
		return Reported{}, err
	}
	switch {
	case r.V != version:
		return Reported{}, invalid("A report has version %d.", r.V)
	case r.Rev > MaxRev:
		return Reported{}, invalid("A report has rev %d.", r.Rev)
	case !validSession(r.Session) || !plainText(r.Agent) || r.Mode != "" && !school.ValidID(string(r.Mode)):
		return Reported{}, invalid("A report has a session, mode or agent of the wrong form.")
	case len(r.Set) > MaxSettings:
		return Reported{}, invalid("A report has %d settings; the limit is %d.", len(r.Set), MaxSettings)
	}
	for name, o := range r.Set {
		if !school.ValidID(string(name)) || !o.State.valid() || !plainText(o.Detail) {
			return Reported{}, invalid("A report says %.40q of %.40q.", o.State, name)
		}
	}
	return r, nil
}

func validSession(s string) bool { return s != "" && len(s) <= MaxSession && plainText(s) }

// DecodePresence reads a presence. Errors: invalid.
func DecodePresence(b []byte) (Presence, error) {
	var p Presence
	if err := decode(b, MaxPresence, &p); err != nil {
		return Presence{}, err
	}
	if p.V != version || !validSession(p.Session) {
		return Presence{}, invalid("A presence has version %d and session %.40q.", p.V, p.Session)
	}
	return p, nil
}

// DecodeEvent reads an event. Errors: invalid.
func DecodeEvent(b []byte) (Event, error) {
	var e Event
	if err := decode(b, MaxEvent, &e); err != nil {
		return Event{}, err
	}
	if e.V != version || !school.ValidID(e.Kind) || !plainText(e.Detail) {
		return Event{}, invalid("An event has version %d and kind %.40q.", e.V, e.Kind)
	}
	return e, nil
}
