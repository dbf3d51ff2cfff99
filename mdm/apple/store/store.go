// Package store keeps what a gateway to iPads knows of them, so that a restart or
// a power cut loses nothing that a device was told is settled.
//
// It is one bbolt file, mode 0600. Its buckets:
//
//	devices      the school's id → apple.Device as JSON
//	enrolments   UDID → Enrolment as JSON
//	owners       the school's id → UDID of the device enrolled as it
//	hashes       hash of an identity certificate → UDID
//	invitations  SHA-256 of a challenge → Invitation as JSON
//	issued       hash of a certificate that was issued → its Invitation as JSON
//	push         topic → push certificate, its key sealed
//	meta         since → school time at which the file was begun
//
// Many changes at once share one transaction and so one synchronous write: see
// bbolt's Batch. Each is durable when its call returns.
//
// The methods named after NanoMDM's storage interfaces serve that protocol core;
// they know a device by its UDID. A command queue is none of them: what a device
// is to do next is worked out from its apple.Device when it asks.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm/apple"
)

// Limits.
const (
	together   = 3 * time.Millisecond // machine time a change waits for others to share its write
	mostAtOnce = 256                  // changes in one write
	lockWait   = 2 * time.Second      // machine time until a file in use is given up
	maxDevice  = 512 << 10            // bytes of one device
)

var (
	devicesBucket     = []byte("devices")
	enrolmentsBucket  = []byte("enrolments")
	ownersBucket      = []byte("owners")
	hashesBucket      = []byte("hashes")
	invitationsBucket = []byte("invitations")
	issuedBucket      = []byte("issued")
	pushBucket        = []byte("push")
	metaBucket        = []byte("meta")
	sinceKey          = []byte("since")
)

// Seal keeps secrets unreadable on the disk.
type Seal interface {
	Seal(plain []byte) (sealed []byte, err error)
	Open(sealed []byte) (plain []byte, err error)
}

// Store is the file.
type Store struct {
	db    *bbolt.DB
	seal  Seal
	now   func() time.Time
	since time.Time // what was asked for earlier may have been done, and forgotten with an older file
}

// Open opens the file or makes it. now is machine time, for what is dated here;
// school is what time it is in school, for a file that is begun. Errors: unavailable,
// conflict for a file that another process has open.
func Open(path string, seal Seal, now func() time.Time, school time.Time) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, errs.Wrap(err, errs.Conflict, "Another program uses the iPads' store.", "Stop the other gateway first.")
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The iPads' store cannot be opened.", "Look at the disk, and at the rights of "+path+".")
	}
	db.MaxBatchDelay, db.MaxBatchSize = together, mostAtOnce
	s := &Store{db: db, seal: seal, now: now}
	if err := db.Update(func(tx *bbolt.Tx) error { return s.begin(tx, school) }); err != nil {
		return nil, errors.Join(unavailable(err), db.Close())
	}
	return s, nil
}

// begin makes what is not there yet.
func (s *Store) begin(tx *bbolt.Tx, school time.Time) error {
	for _, name := range [][]byte{devicesBucket, enrolmentsBucket, ownersBucket, hashesBucket, invitationsBucket, issuedBucket, pushBucket, metaBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(metaBucket)
	if kept := meta.Get(sinceKey); kept != nil {
		return s.since.UnmarshalText(kept)
	}
	s.since = school.UTC().Truncate(time.Millisecond)
	text, err := s.since.MarshalText()
	if err != nil {
		return err
	}
	return meta.Put(sinceKey, text)
}

// Close ends it; what goes on is finished first.
func (s *Store) Close() error { return s.db.Close() }

// unavailable is a fault of the disk, unless it is an error of the code above.
func unavailable(err error) error {
	var known *errs.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return errs.Wrap(err, errs.Unavailable, "The iPads' store cannot be written or read.", "Look at the disk: is it full, read-only or failing?")
}

// change runs one change in a transaction that it may share with others. It may
// be run more than once; only the last run counts.
func (s *Store) change(ctx context.Context, do func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return unavailable(s.db.Batch(do))
}

func (s *Store) look(do func(*bbolt.Tx) error) error { return unavailable(s.db.View(do)) }

// Update changes one device, durably and with nobody else in between: change is
// given the device as it is, or a new one, and what it leaves is kept. It may be
// called more than once, each time with the device anew, so it changes nothing else
// but what it sets on every call. Where it returns an error nothing is kept and
// that error comes back. Each time the device's Change grows. Errors: unavailable,
// internal for what cannot be read.
func (s *Store) Update(ctx context.Context, id string, change func(*apple.Device) error) error {
	return s.change(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(devicesBucket)
		d, err := s.device(b.Get([]byte(id)), id)
		if err != nil {
			return err
		}
		d.Change++
		if err := change(&d); err != nil {
			return err
		}
		return put(b, id, d, maxDevice)
	})
}

// View gives a device as it is; a new one where there is none. Errors: unavailable,
// internal.
func (s *Store) View(id string) (d apple.Device, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		d, err = s.device(tx.Bucket(devicesBucket).Get([]byte(id)), id)
		return err
	})
	return d, err
}

func (s *Store) device(kept []byte, id string) (d apple.Device, err error) {
	if kept == nil {
		return *apple.NewDevice(id, s.since), nil
	}
	if err := json.Unmarshal(kept, &d); err != nil {
		return d, errs.Wrap(err, errs.Internal, "What was kept of "+id+" cannot be read.", "Enrol the device again.")
	}
	return d, nil
}

func put(b *bbolt.Bucket, key string, v any, limit int) error {
	kept, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(kept) > limit {
		return errs.New(errs.Invalid, "What is to be kept of "+key+" is too long.", "")
	}
	return b.Put([]byte(key), kept)
}

// get reads what put wrote; found is false where there is nothing.
func get(b *bbolt.Bucket, key string, into any) (found bool, err error) {
	kept := b.Get([]byte(key))
	if kept == nil {
		return false, nil
	}
	if err := json.Unmarshal(kept, into); err != nil {
		return false, errs.Wrap(err, errs.Internal, "What was kept of "+key+" cannot be read.", "")
	}
	return true, nil
}

// Devices are the ids of all there is something of.
func (s *Store) Devices() (ids []string, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		return tx.Bucket(devicesBucket).ForEach(func(id, _ []byte) error {
			if school.ValidID(string(id)) {
				ids = append(ids, string(id))
			}
			return nil
		})
	})
	return ids, err
}

// Snapshot gives fn the file as it is at one moment, for a backup, while others go on
// writing. Errors: unavailable, those of fn.
func (s *Store) Snapshot(fn func(length int64, content io.WriterTo) error) error {
	return s.look(func(tx *bbolt.Tx) error { return fn(tx.Size(), tx) })
}

// All gives every device there is something of, by id.
func (s *Store) All() (map[string]apple.Device, error) {
	all := map[string]apple.Device{}
	err := s.look(func(tx *bbolt.Tx) error {
		return tx.Bucket(devicesBucket).ForEach(func(id, kept []byte) error {
			d, err := s.device(kept, string(id))
			all[string(id)] = d
			return err
		})
	})
	return all, err
}

// Forget removes all of a device that was retired, its certificates among it.
func (s *Store) Forget(ctx context.Context, id string) error {
	return s.change(ctx, func(tx *bbolt.Tx) error {
		udid := string(tx.Bucket(ownersBucket).Get([]byte(id)))
		if udid != "" {
			if err := tx.Bucket(enrolmentsBucket).Delete([]byte(udid)); err != nil {
				return err
			}
			if err := dropHashes(tx, udid); err != nil {
				return err
			}
		}
		for _, name := range [][]byte{devicesBucket, ownersBucket} {
			if err := tx.Bucket(name).Delete([]byte(id)); err != nil {
				return err
			}
		}
		if err := dropIssued(tx, id); err != nil {
			return err
		}
		return dropInvitations(tx, id)
	})
}
