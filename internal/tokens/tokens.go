// Package tokens keeps the keys by which programs use the school's server: the
// information system that marks attendance, a display in the staff room.
//
// A token is "bkt_" and 26 letters and digits, 130 random bits. It is shown once
// and sent as a bearer token (RFC 6750); the school's ledger has its SHA-256 and
// nothing to find it by. A token is nobody: what is done with it is recorded as
// done by token-NAME. It has single permissions and no role, ends within a year,
// and its name is never used again.
//
// A program cannot be asked for a password, so it has no permission that needs
// one, and none to decide about people, accounts or other programs. Permissions
// that its maker does not have across the school are agreed to by a second
// person who may give roles; until then the token opens nothing.
//
// A token never outlives those who vouch for it. With every use it may do what its
// maker may do across the school at that moment, as long as they may still have
// tokens at all; what a second person agreed to beyond that counts while they may
// give roles. The rest of it rests, all of it once its maker's account has ended,
// and counts again when they may again.
package tokens

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Prefix begins every token, so that one that leaked can be found by a scanner
// of secrets.
const Prefix = "bkt_"

// LongestLife is how long a token may last.
const LongestLife = 366 * 24 * time.Hour

// most is how many tokens may work at a time.
const most = 50

// Token is a token without its secret.
type Token struct {
	Name   string
	Scopes []roles.Permission
	Made   time.Time // school time, as all times here
	By     school.Approval
	Until  time.Time
	Ended  time.Time        // zero while nobody has ended it
	EndBy  string           // account
	Agree  bool             // a second person has to agree before it works
	Agreed *school.Approval // who did
	Used   time.Time        // last, to the minute; since this server started

	Rests    []roles.Permission // of its scopes, now
	RestsFor string             // the name of who no longer may
}

// State says whether a token works.
type State string

// The states of a token.
const (
	Working State = "working"
	Waiting State = "waiting" // for a second person
	Resting State = "resting" // who vouched for it no longer may
	Over    State = "over"    // past its last moment
	Ended   State = "ended"   // by a person
)

// State is how the token stands at now.
func (t Token) State(now time.Time) State {
	switch {
	case !t.Ended.IsZero():
		return Ended
	case !now.Before(t.Until):
		return Over
	case t.Agree && t.Agreed == nil:
		return Waiting
	case len(t.Scopes) > 0 && len(t.Rests) == len(t.Scopes):
		return Resting
	}
	return Working
}

// Account is the name that records know the token by.
func (t Token) Account() string { return accountPrefix + t.Name }

const accountPrefix = "token-"

// Roles are what the token may do now.
func (t Token) Roles() []roles.Assignment {
	rests := func(p roles.Permission) bool { return never(p) || slices.Contains(t.Rests, p) }
	return []roles.Assignment{{Permissions: slices.DeleteFunc(slices.Clone(t.Scopes), rests), From: t.Made, Until: t.Until}}
}

// never tells what no program may: what asks for the credential again, and what
// decides over people, accounts or programs.
func never(p roles.Permission) bool {
	row, known := roles.Table[p]
	return !known || row.StepUp || slices.Contains(people, p)
}

// people are for people only.
var people = []roles.Permission{roles.OwnAccount, roles.ApproveException, roles.Countersign, roles.EndException, roles.EndHold, roles.ReleaseItem, roles.OpenDoor,
	roles.RecordSearch, roles.ManageAccounts, roles.GiveRoles, roles.GivePasses, roles.UseAPI, roles.Correct, roles.ChangePolicy, roles.PrintBadges,
	roles.AskDeviceChange, roles.ReviewFiltering, roles.ConsentFiltering, roles.KeepRegisters, roles.RaiseConcern}

// Scopes are all permissions that a token may have, in the order of the table.
func Scopes() []roles.Permission {
	var list []roles.Permission
	for _, row := range roles.Rows() {
		if !never(row.Permission) {
			list = append(list, row.Permission)
		}
	}
	return list
}

// hash is what is kept of a secret.
type hash [sha256.Size]byte

func (h hash) String() string { return hex.EncodeToString(h[:]) }

func newSecret() string { return Prefix + strings.ToLower(rand.Text()) }

func hashOf(secret string) hash { return sha256.Sum256([]byte(secret)) }
