package desk

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Item is one device outside its owner's routine. It is in exactly one place.
type Item struct {
	ID    string
	What  What
	Why   Why
	Whose string // person; "" while nobody knows
	Case  string // the case about it, "" for none
	Since time.Time
	Place Place
	Asked Asking // the newest order asked for; zero once the bank's ledger has answered it
	Trail []Step // how it came to its place, oldest first

	// Conflict is where these records had it when a bank's ledger said otherwise;
	// nil when they agree. The bank is right.
	Conflict *Place

	content string // id in the vault of how it was when it came: Account
	receipt string // id in the vault of the Receipt of the police
}

// Open reports whether the item is in the school's custody.
func (i Item) Open() bool { return i.Place.Kind != Gone }

// What a device is.
type What string

// The kinds of device.
const (
	Phone       What = "phone"
	SecondPhone What = "second-phone"
	Watch       What = "watch"
	Earbuds     What = "earbuds"
	Tracker     What = "tracker"
	OtherDevice What = "other"
)

// Whats are all kinds of device, the commonest first.
var Whats = []What{Phone, Watch, Earbuds, SecondPhone, Tracker, OtherDevice}

// Why an item is here.
type Why string

// The reasons an item is here.
const (
	Confiscated Why = "confiscated"
	Found       Why = "found"     // without an owner
	LeftOver    Why = "left-over" // its owner has left the roll, or has not come
	GivenIn     Why = "given-in"  // by its owner, at the desk
	PutInAtBank Why = "at-bank"   // by staff at a bank's kiosk; nobody has said more yet
)

// PlaceKind is a kind of place.
type PlaceKind string

// The kinds of place. Only Behind is in a bank's custody.
const (
	Behind PlaceKind = "behind" // door N of bank B
	Hands  PlaceKind = "hands"  // of a member of staff
	AtSpot PlaceKind = "spot"   // a named place: the office safe, envelope 12
	Gone   PlaceKind = "gone"   // out of the school's custody
)

// Place is where an item is since a moment.
type Place struct {
	Kind   PlaceKind `json:"kind"`
	Bank   string    `json:"bank,omitempty"`   // Behind
	Door   int       `json:"door,omitempty"`   // Behind
	Person string    `json:"person,omitempty"` // Hands
	Spot   string    `json:"spot,omitempty"`   // AtSpot: its id
	To     To        `json:"to,omitempty"`     // Gone
	Since  time.Time `json:"since"`
}

// To is who has an item that is gone.
type To string

// The receivers.
const (
	ToParent To = "parent" // a listed adult; the vault knows which
	ToOwner  To = "owner"
	ToPolice To = "police" // with a receipt in the vault
)

// InHandsOf is the place of what somebody carries.
func InHandsOf(person string) Place { return Place{Kind: Hands, Person: person} }

// At is a named place.
func At(spot string) Place { return Place{Kind: AtSpot, Spot: spot} }

// same reports whether two places are the same but for the time.
func (p Place) same(q Place) bool {
	p.Since, q.Since = time.Time{}, time.Time{}
	return p == q
}

// here checks a place that the school itself may put an item in.
func (p Place) here() error {
	switch {
	case p.Kind == Hands && school.ValidID(p.Person) && p.same(InHandsOf(p.Person)):
		return nil
	case p.Kind == AtSpot && school.ValidID(p.Spot) && p.same(At(p.Spot)):
		return nil
	}
	return errs.At("place", "A device is in somebody's hands or in a named place.", "Choose where it is.")
}

// Ref names one record of a bank's ledger.
type Ref struct {
	Bank  string `json:"bank"`
	Epoch uint64 `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

// before orders two records of one bank.
func (r Ref) before(s Ref) bool { return r.Epoch < s.Epoch || r.Epoch == s.Epoch && r.Seq < s.Seq }

// Step is one move of an item. Ref is set where a bank's ledger tells of it.
type Step struct {
	Place Place
	By    string // account; at a bank's kiosk the person
	Ref   Ref

	Agreed string // id of what two people signed for it; "" for a move that does not take two
}

// Asking is an order that somebody was about to give for an item.
type Asking struct {
	Kind   AskKind
	Person string // whoever asked
	At     time.Time
	To     Place  // AskedLeave: where it goes
	Agreed string // AskedLeave: id of what two people signed
}

// AskKind is what was asked of a bank.
type AskKind string

// The askings.
const (
	AskedPut  AskKind = "put"
	AskedTake AskKind = "take"

	AskedLeave AskKind = "leave" // by what two people signed: To says where it goes
)
