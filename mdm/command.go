package mdm

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Op is something a device is told to do once.
type Op string

// The operations.
const (
	Lock          Op = "lock"
	Unlock        Op = "unlock"  // end a lock that the device's user cannot end
	Message       Op = "message" // show Args.Text
	Locate        Op = "locate"
	ClearPasscode Op = "clear-passcode"
	Wipe          Op = "wipe"
	Sync          Op = "sync" // report anew
)

// Ops are all operations, the harmless ones first.
var Ops = []Op{Sync, Message, Lock, Unlock, Locate, ClearPasscode, Wipe}

// Destroys reports whether an operation takes away what may be evidence. It is
// refused on a device in quarantine.
func (o Op) Destroys() bool { return o == Wipe || o == ClearPasscode }

// Locks reports whether an operation changes whether a device is locked.
func (o Op) Locks() bool { return o == Lock || o == Unlock }

// TakesTwo reports whether a second person must agree first.
func (o Op) TakesTwo() bool { return o == Wipe }

// Args go with an operation; the zero Args are none.
type Args struct {
	Text string `json:"text,omitempty"` // of Message, and to be shown by Lock
}

// LongestCommand is how far ahead a command's end may lie when it is asked for.
const LongestCommand = 30 * 24 * time.Hour

// Command tells one device to do one thing once, until a moment.
type Command struct {
	V    int       `json:"v"`
	Dev  string    `json:"dev"` // a command for another device is refused
	ID   string    `json:"id"`
	Op   Op        `json:"op"`
	Args Args      `json:"args,omitzero"`
	TS   time.Time `json:"ts"`  // school time at which it was asked for
	Exp  time.Time `json:"exp"` // from then on it is not done
}

// NewCommand makes a command.
func NewCommand(dev, id string, op Op, args Args, now, exp time.Time) Command {
	return Command{V: version, Dev: dev, ID: id, Op: op, Args: args, TS: whole(now), Exp: whole(exp)}
}

// Validate names the first fault of a command that is asked for. Errors: invalid.
func (c Command) Validate() error {
	if err := c.form(); err != nil {
		return err
	}
	switch c.Op {
	case Message:
		if c.Args.Text == "" {
			return invalid("A message has no text.")
		}
	case Lock:
	case Unlock, Locate, ClearPasscode, Wipe, Sync:
		if c.Args != (Args{}) {
			return invalid("%s takes no text.", c.Op)
		}
	default:
		return invalid("There is no operation %.40q.", c.Op)
	}
	if !c.Exp.After(c.TS) || c.Exp.Sub(c.TS) > LongestCommand {
		return invalid("A command lives no longer than %d days.", LongestCommand/(24*time.Hour))
	}
	return nil
}

// form refuses what has not the form of a command. An operation that nobody knows
// has it: the device says that it cannot do it.
func (c Command) form() error {
	switch {
	case c.V != version:
		return invalid("A command has version %d.", c.V)
	case !school.ValidID(c.Dev) || !school.ValidID(c.ID) || !school.ValidID(string(c.Op)):
		return invalid("A command has the id %.40q, for %.40q.", c.ID, c.Dev)
	case !plainText(c.Args.Text):
		return invalid("A command has a text that is too long or not printable.")
	case c.Exp.IsZero():
		return invalid("A command has no end.")
	}
	return nil
}

// DecodeCommand reads a verified payload. Errors: invalid.
func DecodeCommand(b []byte) (Command, error) {
	var c Command
	if err := decode(b, MaxCommand, &c); err != nil {
		return Command{}, err
	}
	return c, c.form()
}

// AckState is what became of a command, by the device's word.
type AckState string

// The states. All but Accepted are final; after HandedOver it may still be found
// out that it was done, or failed.
const (
	Accepted   AckState = "accepted" // it is at it
	Done       AckState = "done"
	HandedOver AckState = "handed-over" // the device has it, and cannot say what came of it
	Failed     AckState = "failed"      // tried
	Expired    AckState = "expired"     // it came too late, by the device's clock
	Refused    AckState = "rejected"    // not tried
)

// Final reports whether a device that said so need not be told again.
func (s AckState) Final() bool { return s != Accepted }

// MayFollow reports whether a device may say s after it said that a command is
// over as before: only what it could not say yet.
func (s AckState) MayFollow(before AckState) bool {
	return before == HandedOver && (s == Done || s == Failed)
}

func (s AckState) valid() bool {
	switch s {
	case Accepted, Done, HandedOver, Failed, Expired, Refused:
		return true
	}
	return false
}

// Ack is a device's answer to a command.
type Ack struct {
	V      int       `json:"v"`
	ID     string    `json:"id"` // of the command
	State  AckState  `json:"state"`
	TS     time.Time `json:"ts"` // by the device's clock
	Detail string    `json:"detail,omitempty"`
}

// NewAck makes an answer; a long detail is cut.
func NewAck(id string, state AckState, detail string, now time.Time) Ack {
	return Ack{V: version, ID: id, State: state, TS: whole(now), Detail: Cut(detail)}
}

// DecodeAck reads an answer. Errors: invalid.
func DecodeAck(b []byte) (Ack, error) {
	var a Ack
	if err := decode(b, MaxAck, &a); err != nil {
		return Ack{}, err
	}
	if a.V != version || !school.ValidID(a.ID) || !a.State.valid() || !plainText(a.Detail) {
		return Ack{}, invalid("An answer has version %d, id %.40q and state %.40q.", a.V, a.ID, a.State)
	}
	return a, nil
}
