package board

import (
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
)

// standingWords says how a person stands.
func standingWords(s view.Standing) string {
	switch s {
	case view.NotYet:
		return "Not handed in"
	case view.In:
		return "Handed in"
	case view.Out:
		return "Collected"
	case view.Exempt:
		return "May keep it"
	case view.Unsure:
		return "Not certain"
	case view.AtDoor:
		return "At the door now"
	case view.StillIn:
		return "Not collected yet"
	}
	return "Not known"
}

// itemWords says how a device stands that staff put in. Only a shut door is sure of it.
func itemWords(i view.Item) string {
	since := i.Since.Format("15:04")
	switch i.State {
	case view.ItemIn:
		return "A device, since " + since
	case view.ItemComing:
		return "Perhaps a device: opened for it at " + since + ", and not seen to shut. Look inside"
	case view.ItemGoing:
		return "A device on its way out"
	}
	return "Perhaps a device: nobody saw whether it is in. Look inside"
}

// doorWords says what a door is doing.
func doorWords(s view.DoorState) string {
	switch s {
	case view.DoorFree:
		return "Free"
	case view.DoorKeeping:
		return "Keeping a phone"
	case view.DoorOpen:
		return "Open now"
	case view.DoorTrouble:
		return "Needs a look"
	case view.DoorOut:
		return "Out of service"
	case view.DoorHeld:
		return "Held shut"
	}
	return "Does not answer"
}

// contactWords says what a door's sensor says.
func contactWords(c locker.Contact) string {
	switch c {
	case locker.Open:
		return "Open"
	case locker.Closed:
		return "Shut"
	}
	return "Not known"
}

// kindWords names a kind of bar.
func kindWords(k desk.Kind) string {
	if k == desk.Hold {
		return "Hold"
	}
	return "Stop"
}

// refusalWords says why a bank did not carry out an order, and what to do.
func refusalWords(a locker.Answer) (why, next string) {
	switch a {
	case locker.Barred:
		return "A stop or a hold stands against the pupil or the door.", "It must be ended first."
	case locker.NothingHeld:
		return "Nothing of theirs is behind that door any more.", "Look at the pupil's page: it may have been collected."
	case locker.NoSuchDoor, locker.Elsewhere:
		return "That door is not one of this bank's.", "Look at the pupil's page for the right bank."
	case locker.UnknownPerson:
		return "The bank does not know this pupil.", "It may not have the newest rules yet. Try again when it has."
	case locker.NoReply:
		return "The door cannot be driven: its board does not answer.", "Use the door's key."
	case locker.DoorOpen:
		return "The door stands open already.", "Go there. Take the phone out and shut the door."
	case locker.Busy:
		return "Somebody is at that door now.", "Wait until they have finished, then try again."
	case locker.TooLate:
		return "The order reached the bank too late.", "Try again."
	case locker.UnknownNonce, locker.Replayed:
		return "The bank did not accept this order a second time.", "Look at the door, then start again from the pupil's page."
	case locker.TooMany:
		return "Too many doors were opened by order lately.", "Wait a minute and try again, or use the door's key."
	}
	return "The bank refused.", "Use the bank's keypad or key, and tell whoever looks after it."
}

// happeningWords says what one line of a bank's record means for a person, or
// "" for what staff need not see.
func happeningWords(e locker.Event) string {
	switch e.Kind {
	case locker.Deposited:
		return "Handed in, the door shut on it"
	case locker.Collected:
		return "Collected"
	case locker.Rechecked:
		return "Door opened again after collecting"
	case locker.NothingIn:
		return "Shut the door without putting anything in"
	case locker.StillIn:
		return "Shut the door with something still inside"
	case locker.Turned:
		return "Sent away: " + turnedWords(e.Answer)
	case locker.OrderRefused:
		return "Opening from the office refused"
	case locker.Outcome:
		return outcomeWords(e.Result)
	case locker.Intent:
		if e.By != "" {
			return "Opened by staff (" + e.By + ")"
		}
	}
	return ""
}

func outcomeWords(r locker.Result) string {
	switch r {
	case locker.Jammed:
		return "The door did not open"
	case locker.Unverified:
		return "Nobody saw how the visit ended"
	}
	return ""
}

func turnedWords(a locker.Answer) string {
	switch a {
	case locker.Barred:
		return "stopped, to the office"
	case locker.Revoked, locker.UnknownBadge:
		return "the badge is not valid"
	case locker.Elsewhere:
		return "another bank is theirs"
	case locker.AlreadyHeld:
		return "may not collect now"
	case locker.Exempt:
		return "may keep the phone"
	case locker.NoTime:
		return "the bank did not know the time"
	case locker.NoDoor:
		return "no door was free"
	}
	return "the door could not be used"
}

// waveWords names a wave: years-9-10 is Years 9, 10.
func waveWords(wave string) string {
	words := strings.Split(wave, "-")
	if words[0] == "" {
		return wave
	}
	words[0] = strings.ToUpper(words[0][:1]) + words[0][1:]
	if len(words) < 3 {
		return strings.Join(words, " ")
	}
	return words[0] + " " + strings.Join(words[1:], ", ")
}

func number(n int) string { return strconv.Itoa(n) }
