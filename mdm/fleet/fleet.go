// Package fleet is the school's book of devices: which there are, and who has
// them since when. It is a fold over the school's
// ledger, and its commands are what writes there:
//
//	device-listed    {device, by}        a device, or what changed about it
//	device-issued    {device, to, by}    somebody has it from now on
//	device-returned  {device, by}        nobody has it from now on
//	device-retired   {device, by}        it is managed no longer
//
// Bodies hold ids, labels and rules, never a name.
package fleet

import (
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/mdm"
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Issue is a line of the register of who has what. Lines are ended, never
// edited.
type Issue struct {
	Device, To, By string
	From           time.Time
	Until          time.Time // zero while To has it
	EndedBy        string
}

// Listing is one device as the book knows it.
type Listing struct {
	Device  mdm.Device
	Since   time.Time // listed first
	Retired time.Time // zero while it is managed
	Holder  string    // id of whoever has it; "" for nobody
}

// Book is the fleet as of the last record. It is safe for concurrent use.
type Book struct {
	log   Log
	stamp func() ledger.Stamp

	command sync.Mutex // one command at a time
	mu      sync.RWMutex
	version uint64
	devices map[string]*Listing
	issues  []Issue
	open    map[string]int // place in issues, by device
}

// New makes an empty book.
func New(log Log, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, stamp: stamp, devices: map[string]*Listing{}, open: map[string]int{}}
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
		out = append(out, l.copy())
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
	return l.copy(), true
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

func (l *Listing) copy() Listing {
	out := *l
	out.Device.Flags = slices.Clone(l.Device.Flags)
	return out
}
