package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/locker"
)

// Directory is what all banks of a school know of people.
type Directory struct {
	V int `json:"v"`
	locker.Directory
}

// Plan is the school day as all banks of a school need it.
type Plan struct {
	V int `json:"v"`
	school.Plan
}

// Limits of one Journal message.
const (
	MaxLeaves     = 128       // leaves
	MaxLeafBytes  = 256 << 10 // all leaves together, before base64
	MaxCheckpoint = 4 << 10
)

// Journal is a run of records of a bank's ledger, verbatim. With no leaves it
// asks how far the server's copy reaches.
type Journal struct {
	V          int      `json:"v"`
	Epoch      uint64   `json:"epoch"`
	Ledger     string   `json:"ledger"`               // LedgerID of the epoch's first leaf
	From       uint64   `json:"from"`                 // sequence of the first leaf
	Leaves     [][]byte `json:"leaves,omitempty"`     // base64 of the stored bytes
	Checkpoint []byte   `json:"checkpoint,omitempty"` // the bank's newest signed note
	// Seen is the size of the newest school checkpoint the bank has taken, so
	// that the next can be shown to continue it.
	Seen uint64 `json:"seen,omitempty"`
}

// LedgerID tells one ledger from another of the same bank and epoch by the first
// leaf, which names its key: SHA-256 in hexadecimal.
func LedgerID(first []byte) string {
	sum := sha256.Sum256(first)
	return hex.EncodeToString(sum[:])
}

// JournalAck says how much of a bank's ledger the server's copy holds. It is
// cumulative: everything before Size is on the server's disk.
type JournalAck struct {
	V      int    `json:"v"`
	Epoch  uint64 `json:"epoch"`
	Ledger string `json:"ledger"` // of the message this answers
	Size   uint64 `json:"size"`
	// Refused is why the server takes no more of this ledger, for the bank's log.
	Refused string `json:"refused,omitempty"`
	// School is where the school's own ledger stands, for the bank to witness.
	School *SchoolCheckpoint `json:"school,omitempty"`
}

// SchoolCheckpoint is a checkpoint of the school's ledger with the proof that it
// continues the one the bank has seen.
type SchoolCheckpoint struct {
	Signed []byte       `json:"signed"`
	Proof  ledger.Proof `json:"proof,omitzero"`
}

// BankState is one bank in brief: what to print when it dies.
type BankState struct {
	V         int         `json:"v"`
	Bank      string      `json:"bank"`
	Epoch     uint64      `json:"epoch"`
	Size      uint64      `json:"size"` // ledger records it rests on
	At        time.Time   `json:"at"`   // school time
	Trusted   bool        `json:"trusted"`
	Boot      string      `json:"boot"`
	Directory uint64      `json:"directory"` // versions in force
	Plan      uint64      `json:"plan"`
	Doors     []DoorState `json:"doors"` // those that are not free and shut

	Software string `json:"software,omitempty"` // the version of its program; "" when it has none

	// Problems are those of its computer and what is plugged into it.
	Problems []health.Problem `json:"problems,omitempty"`
}

// DoorState is one door that is worth a line.
type DoorState struct {
	Door    int            `json:"door"`
	Contact locker.Contact `json:"contact"`
	Person  string         `json:"person,omitempty"` // whose device is in it
	Item    string         `json:"item,omitempty"`   // or which item
	Since   time.Time      `json:"since,omitzero"`
	Unsure  bool           `json:"unsure,omitempty"`
	Held    bool           `json:"held,omitempty"` // opens for nobody
}

// Order asks one bank for one thing, once. With Ask it only asks for the nonce
// that the order itself must carry: the bank lets a nonce live 5 s. With Approval
// besides, it asks for the one that two people sign: that lives 15 minutes.
type Order struct {
	V        int           `json:"v"`
	Bank     string        `json:"bank"`
	ID       string        `json:"id"`
	Ask      bool          `json:"ask,omitempty"`
	Approval bool          `json:"approval,omitempty"`
	Order    *locker.Order `json:"order,omitempty"`
}

// Answer is a bank's answer to an Order: a nonce, or what became of it.
type Answer struct {
	V       int    `json:"v"`
	ID      string `json:"id"`
	Nonce   string `json:"nonce,omitempty"`
	Seq     uint64 `json:"seq,omitempty"`  // of what was decided or of the refusal, on the bank's ledger
	Door    int    `json:"door,omitempty"` // that is being opened, or was asked for
	Refused string `json:"refused,omitempty"`
}

// Beacon is the server's time, signed.
type Beacon struct {
	V  int       `json:"v"`
	At time.Time `json:"at"` // school time, UTC
}

// Clock is school time in a demonstration.
type Clock struct {
	V     int       `json:"v"`
	Now   time.Time `json:"now"`
	Speed float64   `json:"speed"` // school seconds in a real second
}

// Welcome is what a bank is given when it joins: the newest directory and plan,
// in their envelopes.
type Welcome struct {
	V         int    `json:"v"`
	Directory []byte `json:"directory,omitempty"`
	Plan      []byte `json:"plan,omitempty"`
	Ledger    string `json:"ledger,omitempty"` // note verifier key of the school's ledger
	Seed      *Seed  `json:"seed,omitempty"`   // for a bank that takes a dead one's place

	Approvers *passkey.Set `json:"approvers,omitempty"` // whose passkeys it goes by when something takes two people
}

// Seed is how the ledger of a bank begins that takes a dead one's place.
type Seed struct {
	Epoch    uint64        `json:"epoch"`
	Previous []byte        `json:"previous,omitempty"` // the last checkpoint the server has of the epoch before
	Size     uint64        `json:"size"`               // how many of its records it has
	By       string        `json:"by"`                 // account of who replaced the bank
	Why      string        `json:"why"`
	Legacy   locker.Legacy `json:"legacy,omitempty"`
}
