package consent

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Kind is what is to be done. It is the kind of the wish that both sign.
type Kind string

// The kinds.
const (
	HandOver  = Kind(locker.HandOver)       // a device goes to the police
	Restore   = Kind(locker.Restore)        // a device comes back into the hands of staff
	EndHold   = Kind(locker.OrderEndHold)   // a bank's own hold ends
	Approvers = Kind(locker.OrderApprovers) // a bank goes by other keys
)

// How long people have, in machine time.
const (
	SecondWithin = 10 * time.Minute // after the first

	// Life is from the bank's number on, which lives a little longer: who signs in time
	// here is in time there.
	Life = locker.ApprovalLife - time.Minute
)

// School stands in the wish for the bank where a device is behind no door.
const School = "school"

// Ask is what somebody wants two people to sign.
type Ask struct {
	Kind Kind
	Item string       // HandOver, Restore
	Bank string       // EndHold, Approvers
	Door int          // EndHold
	Keys *passkey.Set // Approvers

	Paper Paper
}

// Paper is the words of a request; they lie in the vault.
type Paper struct {
	Why       string `json:"why"`
	Officer   string `json:"officer,omitempty"` // HandOver, with all below
	Collar    string `json:"collar,omitempty"`  // the officer's number
	Force     string `json:"force,omitempty"`
	Reference string `json:"reference,omitempty"` // of the force
	Seal      string `json:"seal,omitempty"`      // number of seal or bag
	State     State  `json:"state,omitempty"`     // of the device, as it goes
}

// State is how a device was seen.
type State string

// States are those there are.
var States = []State{"off", "on-locked", "on-unlocked", "flight-mode", "damaged", "unknown"}

// Receipt is what the police left.
type Receipt struct {
	Number string    `json:"number"`
	At     time.Time `json:"at"` // when the officer took the device
}

// maxLine bounds a line of a paper, in characters.
const maxLine = 200

func (a Ask) check() error {
	var faults []error
	line := func(field, called, value string, wanted bool, hint string) {
		switch {
		case wanted && value == "":
			faults = append(faults, errs.At(field, called+" is missing.", hint))
		case !school.Fits(value, maxLine):
			faults = append(faults, errs.At(field, called+" is too long.", fmt.Sprintf("Use up to %d characters.", maxLine)))
		}
	}
	p, police := a.Paper, a.Kind == HandOver
	line("officer", "The officer’s name", p.Officer, police, "Write it down from the officer's card.")
	line("collar", "The collar number", p.Collar, police, "It is on the officer's shoulder and card.")
	line("force", "The force", p.Force, police, "Say which force the officer is of.")
	line("reference", "The reference of the police", p.Reference, police, "Ask the officer for the number of the incident or case.")
	line("seal", "The number of the seal or bag", p.Seal, police, "Put the device into a sealed bag, and copy its number.")
	if police && !slices.Contains(States, p.State) {
		faults = append(faults, errs.At("state", "It is not said how the device is.", "Look at it without touching its screen, and choose."))
	}
	line("why", "The reason", p.Why, true, "Say in a few words why.") // last, as on the page
	return errors.Join(faults...)
}

// Signature is one person's.
type Signature struct {
	school.Approval
	Signed passkey.Assertion

	posts []roles.Role // by which they are an approver
}

// Request is what two people sign.
type Request struct {
	ID    string
	Kind  Kind
	Wish  passkey.Wish
	Keys  *passkey.Set // Approvers: those that the bank is to learn; School: those that count
	Begun time.Time    // school time
	By    string       // account of whoever began it
	Signs []Signature  // none, one or two

	Answered time.Time // by the bank, or when it was given up waiting; zero before that
	Seq      uint64    // of the bank's record
	Refused  string    // why not, a locker.Answer, or Unanswered; "" when it was carried out
	Receipt  time.Time // when it was written down what the police left

	Left time.Duration // for whoever has the next word, in machine time; 0 when it is over

	content, receipt string // ids in the vault
}

// Unanswered is the answer of a bank that did not give one.
const Unanswered = "unanswered"

// Open reports whether somebody may sign yet.
func (r Request) Open() bool { return r.Left > 0 && r.Answered.IsZero() }

// Done reports whether the bank carries it out.
func (r Request) Done() bool { return !r.Answered.IsZero() && r.Refused == "" }

// order is what the bank is told once both have signed.
func (r Request) order() locker.Order {
	o := locker.Order{Kind: locker.OrderEvidence, Door: r.Wish.Door, Item: r.Wish.Item, Purpose: locker.Purpose(r.Kind), To: r.Wish.To,
		Approval: r.Wish.Nonce, By: r.Signs[len(r.Signs)-1].By}
	if r.Kind == EndHold || r.Kind == Approvers {
		o.Kind, o.Purpose, o.Keys = locker.OrderKind(r.Kind), "", r.Keys
	}
	if r.Kind == Approvers {
		o.To = ""
	}
	for _, s := range r.Signs {
		o.Signed = append(o.Signed, s.Signed)
	}
	return o
}

// where says which door a request is about.
func (b *Book) where(a Ask) (passkey.Wish, error) {
	w := passkey.Wish{Bank: a.Bank, Door: a.Door, Item: a.Item, Kind: string(a.Kind)}
	switch a.Kind {
	case HandOver, Restore:
		i, err := b.Custody.Item(a.Item)
		if err != nil {
			return w, err
		}
		return placed(w, i, a.Kind == Restore && b.Custody.Held(i))
	case EndHold:
		w.Item = ""
	case Approvers:
		w.Item, w.Door = "", 0
		if a.Keys == nil || a.Keys.Check() != nil {
			return w, errs.New(errs.Invalid, "There are no keys to tell the bank.", "Let two approvers add a passkey each.")
		}
		w.To = a.Keys.ID()
	default:
		return w, errs.New(errs.Invalid, "That is nothing two people sign.", "")
	}
	return w, nil
}

// placed names the door of a device, or the school where it is behind none.
func placed(w passkey.Wish, i desk.Item, held bool) (passkey.Wish, error) {
	w.Bank, w.Door = School, 0
	switch {
	case !i.Open():
		return w, errs.New(errs.Conflict, "The device is not in the school's custody any more.", "Look at its record.")
	case held:
		return w, errs.New(errs.Denied, "A hold stands on this device.", "Two people end the hold first. Then it may come out.")
	case i.Place.Kind == desk.Behind:
		w.Bank, w.Door = i.Place.Bank, i.Place.Door
	case Kind(w.Kind) == Restore:
		return w, errs.New(errs.Conflict, "The device is not behind a door.", "Look where it is.")
	}
	return w, nil
}
