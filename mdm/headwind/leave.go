package headwind

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// stillHere is how long after it was told to wipe itself a phone that calls has not
// done so.
const stillHere = 2 * time.Minute

// mayWipe answers a phone that asks whether it may wipe itself: only if it was given
// a command to that still holds, and was not told so before. able is whether its
// agent has the right to.
func (t *tasks) mayWipe(able, evidence bool, now time.Time) (acks []mdm.Ack, may bool) {
	open := func(o task) bool { return o.Op == mdm.Wipe && o.Allowed.IsZero() && o.due(evidence, now) }
	if !slices.ContainsFunc(t.Open, func(o task) bool { return open(o) && o.Given() }) {
		return nil, false
	}
	if !able {
		return t.Settle(now, func(o task) (mdm.AckState, string) {
			if open(o) {
				return mdm.Failed, "the agent has not the right to wipe the phone"
			}
			return "", ""
		}), false
	}
	for n, o := range t.Open {
		if open(o) { // once does for all
			t.Open[n].Fetched, t.Open[n].Allowed = now.UTC(), now.UTC()
			acks = append(acks, t.Say(o.ID, mdm.HandedOver, "it asked at "+mdm.Moment(now, now)+" and was told to; what is wiped cannot say so", now))
		}
	}
	return acks, true
}

// calls notes a word from the phone; anew is that it has no configuration, as when
// it was set up. Either tells what came of a wipe.
func (t *tasks) calls(anew bool, now time.Time) []mdm.Ack {
	acks := t.Settle(now, func(o task) (mdm.AckState, string) {
		switch {
		case o.Allowed.IsZero():
		case anew:
			return mdm.Done, "it was set up anew at " + mdm.Moment(now, now)
		case now.Sub(o.Allowed) >= stillHere:
			return mdm.Failed, "it was told to at " + mdm.Moment(o.Allowed, now) + " and still calls"
		}
		return "", ""
	})
	if anew && len(acks) > 0 {
		t.Cover = nil
	}
	return acks
}
