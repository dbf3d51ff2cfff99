package apple

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/once"
)

// tasks is what a device was told to do and how far it is.
type tasks struct{ once.Tasks[task] }

// task is a command whose outcome is not known yet.
type task struct {
	once.Task
	TS      time.Time `json:"ts"`             // it was taken in
	UUID    string    `json:"uuid,omitempty"` // of the command it was given in; "" for not yet
	Request string    `json:"request,omitempty"`
	Sent    time.Time `json:"sent,omitzero"`
	Silent  bool      `json:"silent,omitempty"` // it came by and did not say; it still may
}

// Given reports whether the device was given it.
func (o task) Given() bool { return o.UUID != "" }

// Ask takes a verified command in, at most once, and gives the answers there are at
// once. One that the device has yet to come for has none.
func (d *Device) Ask(c mdm.Command, now time.Time) []mdm.Ack {
	t := &d.Tasks
	if c.Dev != d.ID {
		return []mdm.Ack{mdm.NewAck(c.ID, mdm.Refused, "it is for another device", now)}
	}
	acks, fresh := t.Take(c, now)
	if !fresh {
		return acks
	}
	if why := d.refusal(c.Op, now); why != "" {
		return []mdm.Ack{t.Say(c.ID, mdm.Refused, why, now)}
	}
	return t.Begin(task{Task: once.Of(c), TS: now.UTC()}, now)
}

// evidence is why nothing on a device is destroyed.
const evidence = "it is kept as evidence: nothing on it may be destroyed"

// kept reports whether an operation may not be done while a device is evidence.
func (d *Device) kept(op mdm.Op, now time.Time) bool {
	return op.Destroys() && d.Want.At(now).Evidence
}

// refusal is why a device is not told something; "" for what it is.
func (d *Device) refusal(op mdm.Op, now time.Time) string {
	locking := slices.ContainsFunc(d.Tasks.Open, func(o task) bool { return o.Op == mdm.Lock })
	switch {
	case len(d.Tasks.Open) >= maxTasks:
		return "too much of what it was told is not done yet"
	case d.kept(op, now):
		return evidence
	case op == mdm.Message:
		return "an iPad shows a text only together with a lock"
	case op == mdm.ClearPasscode && len(d.UnlockToken) == 0:
		return noToken
	case op == mdm.Unlock && d.Traits.Unsupervised():
		return "it is not supervised: whoever knows its passcode unlocks it"
	case op == mdm.Locate && !d.Lost && !locking:
		return notLost
	}
	return ""
}

// End closes what is over.
func (d *Device) End(now time.Time) []mdm.Ack {
	t := &d.Tasks
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool { return o.Silent && !now.Before(o.Exp) })
	return t.Settle(now, func(o task) (mdm.AckState, string) {
		switch {
		case !o.Given() && d.kept(o.Op, now):
			return mdm.Refused, evidence
		case now.Before(o.Exp):
			return "", ""
		case !o.Given():
			return mdm.Expired, "the device did not come for it"
		}
		return mdm.HandedOver, o.handedOver(now)
	})
}

func (o task) handedOver(now time.Time) string {
	return "given to it " + mdm.Moment(o.Sent, now) + ", and it did not say what came of it"
}

// lost ends what a device will not say anything of any more.
func (t *tasks) lost(why string, now time.Time) []mdm.Ack {
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool { return o.Silent })
	return t.Settle(now, func(o task) (mdm.AckState, string) {
		if !o.Given() {
			return "", ""
		}
		return mdm.HandedOver, o.handedOver(now) + "; " + why
	})
}

// silent notes that the device came by and did not say what became of a task. It may
// have done it, so it is not given it again.
func (t *tasks) silent(id string, now time.Time) []mdm.Ack {
	n := t.place(id)
	if n < 0 {
		return nil
	}
	t.Open[n].Silent = true
	return []mdm.Ack{t.Say(id, mdm.HandedOver, t.Open[n].handedOver(now), now)}
}

// close ends a task.
func (t *tasks) close(id string, s mdm.AckState, detail string, now time.Time) mdm.Ack {
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool { return o.ID == id })
	return t.Say(id, s, detail, now)
}

func (t *tasks) place(id string) int {
	return slices.IndexFunc(t.Open, func(o task) bool { return o.ID == id })
}

// given notes that the device is given a task.
func (t *tasks) given(out *sent, now time.Time) []mdm.Ack {
	n := t.place(out.Task)
	if n < 0 {
		return nil
	}
	o := &t.Open[n]
	o.UUID, o.Request, o.Sent = out.UUID, out.Type, now.UTC()
	return []mdm.Ack{t.Say(o.ID, mdm.Accepted, "given to it "+mdm.Moment(now, now), now)}
}

// takeBack notes that the device did not do a task, and may do it when it comes by.
func (t *tasks) takeBack(id string) {
	if n := t.place(id); n >= 0 {
		t.Open[n].UUID, t.Open[n].Silent = "", false
	}
}

// syncs reports whether a device was told to say how it is after it last did.
func (t *tasks) syncs(last time.Time) bool {
	return slices.ContainsFunc(t.Open, func(o task) bool { return o.Op == mdm.Sync && o.TS.After(last) })
}

// synced closes what is done once the device said how it is.
func (t *tasks) synced(info, list, now time.Time) []mdm.Ack {
	return t.Settle(now, func(o task) (mdm.AckState, string) {
		if o.Op != mdm.Sync || o.TS.After(info) || o.TS.After(list) {
			return "", ""
		}
		return mdm.Done, "it said how it is at " + mdm.Moment(now, now)
	})
}
