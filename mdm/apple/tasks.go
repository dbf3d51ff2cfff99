package apple

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/once"
)

// tasks is what a device was told to do and how far it is.
type tasks struct {
	Memory once.Memory        `json:"memory"`
	Open   []task             `json:"open,omitempty"` // in the order they came
	Said   map[string]mdm.Ack `json:"said,omitempty"` // the last answer to each command remembered, to be given again
}

// task is a command whose outcome is not known yet.
type task struct {
	ID      string    `json:"id"`
	Op      mdm.Op    `json:"op"`
	Text    string    `json:"text,omitempty"`
	TS      time.Time `json:"ts"` // it was taken in
	Exp     time.Time `json:"exp"`
	UUID    string    `json:"uuid,omitempty"` // of the command it was given in; "" for not yet
	Request string    `json:"request,omitempty"`
	Sent    time.Time `json:"sent,omitzero"`
	Silent  bool      `json:"silent,omitempty"` // it came by and did not say; it still may
}

// Ask takes a verified command in, at most once, and gives the answers there are at
// once. One that the device has yet to come for has none.
func (d *Device) Ask(c mdm.Command, now time.Time) []mdm.Ack {
	t := &d.Tasks
	if _, known := t.Memory.State(c.ID); known {
		if said, any := t.Said[c.ID]; any {
			return []mdm.Ack{said}
		}
		return nil
	}
	if c.Dev != d.ID {
		return []mdm.Ack{mdm.NewAck(c.ID, mdm.Refused, "it is for another device", now)}
	}
	ack := t.Memory.Weigh(c, now)
	if ack.State != mdm.Accepted {
		return []mdm.Ack{ack}
	}
	if why := d.refusal(c.Op, now); why != "" {
		return []mdm.Ack{t.say(c.ID, mdm.Refused, why, now)}
	}
	acks := t.replace(c.Op, now)
	t.Open = append(t.Open, task{ID: c.ID, Op: c.Op, Text: c.Args.Text, TS: now.UTC(), Exp: c.Exp})
	return acks
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
	case op == mdm.ClearPasscode && len(d.Token) == 0:
		return noToken
	case op == mdm.Unlock && d.Traits.Supervised != nil && !d.Traits.supervised():
		return "it is not supervised: whoever knows its passcode unlocks it"
	case op == mdm.Locate && !d.Lost && !locking:
		return notLost
	}
	return ""
}

// covers reports whether an operation changes whether a device is locked.
func covers(op mdm.Op) bool { return op == mdm.Lock || op == mdm.Unlock }

// replace ends what the device has not come for and a newer command takes the place
// of.
func (t *tasks) replace(op mdm.Op, now time.Time) []mdm.Ack {
	return t.settle(now, func(o task) (mdm.AckState, string) {
		if o.UUID == "" && (o.Op == op && op != mdm.Sync || covers(o.Op) && covers(op)) {
			return mdm.Refused, "a later command took its place"
		}
		return "", ""
	})
}

// End closes what is over.
func (d *Device) End(now time.Time) []mdm.Ack {
	t := &d.Tasks
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool { return o.Silent && !now.Before(o.Exp) })
	return t.settle(now, func(o task) (mdm.AckState, string) {
		switch {
		case o.UUID == "" && d.kept(o.Op, now):
			return mdm.Refused, evidence
		case now.Before(o.Exp):
			return "", ""
		case o.UUID == "":
			return mdm.Expired, "the device did not come for it"
		}
		return mdm.HandedOver, o.handedOver(now)
	})
}

func (o task) handedOver(now time.Time) string {
	return "given to it " + moment(o.Sent, now) + ", and it did not say what came of it"
}

// lost ends what a device will not say anything of any more.
func (t *tasks) lost(why string, now time.Time) []mdm.Ack {
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool { return o.Silent })
	return t.settle(now, func(o task) (mdm.AckState, string) {
		if o.UUID == "" {
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
	return []mdm.Ack{t.say(id, mdm.HandedOver, t.Open[n].handedOver(now), now)}
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
	maps.DeleteFunc(t.Said, func(id string, _ mdm.Ack) bool { _, known := t.Memory.State(id); return !known })
	if t.Said == nil {
		t.Said = map[string]mdm.Ack{}
	}
	t.Said[id] = a
	return a
}

// close ends a task.
func (t *tasks) close(id string, s mdm.AckState, detail string, now time.Time) mdm.Ack {
	t.Open = slices.DeleteFunc(t.Open, func(o task) bool { return o.ID == id })
	return t.say(id, s, detail, now)
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
	return []mdm.Ack{t.say(o.ID, mdm.Accepted, "given to it "+moment(now, now), now)}
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
	return t.settle(now, func(o task) (mdm.AckState, string) {
		if o.Op != mdm.Sync || o.TS.After(info) || o.TS.After(list) {
			return "", ""
		}
		return mdm.Done, "it said how it is at " + moment(now, now)
	})
}

// moment is a time of today, or with its day.
func moment(t, now time.Time) string {
	t = t.In(now.Location())
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format(time.TimeOnly)
	}
	return t.Format("2 January 15:04:05")
}
