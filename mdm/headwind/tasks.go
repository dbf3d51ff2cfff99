package headwind

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/once"
)

// tasks is what a phone was told to do and how far it is, without any clock or
// network. It is on disk before a phone is told.
type tasks struct {
	Memory once.Memory        `json:"memory"`
	Open   []task             `json:"open,omitempty"` // in the order they came
	Said   map[string]mdm.Ack `json:"said,omitempty"` // the last answer to each command remembered, to be given again
	Cover  *cover             `json:"cover,omitempty"`
}

// cover lies over a phone's home screen from a lock to an unlock.
type cover struct {
	Text string `json:"text,omitempty"`
}

// task is a command whose outcome is not known yet.
type task struct {
	ID       string    `json:"id"`
	Op       mdm.Op    `json:"op"`
	Text     string    `json:"text,omitempty"`
	Exp      time.Time `json:"exp"`
	Passcode string    `json:"passcode,omitempty"` // to be set
	Fetched  time.Time `json:"fetched,omitzero"`   // the phone was given it; zero for not yet
	Allowed  time.Time `json:"allowed,omitzero"`   // a phone that asked was told to wipe itself
}

// due reports whether the phone is to do it at now; evidence is that nothing on it
// may be destroyed.
func (o task) due(evidence bool, now time.Time) bool {
	return now.Before(o.Exp) && !(evidence && o.Op.Destroys())
}

// newTasks is those of a phone that may have done what was asked for before since.
func newTasks(since time.Time) tasks {
	return tasks{Memory: once.New(since), Said: map[string]mdm.Ack{}}
}

// clone is a copy that shares nothing that changes.
func (t tasks) clone() tasks {
	t.Memory.Known, t.Open, t.Said = slices.Clone(t.Memory.Known), slices.Clone(t.Open), maps.Clone(t.Said)
	return t
}

// Cannot is why a phone has no way to do something; "" for what it can do.
func Cannot(op mdm.Op) string {
	switch op {
	case mdm.Message:
		return "the stock agent shows a text only together with a lock"
	case mdm.Locate:
		return "the stock agent does not say where it is when asked"
	}
	return ""
}

// take takes a verified command in and gives the answers there are at once. One
// that the phone has yet to come for has none.
func (t *tasks) take(c mdm.Command, now time.Time) []mdm.Ack {
	if _, known := t.Memory.State(c.ID); known {
		if said, any := t.Said[c.ID]; any {
			return []mdm.Ack{said}
		}
		return nil
	}
	ack := t.Memory.Weigh(c, now)
	if ack.State != mdm.Accepted {
		return []mdm.Ack{ack}
	}
	maps.DeleteFunc(t.Said, func(id string, _ mdm.Ack) bool { _, known := t.Memory.State(id); return !known })
	if why := Cannot(c.Op); why != "" {
		return []mdm.Ack{t.say(c.ID, mdm.Refused, why, now)}
	}
	acks := t.replace(c.Op, now)
	n := task{ID: c.ID, Op: c.Op, Text: c.Args.Text, Exp: c.Exp}
	if c.Op == mdm.ClearPasscode {
		n.Passcode = newPasscode()
	}
	t.Open = append(t.Open, n)
	return acks
}

// covers reports whether an operation changes what lies over the home screen.
func covers(op mdm.Op) bool { return op == mdm.Lock || op == mdm.Unlock }

// replace ends what the phone has not come for and a newer command takes the place
// of.
func (t *tasks) replace(op mdm.Op, now time.Time) []mdm.Ack {
	return t.settle(now, func(o task) (mdm.AckState, string) {
		if o.Fetched.IsZero() && (o.Op == op && op != mdm.Sync || covers(o.Op) && covers(op)) {
			return mdm.Refused, "a later command took its place"
		}
		return "", ""
	})
}

// settle asks of each open task what became of it and closes those of which it is
// known; "" is not known yet.
func (t *tasks) settle(now time.Time, became func(task) (mdm.AckState, string)) (acks []mdm.Ack) {
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool {
		state, detail := became(o)
		if state == "" {
			return false
		}
		acks = append(acks, t.say(o.ID, state, detail, now))
		return true
	})
	return acks
}

// say makes an answer and remembers it.
func (t *tasks) say(id string, s mdm.AckState, detail string, now time.Time) mdm.Ack {
	a := mdm.NewAck(id, s, detail, now)
	t.Memory.Note(id, s)
	t.Said[id] = a
	return a
}

// waiting are the ids of what the phone has yet to come for, together; "" for
// nothing.
func (t *tasks) waiting(evidence bool, now time.Time) (ids string) {
	for _, o := range t.Open {
		if o.Fetched.IsZero() && o.due(evidence, now) {
			ids += " " + o.ID
		}
	}
	return ids
}

// shape adds to a configuration what the phone is to do, and reports whether that
// is anything. Permission to wipe is given apart: see mayWipe.
func (t *tasks) shape(c *ServerConfig, evidence bool, now time.Time) bool {
	over := t.Cover
	for _, o := range t.Open {
		if !o.due(evidence, now) {
			continue
		}
		switch o.Op {
		case mdm.Lock:
			over = &cover{o.Text}
		case mdm.Unlock:
			over = nil
		case mdm.ClearPasscode:
			c.PasswordReset = o.Passcode
		case mdm.Wipe:
			c.FactoryReset = c.FactoryReset || o.Allowed.IsZero()
		}
	}
	if over != nil {
		c.Lock, c.LockMessage = true, over.Text
	}
	return c.Lock || c.PasswordReset != "" || c.FactoryReset
}

// fetched notes that the phone was given all that waits.
func (t *tasks) fetched(evidence bool, now time.Time) (acks []mdm.Ack) {
	for n := range t.Open {
		o := &t.Open[n]
		if !o.Fetched.IsZero() || !o.due(evidence, now) {
			continue
		}
		o.Fetched = now.UTC()
		switch o.Op {
		case mdm.Lock:
			t.Cover = &cover{o.Text}
		case mdm.Unlock:
			t.Cover = nil
		}
		acks = append(acks, t.say(o.ID, mdm.Accepted, "fetched "+moment(now, now), now))
	}
	return acks
}

// back notes that the phone reported in, which it does once it has done what it
// fetched, as far as it could.
func (t *tasks) back(now time.Time) []mdm.Ack {
	return t.settle(now, func(o task) (mdm.AckState, string) {
		switch {
		case o.Fetched.IsZero():
		case o.Op == mdm.Sync:
			return mdm.Done, "it reported in at " + moment(now, now)
		case covers(o.Op):
			return mdm.HandedOver, o.handedOver(now)
		}
		return "", ""
	})
}

// handedOver says how far a phone is known to have gone.
func (o task) handedOver(now time.Time) string {
	said := "fetched " + moment(o.Fetched, now) + ", not confirmed"
	if o.Op == mdm.Lock {
		said += "; it covers the home screen and is not Android’s own lock"
	}
	return said
}

// passcodeTried notes that the phone tried to set a passcode. It says so whether or
// not that worked. ok is false where nobody asked it to.
func (t *tasks) passcodeTried(now time.Time) (acks []mdm.Ack, ok bool) {
	acks = t.settle(now, func(o task) (mdm.AckState, string) {
		if o.Op != mdm.ClearPasscode || o.Fetched.IsZero() {
			return "", ""
		}
		return mdm.HandedOver, "it tried to take the passcode " + o.Passcode + " at " + moment(now, now) + ", and cannot say whether it could"
	})
	return acks, len(acks) > 0
}

// end closes what is over. A phone that was told to wipe itself is waited for
// longer, to see whether it did.
func (t *tasks) end(now time.Time) []mdm.Ack {
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool { return !o.Allowed.IsZero() && now.Sub(o.Allowed) >= mdm.LongestCommand })
	return t.settle(now, func(o task) (mdm.AckState, string) {
		if !o.Allowed.IsZero() || now.Before(o.Exp) {
			return "", ""
		}
		return o.atTheEnd(now)
	})
}

// atTheEnd is what is known of a task whose end has come.
func (o task) atTheEnd(now time.Time) (mdm.AckState, string) {
	fetched := "fetched " + moment(o.Fetched, now)
	switch {
	case o.Fetched.IsZero():
		return mdm.Expired, "the phone did not come for it"
	case covers(o.Op):
		return mdm.HandedOver, o.handedOver(now)
	case o.Op == mdm.ClearPasscode:
		return mdm.Failed, fetched + "; it never said that it tried the passcode " + o.Passcode
	case o.Op == mdm.Wipe:
		return mdm.Failed, fetched + "; it never asked whether it may"
	default:
		return mdm.Failed, fetched + ", not reported in"
	}
}
