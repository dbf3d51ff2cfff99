// Package history keeps what every device said of itself, bell by bell, so that it
// can be asked later and held against the school's ledger: was this device's camera
// off during Monday's exam?
//
// A day is a file of its own, 2026-11-23.jsonl, to which lines are appended; once
// the day is over it is compressed, and after the years that the school's rules
// name it is removed. A line is a JSON object; k says of which kind:
//
//	open  at                    the server began to watch; numbers of set and say begin anew
//	beat  at                    it still watches; at least every minute
//	close at                    it stopped in good order
//	lost  at                    before at something was not kept; what follows is
//	set   n, set                what lines below call want n
//	say   n, say                what lines below call said n
//	dev   at, dev, rev, mode, want, up, since, verdict, of, said, for, ts, fresh,
//	      groups, heard, note, cut     a device, as it was from at on
//	gone  at, dev               a device is managed no longer
//
// All times are school time by the server's clock, but for ts, which is that of the
// device's report by its own. A device has a line when something about it changed,
// and groups are named when they did: after open every device has one of each.
// Between a line torn by a power cut and the next open, nothing is known, nor
// between the last line before a lost and the next of the same device; nothing
// that was written is ever cut off. Where the disk takes no line, lost stands before
// the next it takes, and every device has a line after it.
//
// Of a report the settings this system knows are kept, and their details cut short:
// what one device says must not take the room of all others.
//
// A minute after every bell, and when the day ends, the bytes written since the one
// before are hashed and the hash goes on the ledger; see Bell. So a line can be
// shown to be as it was when its bell was recorded, and not to have been added or
// left out.
package history

import (
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Settle is how long after a bell devices are looked at, in school time.
const Settle = time.Minute

// LatePercent is how many devices in a hundred may be late then before the bell
// counts as one that did not take.
const LatePercent = 10

// Exam is the kind of period in which no device may be other than it must be.
const Exam mdm.Mode = "exam"

// The limits of what is kept.
const (
	maxDay      = 256 << 20 // bytes of a day's file
	maxLine     = 64 << 10  // bytes
	maxQueue    = 1 << 15   // changes that wait to be written
	mostLines   = 200       // of one device from one bell to the next
	mostBytes   = 32 << 10  // of one device from one bell to the next, and one line more
	mostDetail  = 100       // bytes of what a device says of one setting beside its value
	mostNamed   = 50        // devices, and groups, named in one record of the ledger
	leastGroup  = 4         // devices of a group that counts as one
	beatEvery   = time.Minute
	writeEvery  = time.Second // machine time
	fileVersion = 1
)

// Board gives every device as it stands.
type Board interface{ Board() shadow.Board }

// Config is what a Store needs.
type Config struct {
	Dir   string
	Book  *Book
	Board Board
	Day   func(time.Time) []mdm.Period // the periods of the day of a moment, by From
	Now   func() time.Time             // school time, in the school's zone: its days are the files
	Years func() int                   // how long days are kept
	Log   *slog.Logger
}
