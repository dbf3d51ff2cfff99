package mdm

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Desired is all that a device must be, now and for the rest of the day.
type Desired struct {
	V      int                 `json:"v"`
	Dev    string              `json:"dev"` // a document for another device is refused
	Rev    uint64              `json:"rev"`
	TS     time.Time           `json:"ts"` // school time at which Rev was issued
	Reason Reason              `json:"reason"`
	Lists  map[string][]string `json:"lists,omitempty"` // those that sets name
	Stage
}

// News reports whether a document tells a device that has rev something new. Errors:
// denied for one meant for another device, conflict for one older than rev.
func (d Desired) News(dev string, rev uint64) (bool, error) {
	switch {
	case d.Dev != dev:
		return false, errs.New(errs.Denied, "A desired document is for another device.", "")
	case d.Rev < rev:
		return false, errs.New(errs.Conflict, "A desired document is older than the one in force.", "")
	}
	return d.Rev > rev, nil
}

// Reason says where the first stage comes from. It is no part of what is
// compared: a reason alone makes no new revision.
type Reason struct {
	By     string    `json:"by"`               // timetable; exception where one changes what that asks for
	Period string    `json:"period,omitempty"` // its name
	Kept   []Setting `json:"kept,omitempty"`   // settings a need of the user outranks
}

const (
	byTimetable = "timetable"
	byException = "exception"
)

// Stage is what holds until a moment, and what holds from then on.
type Stage struct {
	Mode     Mode      `json:"mode"`
	Set      Set       `json:"set"`
	Until    time.Time `json:"until,omitzero"`     // zero in the last stage
	Fallback *Stage    `json:"fallback,omitempty"` // nil in the last stage only
	Evidence bool      `json:"evidence,omitempty"` // nothing on the device may be destroyed
}

// head and body are a document in two parts.
type head struct {
	V   int       `json:"v"`
	Dev string    `json:"dev"`
	Rev uint64    `json:"rev"`
	TS  time.Time `json:"ts"`
}

type body struct {
	Reason Reason              `json:"reason"`
	Lists  map[string][]string `json:"lists,omitempty"`
	Stage
}

// Body encodes what is the same for devices of which the same is desired: all but
// dev, rev and ts.
func (d Desired) Body() ([]byte, error) {
	return json.Marshal(body{d.Reason, d.Lists, d.Stage})
}

// Encode writes the document of one device around its Body.
func (d Desired) Encode(body []byte) ([]byte, error) {
	b, err := json.Marshal(head{d.V, d.Dev, d.Rev, d.TS})
	if err != nil {
		return nil, err
	}
	b[len(b)-1] = ',' // for the closing brace, which comes with the body
	return append(b, body[1:]...), nil
}

// At gives the stage that holds at t; the first one also before it was issued.
func (s Stage) At(t time.Time) Stage {
	for s.Fallback != nil && !t.Before(s.Until) {
		s = *s.Fallback
	}
	return s
}

// same reports whether two stages ask the same of a device while they hold.
func (s Stage) same(o Stage) bool {
	return s.Mode == o.Mode && s.Evidence == o.Evidence && maps.Equal(s.Set, o.Set)
}

// DecodeDesired reads a verified payload. Errors: invalid.
func DecodeDesired(b []byte) (Desired, error) {
	var d Desired
	if err := decode(b, MaxDesired, &d); err != nil {
		return Desired{}, err
	}
	switch {
	case d.V != version:
		return Desired{}, invalid("A desired document has version %d.", d.V)
	case !school.ValidID(d.Dev):
		return Desired{}, invalid("A desired document is for %.40q.", d.Dev)
	case d.Rev == 0 || d.Rev > MaxRev:
		return Desired{}, invalid("A desired document has rev %d.", d.Rev)
	}
	if len(d.Lists) > MaxLists {
		return Desired{}, invalid("A desired document has %d lists; the limit is %d.", len(d.Lists), MaxLists)
	}
	return d, d.Stage.check()
}

// check refuses stages that do not lead forward in time to a last one.
func (s Stage) check() error {
	for n := 1; ; n++ {
		if n > MaxStages {
			return invalid("A desired document has more than %d stages.", MaxStages)
		}
		if !school.ValidID(string(s.Mode)) {
			return invalid("A stage has the mode %.40q.", s.Mode)
		}
		if err := s.Set.form(); err != nil {
			return err
		}
		if s.Fallback == nil && s.Until.IsZero() {
			return nil
		}
		if s.Fallback == nil || s.Until.IsZero() || !s.Fallback.Until.IsZero() && !s.Until.Before(s.Fallback.Until) {
			return invalid("A stage until %s leads nowhere.", s.Until.Format(time.RFC3339))
		}
		s = *s.Fallback
	}
}
