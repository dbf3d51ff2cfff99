package headwind

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/once"
)

// tasks is what a phone was told to do and how far it is, without any clock or
// network. It is on disk before a phone is told.
type tasks struct {
	once.Tasks[task]
	Cover *cover `json:"cover,omitempty"`
}

// cover lies over a phone's home screen from a lock to an unlock.
type cover struct {
	Text string `json:"text,omitempty"`
}

// task is a command whose outcome is not known yet.
type task struct {
	once.Task
	Passcode string    `json:"passcode,omitempty"` // to be set
	Fetched  time.Time `json:"fetched,omitzero"`   // the phone was given it; zero for not yet
	Allowed  time.Time `json:"allowed,omitzero"`   // a phone that asked was told to wipe itself
}

// Given reports whether the phone was given it.
func (o task) Given() bool { return !o.Fetched.IsZero() }

// due reports whether the phone is to do it at now; evidence is that nothing on it
// may be destroyed.
func (o task) due(evidence bool, now time.Time) bool {
	return now.Before(o.Exp) && !(evidence && o.Op.Destroys())
}

// newTasks is those of a phone that may have done what was asked for before since.
func newTasks(since time.Time) tasks {
	return tasks{Tasks: once.Tasks[task]{Memory: once.New(since)}}
}

// clone is a copy that shares nothing that changes.
func (t tasks) clone() tasks {
	t.Tasks = t.Tasks.Clone()
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
	acks, fresh := t.Take(c, now)
	if !fresh {
		return acks
	}
	if why := Cannot(c.Op); why != "" {
		return []mdm.Ack{t.Say(c.ID, mdm.Refused, why, now)}
	}
	n := task{Task: once.Of(c)}
	if c.Op == mdm.ClearPasscode {
		n.Passcode = newPasscode()
	}
	return t.Begin(n, now)
}

// waiting are the ids of what the phone has yet to come for, together; "" for
// nothing.
func (t *tasks) waiting(evidence bool, now time.Time) (ids string) {
	for _, o := range t.Open {
		if !o.Given() && o.due(evidence, now) {
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
		if o.Given() || !o.due(evidence, now) {
			continue
		}
		o.Fetched = now.UTC()
		switch o.Op {
		case mdm.Lock:
			t.Cover = &cover{o.Text}
		case mdm.Unlock:
			t.Cover = nil
		}
		acks = append(acks, t.Say(o.ID, mdm.Accepted, "fetched "+mdm.Moment(now, now), now))
	}
	return acks
}

// back notes that the phone reported in, which it does once it has done what it
// fetched, as far as it could.
func (t *tasks) back(now time.Time) []mdm.Ack {
	return t.Settle(now, func(o task) (mdm.AckState, string) {
		switch {
		case !o.Given():
		case o.Op == mdm.Sync:
			return mdm.Done, "it reported in at " + mdm.Moment(now, now)
		case o.Op.Locks():
			return mdm.HandedOver, o.handedOver(now)
		}
		return "", ""
	})
}

// handedOver says how far a phone is known to have gone.
func (o task) handedOver(now time.Time) string {
	said := "fetched " + mdm.Moment(o.Fetched, now) + ", not confirmed"
	if o.Op == mdm.Lock {
		said += "; it covers the home screen and is not Android’s own lock"
	}
	return said
}

// passcodeTried notes that the phone tried to set a passcode. It says so whether or
// not that worked. ok is false where nobody asked it to.
func (t *tasks) passcodeTried(now time.Time) (acks []mdm.Ack, ok bool) {
	acks = t.Settle(now, func(o task) (mdm.AckState, string) {
		if o.Op != mdm.ClearPasscode || !o.Given() {
			return "", ""
		}
		return mdm.HandedOver, "it tried to take the passcode " + o.Passcode + " at " + mdm.Moment(now, now) + ", and cannot say whether it could"
	})
	return acks, len(acks) > 0
}

// end closes what is over. A phone that was told to wipe itself is waited for
// longer, to see whether it did.
func (t *tasks) end(now time.Time) []mdm.Ack {
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool { return !o.Allowed.IsZero() && now.Sub(o.Allowed) >= mdm.LongestCommand })
	return t.Settle(now, func(o task) (mdm.AckState, string) {
		if !o.Allowed.IsZero() || now.Before(o.Exp) {
			return "", ""
		}
		return o.atTheEnd(now)
	})
}

// atTheEnd is what is known of a task whose end has come.
func (o task) atTheEnd(now time.Time) (mdm.AckState, string) {
	fetched := "fetched " + mdm.Moment(o.Fetched, now)
	switch {
	case !o.Given():
		return mdm.Expired, "the phone did not come for it"
	case o.Op.Locks():
		return mdm.HandedOver, o.handedOver(now)
	case o.Op == mdm.ClearPasscode:
		return mdm.Failed, fetched + "; it never said that it tried the passcode " + o.Passcode
	case o.Op == mdm.Wipe:
		return mdm.Failed, fetched + "; it never asked whether it may"
	default:
		return mdm.Failed, fetched + ", not reported in"
	}
}
