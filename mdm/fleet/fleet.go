// Package fleet is the school's book of devices: which there are, who has them
// since when, which are lost, and which are kept as evidence. It is a fold over the
// school's ledger, and its commands are what writes there:
//
//	device-listed         device, by                      a device, or what changed about it
//	device-issued         device, to, by, passcode        somebody has it from now on
//	device-returned       device, by                      nobody has it from now on
//	device-lost           device, by
//	device-found          device, by                      it is where it belongs again
//	device-replaced       device, with, by, passcode      its holder has another from now on, and it is retired
//	device-retired        device, by                      it is managed no longer, and never again under its id
//	device-invited        device, by                      it may enrol
//	device-assigned       device, by                      its maker sends it here to enrol
//	device-rehearsed      device, by, until               it is as in a lesson, to see whether it does
//	push-certificate-taken topic, until, by               by which a maker lets the school wake its devices
//	device-quarantined    device, by, person, content, commitment
//	quarantine-advice     device, by, person, content, commitment
//	quarantine-end-asked  device, by, person, as
//	quarantine-ended      device, by, person, as, asked
//	device-move-asked     move, by, person, devices, from, to, base, consent, content, commitment
//	device-move-reviewed  move, by, person, as, agreed, content, commitment
//	device-move-cancelled move, by, person, content, commitment
//	device-moved          move, by, person
//
// Bodies hold ids, labels and rules, never a name. Why a device is in quarantine, whom
// that is about and what the police advised lies in the vault.
//
// # Who gets a device
//
// Nobody has a device who has not signed the school's agreement, and no device is
// with somebody before its passcode is confirmed: by the device's own report, or,
// where it cannot say, by the word of whoever hands it over and has seen it. A line
// of the register of who has what is ended and never edited.
//
// # Quarantine
//
// One person puts a device in quarantine. Until two end it, it is neither wiped nor
// changed, retired, replaced or handed on. Neither of the two may have it or be whom
// it is about; which posts they hold is the school's rule; and the advice of the
// police is on record before.
//
// # Which group
//
// A device is in the groups that whoever enrols it names: a first group weakens
// nothing that held. From then on a move to where another filter would hold, in any
// kind of period and by any rules that may come to hold without two more people,
// changes what a pupil sees, and so takes whom a change of the rules takes: see
// change.Consensus. Until they agree the device stays where it is. All other moves
// are so at once, and so are labels and needs: a need keeps Bluetooth on, and no
// filter goes by it. What retires a device and enrols it anew under another id goes
// round this; the register says who did, and the device must join again. One that
// replaces another for its holder is filtered as that one is, or is moved first.
//
// # Which platform
//
// A platform says who speaks for a device. One that has joined, or that somebody has,
// keeps its own: else whoever edits a list would give its voice to a gateway.
package fleet

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
)

// Vault keeps what was written under ids that are used once.
type Vault interface {
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
}

// Config is what a book works with. Without MayHave or Passcode no device is
// issued.
type Config struct {
	Log   ledger.Appender
	Vault Vault               // of quarantines; may be nil where there are none
	Stamp func() ledger.Stamp // school time
	Rules func() policy.Rules // in force now; says who ends a quarantine

	DeviceRules DeviceRules // nil: every move to other groups takes two people
	Consent     func() bool // whether such a move needs the leadership's consent; nil: none does

	MayHave  func(person string) error        // why somebody may not have a device of the school; nil if they may
	Joined   func(device string) bool         // whether a device ever joined; nil: every one did
	Passcode func(device string) Confirmation // how a device stands to its passcode now
}

// Confirmation is how it is known that a device asks for a passcode.
type Confirmation string

// The confirmations.
const (
	Unconfirmed Confirmation = ""
	Reported    Confirmation = "reported" // the device says so, and that it is as its policy wants it
	Assumed     Confirmation = "assumed"  // it was asked for, and the device cannot say
	Seen        Confirmation = "seen"     // assumed, and a person has seen the device ask for it
)

// Issue is a line of the register of who has what. Lines are ended, never
// edited.
type Issue struct {
	Device, To, By string
	From           time.Time
	Passcode       Confirmation
	Until          time.Time // zero while To has it
	EndedBy        string
}

// Mark is that somebody said something at a moment.
type Mark struct {
	At time.Time // school time; zero for never
	By string    // account
}

// Listing is one device as the book knows it.
type Listing struct {
	Device     mdm.Device
	Since      time.Time // listed first
	Retired    time.Time // zero while it is managed
	ReplacedBy string    // id of the device its holder has instead
	Holder     string    // id of whoever has it; "" for nobody
	Lost       Mark      // zero while it is where it belongs
	Quarantine *Quarantine
}

// Book is the fleet as of the last record. It is safe for concurrent use.
type Book struct {
	Config
	*shelf

	viewer string // whoever looks: see For; "" for nobody in particular
}

// shelf is what all who look at one book share.
type shelf struct {
	command sync.Mutex // one command at a time
	mu      sync.RWMutex
	version uint64
	devices map[string]*Listing
	issues  []Issue
	moves   []Move
	open    map[string]int // place in issues, by device

	concerned map[string][]string  // whom quarantines of a device ever concerned, by device
	evident   map[string]time.Time // since when it first was in one
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book {
	return &Book{Config: c, shelf: &shelf{devices: map[string]*Listing{}, open: map[string]int{}, concerned: map[string][]string{}, evident: map[string]time.Time{}}}
}

// Version grows with everything that can change what a device must be.
func (b *Book) Version() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.version
}

// Devices gives the managed devices, by id.
func (b *Book) Devices() []mdm.Device {
	var out []mdm.Device
	for _, l := range b.Listings() {
		if l.Retired.IsZero() {
			out = append(out, l.Device)
		}
	}
	return out
}

// Listings gives every device that ever was in the book, by id.
func (b *Book) Listings() []Listing {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := make([]Listing, 0, len(b.devices))
	for _, l := range b.devices {
		out = append(out, b.shown(l))
	}
	slices.SortFunc(out, func(a, c Listing) int { return mdm.CompareIDs(a.Device.ID, c.Device.ID) })
	return out
}

// Device gives one device, retired ones too.
func (b *Book) Device(id string) (Listing, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l, ok := b.devices[id]
	if !ok {
		return Listing{}, false
	}
	return b.shown(l), true
}

// shown is a device to whoever looks.
func (b *Book) shown(l *Listing) Listing {
	out := l.copy()
	if out.Quarantine != nil && b.conceals(l.Device.ID) {
		out.Quarantine, out.Device.Quarantined = nil, false
	}
	return out
}

// Holder is the id of whoever has a device; "" for nobody.
func (b *Book) Holder(device string) string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if l := b.devices[device]; l != nil {
		return l.Holder
	}
	return ""
}

// Register gives every line of who had what, in the order they began.
func (b *Book) Register() []Issue {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.issues)
}

// copy is l as others see it: with nothing shared that the book may change.
func (l *Listing) copy() Listing {
	out := *l
	out.Device.Groups = slices.Clone(l.Device.Groups)
	out.Device.Flags = slices.Clone(l.Device.Flags)
	if l.Quarantine != nil {
		q := *l.Quarantine
		q.Advice = slices.Clone(q.Advice)
		out.Quarantine, out.Device.Quarantined = &q, true
	}
	return out
}
