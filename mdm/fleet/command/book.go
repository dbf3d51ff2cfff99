// Package command is the book of what the school told its devices to do once:
// lock, show a message, say where it is, clear the passcode, wipe, report. It is a
// fold over the school's ledger:
//
//	device-command-asked      {id, device, op, exp, by, person, content, commitment}
//	device-command-approved   {id, by, person}      the second person's consent
//	device-command-withdrawn  {id, by}
//	device-command-sent       {id}                  it is handed to the broker for the first time
//	device-command-answered   {id, state, content, commitment}
//	device-command-ended      {id}                  a quarantine of its device began, or ended
//
// Texts, a message's and the device's answer, lie in the vault under content: an
// answer may say where somebody is.
//
// A wipe takes two people. Nothing that destroys is asked for, approved or sent
// while its device is in quarantine, and what was asked for before is over with its
// beginning; see Follow. Only a device that is lost is asked where it is, and only
// while it is lost is it told so: whoever holds it is found with it. A command for a device that is away waits
// until its end; it is sent when the device is there, again with each connection
// until there is a final answer, which is harmless because a device does an id
// once. It is never retained.
package command

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
)

// Limits of the book.
const (
	MaxOpen  = 20  // commands of one device that are not over
	maxLines = 200 // of one device that are remembered; the ledger has them all
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Vault keeps the texts.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Fleet is the book of devices.
type Fleet interface{ Devices() []mdm.Device }

// Progress is how far a command got.
type Progress string

// The stages.
const (
	Unapproved Progress = "unapproved" // waits for the second person
	Waiting    Progress = "waiting"    // for the device to be there
	Sent       Progress = "sent"
	Accepted   Progress = "accepted" // the device is at it
	Done       Progress = "done"
	HandedOver Progress = "handed-over" // the device cannot say what came of it
	Failed     Progress = "failed"
	Rejected   Progress = "rejected" // the device did not try
	Expired    Progress = "expired"
	Withdrawn  Progress = "withdrawn"

	Quarantined Progress = "quarantined" // over since its device was put in quarantine
)

// Over reports whether the device is not told any more.
func (p Progress) Over() bool {
	return p != Unapproved && p != Waiting && p != Sent && p != Accepted
}

// Line is one command.
type Line struct {
	mdm.Command
	By, Person string // account that asked, and whose it is
	Approved   *school.Approval
	Progress   Progress
	At         time.Time // school time of the last record about it
	Detail     string    // the device's; "" once the vault has erased it
}

// at gives the line as it stands at now: what has ended is over although no record
// says so.
func (l Line) at(now time.Time) Line {
	if !l.Progress.Over() && !now.Before(l.Exp) {
		l.Progress, l.At = Expired, l.Exp
	}
	return l
}

// due reports whether the device is to be told.
func (l Line) due(now time.Time) bool {
	p := l.at(now).Progress
	return !p.Over() && p != Unapproved
}

// Config is what a book is made over.
type Config struct {
	Log   Log
	Vault Vault
	Fleet Fleet
	Stamp func() ledger.Stamp

	Lost func(device string) bool // whether it is on record as lost; nil: none is
}

// Book is all commands, safe for concurrent use.
type Book struct {
	Config
	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	lines    map[string]*Line
	byDevice map[string][]string // ids, oldest first
	open     map[string]bool     // ids not known to be over
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book {
	return &Book{Config: c, lines: map[string]*Line{}, byDevice: map[string][]string{}, open: map[string]bool{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Of gives a device's commands at now, the newest first.
func (b *Book) Of(device string, now time.Time) []Line {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []Line
	for _, id := range slices.Backward(b.byDevice[device]) {
		list = append(list, b.lines[id].at(now))
	}
	return list
}

// Unapproved are the commands that wait for a second person at now, in the order they
// were asked for.
func (b *Book) Unapproved(now time.Time) (list []Line) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for id := range b.open {
		if l := b.lines[id].at(now); l.Progress == Unapproved {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b Line) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Line gives one command at now.
func (b *Book) Line(id string, now time.Time) (Line, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l, ok := b.lines[id]
	if !ok {
		return Line{}, false
	}
	return l.at(now), true
}

// Waiting are the commands that devices are to be told at now, in the order they
// were asked for, without those that may not be sent as things stand.
func (b *Book) Waiting(now time.Time) []mdm.Command {
	b.mu.RLock()
	var list []mdm.Command
	for id := range b.open {
		if l := b.lines[id]; l.due(now) {
			list = append(list, l.Command)
		}
	}
	b.mu.RUnlock()
	list = slices.DeleteFunc(list, b.forbidden)
	slices.SortFunc(list, func(a, c mdm.Command) int { return cmp.Or(a.TS.Compare(c.TS), cmp.Compare(a.ID, c.ID)) })
	return list
}

// forbidden reports whether a command may not be sent as its device stands.
func (b *Book) forbidden(c mdm.Command) bool {
	switch {
	case c.Op.Destroys():
		d, ok := b.managed(c.Dev)
		return !ok || d.Quarantined
	case c.Op == mdm.Locate:
		return !b.isLost(c.Dev)
	}
	return false
}

func (b *Book) isLost(device string) bool { return b.Lost != nil && b.Lost(device) }

func (b *Book) managed(device string) (mdm.Device, bool) {
	list := b.Fleet.Devices()
	n := slices.IndexFunc(list, func(d mdm.Device) bool { return d.ID == device })
	if n < 0 {
		return mdm.Device{}, false
	}
	return list[n], true
}
