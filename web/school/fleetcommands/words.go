package fleetcommands

import (
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
)

// words are what an operation is called: as a choice, and in the list.
var words = map[mdm.Op]struct{ ask, done, hint string }{
	mdm.Sync:          {"Report how it is", "Report", ""},
	mdm.Message:       {"Show a message", "Message", ""},
	mdm.Lock:          {"Lock it", "Lock", "Whoever has the passcode can open it again. A text below is shown on it."},
	mdm.Unlock:        {"Unlock it", "Unlock", ""},
	mdm.Locate:        {"Say where it is", "Locate", "Only for a device that is lost: whoever holds it is found with it."},
	mdm.ClearPasscode: {"Clear the passcode", "Clear passcode", "Whoever holds it can open it then."},
	mdm.Wipe:          {"Wipe it", "Wipe", "All that is on it is lost. The headteacher or the safeguarding lead must approve it."},
}

// onPhones are the hints for a staff phone, where they differ.
var onPhones = map[mdm.Op]string{
	mdm.Sync:          "It fetches its rules anew, and is without any for a moment.",
	mdm.Lock:          "A page with the text below covers its home screen until you unlock it. It is not Android’s own lock, and the phone cannot confirm it.",
	mdm.Unlock:        "Uncovers its home screen.",
	mdm.ClearPasscode: "It is given a new passcode, which you read below. That works only where its user has unlocked it since it was set up; the phone cannot say whether it did.",
	mdm.Wipe:          "All that is on it is lost. The headteacher or the safeguarding lead must approve it. The phone asks once more before it does.",
}

// onIPads are the hints for an iPad, where they differ.
var onIPads = map[mdm.Op]string{
	mdm.Lock:   "A supervised one is locked as lost: it shows the text below and can be used by nobody until you unlock it here. Any other is only locked as by its button.",
	mdm.Unlock: "Ends the lock of a supervised one.",
	mdm.Locate: "Only for a device that is lost, and while it is locked as lost: whoever holds it is found with it.",
}

// states are how far a command got, and the colour of its tag.
var states = map[command.Progress]struct{ text, tag string }{
	command.Unapproved: {"Waits for a second person", "yellow"},
	command.Waiting:    {"Waits for the device", "yellow"},
	command.Sent:       {"Sent", "blue"},
	command.Accepted:   {"The device is at it", "blue"},
	command.Done:       {"Done", "green"},
	command.HandedOver: {"Assumed done", "blue"},
	command.Failed:     {"Failed", "red"},
	command.Rejected:   {"The device cannot do it", "red"},
	command.Expired:    {"Not done in time", "grey"},
	command.Withdrawn:  {"Withdrawn", "grey"},

	command.Quarantined: {"Ended by the quarantine", "grey"},
}

// phoneStages are those of a staff phone, where they differ.
var phoneStages = map[command.Progress]string{
	command.Sent:     "Waits for the phone to come for it",
	command.Accepted: "The phone has come for it",
	command.Failed:   "Failed, as far as is known",
	command.Expired:  "Not fetched in time",
}
