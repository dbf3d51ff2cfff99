// Package badges is the school's book of badges: which badge is whose, and
// which may no longer be used. A badge is never printed twice. Whoever loses
// one gets another, and the lost one stays known as revoked.
//
// The book is a fold over the school's ledger, which holds three kinds of
// event on badges. Their bodies are JSON objects:
//
//	badge-issued    {"person":"p-001","hash":…,"code":…,"serial":17,"by":"s-04"}
//	badge-assigned  {"person":"p-002","hash":…,"by":"s-04"}
//	badge-revoked   {"hash":…,"why":"lost","by":"s-04"}
//
// hash is the SHA-256 of the token in the QR code and names the badge; code is
// the hash of the typed code; both are 64 hex digits. serial is the number
// printed for the office: 1, 2, 3 and so on. A badge issued without a person is
// a spare until it is assigned. Token and code exist only in what IssueTo,
// Spares and Replace return, to be printed and forgotten.
package badges

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges/typed"
	"github.com/bellkeep/bellkeep/internal/school"
)

// The limits of the book.
const (
	MaxAtOnce = 2000   // badges in one command
	MaxSerial = 999999 // badges a school may ever issue
)

// State is what a badge is now.
type State string

// The states. A revoked badge never becomes anything else.
const (
	Spare   State = "spare"   // printed, nobody's yet
	Live    State = "live"    // opens its holder's door
	Revoked State = "revoked" // opens nothing any more
)

// Why is the reason a badge was revoked.
type Why string

// The reasons.
const (
	Lost    Why = "lost"
	Leaver  Why = "leaver"
	Damaged Why = "damaged"
	Other   Why = "other"
)

// Reasons lists them all.
func Reasons() []Why { return []Why{Lost, Leaver, Damaged, Other} }

// Badge is what is on record of one badge.
type Badge struct {
	Hash   school.BadgeHash
	Serial int
	Person string // "" for a spare
	State  State
	Since  time.Time // when it came into this state, UTC
	Why    Why       // of a revoked one
	Seq    uint64    // of its newest record on the school's ledger; 0 for one of an earlier epoch
}

// Fresh is a badge that has just been issued, with its secrets. It is for a
// printer only: it says no more than its serial to a log, and nothing to JSON.
type Fresh struct {
	Person string `json:"-"`
	Serial int
	Token  school.Token `json:"-"`
	Code   typed.Code   `json:"-"`
}

// String names the badge without its secrets.
func (f Fresh) String() string { return fmt.Sprintf("badge %d", f.Serial) }

// GoString is String.
func (f Fresh) GoString() string { return f.String() }

// LogValue is String.
func (f Fresh) LogValue() slog.Value { return slog.StringValue(f.String()) }
