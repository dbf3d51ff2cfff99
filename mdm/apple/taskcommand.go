package apple

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// What people are told where something cannot be done.
const (
	noToken = "there is no token to clear its passcode with; a device gives one as it enrols"
	notLost = "it says where it is only while it is locked as lost: lock it first"
)

// lostText is shown on a device locked as lost where no other text is given: Apple
// wants one.
const lostText = "This device belongs to a school. Please bring it to the office."

// taskSteps are what a device is told to do and has not been given.
func (d *Device) taskSteps(now time.Time) (list []step) {
	locking := false
	for _, o := range d.Tasks.Open {
		waits := o.UUID == "" && now.Before(o.Exp) && !d.kept(o.Op, now)
		request := d.request(o.Op)
		if waits && request != "" && !(o.Op == mdm.Locate && locking) {
			list = append(list, step{request: request, task: o})
		}
		locking = locking || waits && o.Op == mdm.Lock
	}
	return list
}

// request is the command that does an operation, "" for none. A supervised device is locked as
// lost, which only a command ends; any other as by its button.
func (d *Device) request(op mdm.Op) string {
	switch op {
	case mdm.Lock:
		if d.Traits.cannot(true, lostFrom) == "" {
			return cmdEnableLost
		}
		return cmdLock
	case mdm.Unlock:
		return cmdDisableLost
	case mdm.Locate:
		return cmdLocation
	case mdm.ClearPasscode:
		return cmdClearPasscode
	case mdm.Wipe:
		return cmdErase
	}
	return "" // a sync is answered by its questions; nothing else is taken in
}

// lostFrom is the version that lost mode came with.
const lostFrom = "9.3"

// taskBody writes what the command of a task needs, or says why it cannot be made.
func (d *Device) taskBody(body map[string]any, s step, with Ports) (why string) {
	switch s.request {
	case cmdEnableLost:
		body["Message"] = cmp.Or(s.task.Text, lostText)
	case cmdLock:
		if s.task.Text != "" && d.Traits.atLeast("7") && !d.Traits.Shared {
			body["Message"] = s.task.Text
		}
	case cmdDisableLost:
		return d.Traits.cannot(true, lostFrom)
	case cmdLocation:
		if !d.Lost {
			return notLost
		}
		return d.Traits.cannot(true, lostFrom)
	case cmdClearPasscode:
		return d.unlockToken(body, with)
	}
	return ""
}

func (d *Device) unlockToken(body map[string]any, with Ports) (why string) {
	switch {
	case d.Traits.Shared:
		return "a Shared iPad has the passcodes of its accounts"
	case with.Unseal == nil || len(d.UnlockToken) == 0:
		return noToken
	}
	token, err := with.Unseal(d.UnlockToken)
	if err != nil {
		return "the token to clear its passcode with cannot be opened"
	}
	body["UnlockToken"] = token
	return ""
}

// taskDone answers for a task that the device says it did.
func (d *Device) taskDone(request, id string, r response, now time.Time) []mdm.Ack {
	detail := ""
	switch request {
	case cmdEnableLost:
		d.Lost, detail = true, "locked as lost, until it is unlocked from here"
	case cmdDisableLost:
		d.Lost = false
	case cmdLock:
		detail = "locked; whoever knows its passcode unlocks it" + shown(text(r["MessageResult"]))
	case cmdLocation:
		return []mdm.Ack{d.located(id, r, now)}
	case cmdErase:
		d.Wiped, detail = now.UTC(), "it said it wipes itself"
	}
	return []mdm.Ack{d.Tasks.close(id, mdm.Done, detail, now)}
}

// shown is what a lock says of its message.
func shown(result string) string {
	switch result {
	case "NoPasscodeSet":
		return "; it has none, and shows no text without"
	case "", "Success":
		return ""
	}
	return "; its text: " + result
}

// located answers with where a device is. What is remembered of that says only that
// it was said, so that where somebody is stands in no file but the vault.
func (d *Device) located(id string, r response, now time.Time) mdm.Ack {
	north, ok := degrees(r["Latitude"], 90)
	east, ok2 := degrees(r["Longitude"], 180)
	if !ok || !ok2 {
		return d.Tasks.close(id, mdm.Failed, "it did not say where it is", now)
	}
	ack := d.Tasks.close(id, mdm.Done, "it said where it is at "+mdm.Moment(now, now)+"; that is told once and kept nowhere here", now)
	said := []string{fmt.Sprintf("%.4f, %.4f", north, east)}
	if within, ok := r["HorizontalAccuracy"].(float64); ok && within >= 0 && within < 1e6 {
		said = append(said, fmt.Sprintf("within %.0f m", math.Ceil(within)))
	}
	ack.Detail = mdm.Cut(strings.Join(said, ", ") + ", at " + mdm.Moment(now, now))
	return ack
}

func degrees(v any, most float64) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, math.Abs(n) <= most
	case int64:
		return float64(n), math.Abs(float64(n)) <= most
	}
	return 0, false
}

// late takes in what a device says of a task that it had said nothing of when it came
// by. What it says of anything else was asked for again, or is by now.
func (d *Device) late(uuid, status string, r response, now time.Time) []mdm.Ack {
	n := slices.IndexFunc(d.Tasks.Open, func(o task) bool { return uuid != "" && o.UUID == uuid })
	if n < 0 {
		return nil
	}
	switch o := d.Tasks.Open[n]; status {
	case statusAcknowledged:
		return d.taskDone(o.Request, o.ID, r, now)
	case statusNotNow:
		return nil // it was said to be handed over, and is not given again
	default:
		return []mdm.Ack{d.Tasks.close(o.ID, mdm.Failed, strings.TrimSpace(status+" "+r.why()), now)}
	}
}
