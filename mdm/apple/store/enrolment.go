package store

import (
	"cmp"
	"context"
	"errors"
	"time"

	nano "github.com/micromdm/nanomdm/mdm"
	"github.com/micromdm/plist"
	"go.etcd.io/bbolt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
)

const (
	maxEnrolment = 64 << 10 // bytes
	maxSecret    = 32 << 10 // bytes of a token that is kept secret
)

// errUserChannel refuses what concerns one user of a shared device.
var errUserChannel = errors.New("only the device channel is served")

// Enrolment is how a device can be reached and what only it may say.
type Enrolment struct {
	UDID   string    `json:"udid"`
	Device string    `json:"device,omitempty"` // the school's id
	Serial string    `json:"serial,omitempty"`
	Since  time.Time `json:"since"`         // machine time of the Authenticate
	OnAt   time.Time `json:"onAt,omitzero"` // machine time of the first TokenUpdate after it

	Hash string `json:"hash,omitempty"` // of the one identity certificate that may speak for it

	On    bool   `json:"on,omitempty"` // there was a TokenUpdate, and no CheckOut since
	Topic string `json:"topic,omitempty"`
	Magic string `json:"magic,omitempty"`
	Token []byte `json:"token,omitempty"`
	Tally int    `json:"tally,omitempty"` // TokenUpdates since the Authenticate

	Bootstrap []byte `json:"bootstrap,omitempty"` // sealed

	Traits  apple.Traits `json:"traits"`            // as it said when it enrolled
	Session string       `json:"session,omitempty"` // as long as it is there
}

// Reachable reports whether a push can be sent to it.
func (e Enrolment) Reachable() bool { return e.On && len(e.Token) > 0 && e.Magic != "" }

// Last is when it last went a step on: an invitation from before that is over.
func (e Enrolment) Last() time.Time {
	if e.OnAt.After(e.Since) {
		return e.OnAt
	}
	return e.Since
}

// Enrolment gives what is known of a UDID; the zero value where that is nothing.
func (s *Store) Enrolment(udid string) (e Enrolment, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		_, err := get(tx.Bucket(enrolmentsBucket), udid, &e)
		return err
	})
	return e, err
}

// EnrolmentOf gives that of the device enrolled under the school's id.
func (s *Store) EnrolmentOf(id string) (e Enrolment, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		udid := tx.Bucket(ownersBucket).Get([]byte(id))
		if udid == nil {
			return nil
		}
		_, err := get(tx.Bucket(enrolmentsBucket), string(udid), &e)
		return err
	})
	return e, err
}

// enrolment changes that of a UDID in a transaction of its own.
func (s *Store) enrolment(ctx context.Context, udid string, change func(*bbolt.Tx, *Enrolment) error) error {
	return s.change(ctx, func(tx *bbolt.Tx) error {
		e := Enrolment{UDID: udid}
		b := tx.Bucket(enrolmentsBucket)
		if _, err := get(b, udid, &e); err != nil {
			return err
		}
		if err := change(tx, &e); err != nil {
			return err
		}
		return put(b, udid, e, maxEnrolment)
	})
}

// own enrols a device under one of the school's ids; who was enrolled as that before
// no longer is.
func own(tx *bbolt.Tx, e *Enrolment, id string) error {
	owners := tx.Bucket(ownersBucket)
	if before := string(owners.Get([]byte(id))); before != "" && before != e.UDID {
		if err := tx.Bucket(enrolmentsBucket).Delete([]byte(before)); err != nil {
			return err
		}
		if err := dropHashes(tx, before); err != nil {
			return err
		}
	}
	e.Device = id
	return owners.Put([]byte(id), []byte(e.UDID))
}

// said is what a device says of itself in an Authenticate beyond what NanoMDM reads.
type said struct{ Model, ProductName, OSVersion string }

// traits are what a device says of itself as it enrols.
func traits(udid string, m *nano.Authenticate) (t apple.Traits, err error) {
	var s said
	if len(m.Raw) > 0 {
		err = plist.Unmarshal(m.Raw, &s)
	}
	return apple.Traits{UDID: udid, Serial: mdm.Cut(m.SerialNumber), Model: mdm.Cut(cmp.Or(s.ProductName, s.Model)), OSVersion: mdm.Cut(s.OSVersion)}, err
}

// StoreAuthenticate begins an enrolment. It is not one before the TokenUpdate.
func (s *Store) StoreAuthenticate(r *nano.Request, m *nano.Authenticate) error {
	if r.ParentID != "" {
		return errUserChannel
	}
	t, err := traits(r.ID, m)
	if err != nil {
		return err
	}
	return s.enrolment(r.Context(), r.ID, func(_ *bbolt.Tx, e *Enrolment) error {
		e.Traits, e.Serial, e.Since, e.Topic = t, t.Serial, s.now().UTC(), m.Topic
		e.On, e.OnAt, e.Magic, e.Token, e.Tally, e.Bootstrap = false, time.Time{}, "", nil, 0, nil
		return nil
	})
}

// StoreTokenUpdate keeps how a device is woken. Its unlock token is kept with what
// the device is: see apple.Device.
func (s *Store) StoreTokenUpdate(r *nano.Request, m *nano.TokenUpdate) error {
	if r.ParentID != "" {
		return errUserChannel
	}
	return s.enrolment(r.Context(), r.ID, func(_ *bbolt.Tx, e *Enrolment) error {
		e.On, e.Topic, e.Magic, e.Token = true, m.Topic, m.PushMagic, m.Token
		if e.Tally++; e.Tally == 1 {
			e.OnAt = s.now().UTC()
		}
		return nil
	})
}

// Secret seals a token; nil for none. Errors: invalid for one that is too long.
func (s *Store) Secret(plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	if len(plain) > maxSecret {
		return nil, errs.New(errs.Invalid, "A token is too long.", "")
	}
	return s.seal.Seal(plain)
}

// Reveal opens what Secret sealed.
func (s *Store) Reveal(sealed []byte) ([]byte, error) { return s.seal.Open(sealed) }

// StoreUserAuthenticate refuses: it is of a user's channel.
func (s *Store) StoreUserAuthenticate(*nano.Request, *nano.UserAuthenticate) error {
	return errUserChannel
}

// Disable ends an enrolment; the certificate stays the only one that may speak for
// the UDID.
func (s *Store) Disable(r *nano.Request) error {
	if r.ParentID != "" {
		return errUserChannel
	}
	if e, err := s.Enrolment(r.ID); err != nil || !e.On {
		return err
	}
	return s.enrolment(r.Context(), r.ID, func(_ *bbolt.Tx, e *Enrolment) error {
		e.On, e.Token = false, nil
		return nil
	})
}

// Lose notes that Apple does not know a device by its token. The token is kept: see Find.
func (s *Store) Lose(ctx context.Context, udid string) error {
	return s.enrolment(ctx, udid, func(_ *bbolt.Tx, e *Enrolment) error {
		e.On = false
		return nil
	})
}

// Find notes that a device that was lost is there after all, and gives its enrolment.
func (s *Store) Find(ctx context.Context, id string) (found Enrolment, err error) {
	e, err := s.EnrolmentOf(id)
	if err != nil || e.On || len(e.Token) == 0 {
		return e, err
	}
	err = s.enrolment(ctx, e.UDID, func(_ *bbolt.Tx, e *Enrolment) error {
		e.On = len(e.Token) > 0
		found = *e
		return nil
	})
	return found, err
}

// StoreBootstrapToken keeps the bootstrap token, sealed.
func (s *Store) StoreBootstrapToken(r *nano.Request, m *nano.SetBootstrapToken) error {
	sealed, err := s.Secret(m.BootstrapToken.BootstrapToken)
	if err != nil {
		return err
	}
	return s.enrolment(r.Context(), r.ID, func(_ *bbolt.Tx, e *Enrolment) error {
		e.Bootstrap = sealed
		return nil
	})
}

// RetrieveBootstrapToken opens it; nil where there is none.
func (s *Store) RetrieveBootstrapToken(r *nano.Request, _ *nano.GetBootstrapToken) (*nano.BootstrapToken, error) {
	e, err := s.Enrolment(r.ID)
	if err != nil || e.Bootstrap == nil {
		return nil, err
	}
	plain, err := s.seal.Open(e.Bootstrap)
	if err != nil {
		return nil, err
	}
	return &nano.BootstrapToken{BootstrapToken: plain}, nil
}

// Session keeps the session that was told of a device, "" for none.
func (s *Store) Session(ctx context.Context, udid, session string) error {
	return s.enrolment(ctx, udid, func(_ *bbolt.Tx, e *Enrolment) error {
		e.Session = session
		return nil
	})
}
