package pki

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

const (
	// InvitationLife is how long a joining code can be used.
	InvitationLife = 30 * time.Minute

	remembered     = 7 * 24 * time.Hour // how long a dead code is told from an unknown one
	maxInvitations = 2048
	maxRefusals    = 8 // on record for one code: more say nothing new
	maxRedeemed    = 8 // certificates for one code, when answer after answer is lost
)

// reason is why a code is refused.
type reason string

const (
	used     reason = "used"
	late     reason = "late"
	replaced reason = "replaced" // by a newer code for the same id
	revoked  reason = "revoked"
)

// invitation is a joining code as the server knows it.
type invitation struct {
	cert.Subject
	hash     [sha256.Size]byte
	until    time.Time
	replace  bool
	by       string
	key      string // hash of the key it was redeemed for
	redeemed int
	ended    reason // replaced or revoked; "" otherwise
	refusals int
}

// refusal is why the holder of key cannot redeem i now, "" when he can. The key
// that redeemed it may ask again: its answer may have been lost.
func (i *invitation) refusal(key string, now time.Time) reason {
	switch {
	case i.key != "" && i.key != key, i.redeemed >= maxRedeemed:
		return used
	case i.ended != "":
		return i.ended
	case !now.Before(i.until):
		return late
	}
	return ""
}

// open tells whether somebody may still join by it.
func (i *invitation) open(now time.Time) bool { return i.ended == "" && now.Before(i.until) }

// again tells whether key has redeemed i before.
func (i *invitation) again(key string) bool { return i.key == key }

// invitations are those of the last week.
type invitations []*invitation

// find looks for a token and takes the same time whether and where it is found.
func (list invitations) find(t joining.Token) *invitation {
	hash := t.Hash()
	var found *invitation
	for _, i := range list {
		if subtle.ConstantTimeCompare(i.hash[:], hash[:]) == 1 {
			found = i
		}
	}
	return found
}

// byHash is find for a record.
func (list invitations) byHash(text string) *invitation {
	for _, i := range list {
		if hex.EncodeToString(i.hash[:]) == text {
			return i
		}
	}
	return nil
}

// end closes those of id. What was redeemed cannot be asked for again either.
func (list invitations) end(id string, why reason) {
	for _, i := range list {
		if i.ID == id && i.ended == "" {
			i.ended = why
		}
	}
}

// add takes in a new one in place of older ones of the same id.
func (list invitations) add(i *invitation) invitations {
	list.end(i.ID, replaced)
	return append(list.since(i.until.Add(-remembered)), i)
}

// since forgets those that ran out before t.
func (list invitations) since(t time.Time) invitations {
	return slices.DeleteFunc(list, func(i *invitation) bool { return i.until.Before(t) })
}

// err is what the client is told.
func (r reason) err(s cert.Subject) error {
	command := "Make a new one with 'bellkeep " + string(s.Kind) + " add " + s.ID + "' and scan that."
	switch r {
	case used:
		return errs.New(errs.Conflict, "That joining code was used before.", command)
	case late:
		return errs.New(errs.Denied, "That joining code has run out: it holds for 30 minutes.", command)
	case replaced:
		return errs.New(errs.Conflict, "A newer joining code was made in place of that one.", "Scan the newer one.")
	}
	return errs.New(errs.Denied, "That joining code was withdrawn.", command)
}
