package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	maxInvitation  = 4 << 10 // bytes
	mostOfOne      = 8       // invitations of one device that hold at a time; the oldest go
	keepInvitation = 30 * 24 * time.Hour
)

// Invitation lets one device that is expected have one certificate.
type Invitation struct {
	Device  string    `json:"device"`           // the school's id
	Serial  string    `json:"serial,omitempty"` // of the device that is expected; "" for any
	Made    time.Time `json:"made"`             // machine time, as all here
	Expires time.Time `json:"expires"`
	Used    time.Time `json:"used,omitzero"`
	Hash    string    `json:"hash,omitempty"` // of the certificate issued for it
}

func challengeKey(challenge string) []byte {
	sum := sha256.Sum256([]byte(challenge))
	return sum[:]
}

// Invite keeps an invitation behind its challenge, of which only a hash is kept.
// Errors: unavailable.
func (s *Store) Invite(ctx context.Context, challenge string, i Invitation) error {
	return s.change(ctx, func(tx *bbolt.Tx) error {
		if err := s.prune(tx, i.Device); err != nil {
			return err
		}
		return put(tx.Bucket(invitationsBucket), string(challengeKey(challenge)), i, maxInvitation)
	})
}

// Redeem uses a challenge up, at now, and says which device it is for. Errors: denied
// for one that is not known, expired or used; unavailable.
func (s *Store) Redeem(ctx context.Context, challenge string, now time.Time) (device string, err error) {
	err = s.invitation(ctx, challenge, func(_ *bbolt.Tx, kept *Invitation) error {
		switch {
		case !kept.Used.IsZero():
			return errs.New(errs.Denied, "A challenge was used before.", "Make a new invitation for the device.")
		case !now.Before(kept.Expires):
			return errs.New(errs.Denied, "A challenge has expired.", "Make a new invitation for the device.")
		}
		kept.Used = now.UTC()
		device = kept.Device
		return nil
	})
	return device, err
}

// Issued notes which certificate was issued for a challenge: it alone may begin
// the enrolment that was invited to.
func (s *Store) Issued(ctx context.Context, challenge, hash string) error {
	return s.invitation(ctx, challenge, func(tx *bbolt.Tx, kept *Invitation) error {
		kept.Hash = hash
		return put(tx.Bucket(issuedBucket), hash, kept, maxInvitation)
	})
}

func (s *Store) invitation(ctx context.Context, challenge string, change func(*bbolt.Tx, *Invitation) error) error {
	key := string(challengeKey(challenge))
	return s.change(ctx, func(tx *bbolt.Tx) error {
		var i Invitation
		b := tx.Bucket(invitationsBucket)
		found, err := get(b, key, &i)
		if err != nil {
			return err
		}
		if !found {
			return errs.New(errs.Denied, "A challenge is not known.", "Make a new invitation for the device.")
		}
		if err := change(tx, &i); err != nil {
			return err
		}
		return put(b, key, i, maxInvitation)
	})
}

// InvitationFor gives the invitation that a certificate was issued for. Errors:
// not_found, unavailable.
func (s *Store) InvitationFor(hash string) (i Invitation, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		found, err := get(tx.Bucket(issuedBucket), hash, &i)
		if err == nil && !found {
			err = errs.New(errs.NotFound, "A certificate was issued for nobody who is expected.", "Make a new invitation for the device.")
		}
		return err
	})
	return i, err
}

// LastInvitation gives the newest invitation of a device; the zero value where there
// is none.
func (s *Store) LastInvitation(id string) (last Invitation, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		return eachInvitation(tx, func(_ []byte, i Invitation) {
			if i.Device == id && !i.Made.Before(last.Made) {
				last = i
			}
		})
	})
	return last, err
}

func eachInvitation(tx *bbolt.Tx, visit func(key []byte, i Invitation)) error {
	return each(tx.Bucket(invitationsBucket), visit)
}

func each(b *bbolt.Bucket, visit func(key []byte, i Invitation)) error {
	return b.ForEach(func(key, kept []byte) error {
		var i Invitation
		if err := json.Unmarshal(kept, &i); err != nil {
			return err
		}
		visit(key, i)
		return nil
	})
}

// prune drops invitations that are long over, and the oldest of a device that has
// too many.
func (s *Store) prune(tx *bbolt.Tx, id string) error {
	var old [][]byte
	var oldest []byte
	var since time.Time
	count := 0
	err := eachInvitation(tx, func(key []byte, i Invitation) {
		switch {
		case s.now().Sub(i.Expires) > keepInvitation:
			old = append(old, key)
		case i.Device == id:
			count++
			if oldest == nil || i.Made.Before(since) {
				oldest, since = key, i.Made
			}
		}
	})
	if count >= mostOfOne {
		old = append(old, oldest)
	}
	return drop(tx.Bucket(invitationsBucket), old, err)
}

func dropInvitations(tx *bbolt.Tx, id string) error { return dropOf(tx.Bucket(invitationsBucket), id) }

// dropIssued has no certificate of a device begin an enrolment any more.
func dropIssued(tx *bbolt.Tx, id string) error { return dropOf(tx.Bucket(issuedBucket), id) }

// dropOf drops the invitations of a device from a bucket.
func dropOf(b *bbolt.Bucket, id string) error {
	var old [][]byte
	err := each(b, func(key []byte, i Invitation) {
		if i.Device == id {
			old = append(old, key)
		}
	})
	return drop(b, old, err)
}

func drop(b *bbolt.Bucket, keys [][]byte, err error) error {
	for _, key := range keys {
		if err == nil {
			err = b.Delete(key)
		}
	}
	return err
}
