package store

import (
	"context"

	nano "github.com/micromdm/nanomdm/mdm"
	"go.etcd.io/bbolt"

	"github.com/bellkeep/bellkeep/internal/school"
)

// HasCertHash reports whether a certificate ever spoke for any device.
func (s *Store) HasCertHash(_ *nano.Request, hash string) (has bool, err error) {
	udid, err := s.EnrollmentFromHash(context.Background(), hash)
	return udid != "", err
}

// EnrollmentHasCertHash reports whether any certificate speaks for the device.
func (s *Store) EnrollmentHasCertHash(r *nano.Request, _ string) (bool, error) {
	e, err := s.Enrolment(r.ID)
	return e.Hash != "", err
}

// IsCertHashAssociated reports whether it is this one that speaks for the device.
func (s *Store) IsCertHashAssociated(r *nano.Request, hash string) (bool, error) {
	e, err := s.Enrolment(r.ID)
	return hash != "" && e.Hash == hash, err
}

// AssociateCertHash lets a certificate speak for the device, and no other. The device
// is then enrolled under the school's id that is the certificate's common name.
func (s *Store) AssociateCertHash(r *nano.Request, hash string) error {
	return s.enrolment(r.Context(), r.ID, func(tx *bbolt.Tx, e *Enrolment) error {
		e.Hash = hash
		if r.Certificate != nil && school.ValidID(r.Certificate.Subject.CommonName) {
			if err := own(tx, e, r.Certificate.Subject.CommonName); err != nil {
				return err
			}
		}
		return tx.Bucket(hashesBucket).Put([]byte(hash), []byte(e.UDID))
	})
}

// EnrollmentFromHash gives the UDID for which a certificate speaks or spoke; "" for
// none.
func (s *Store) EnrollmentFromHash(_ context.Context, hash string) (udid string, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		udid = string(tx.Bucket(hashesBucket).Get([]byte(hash)))
		return nil
	})
	return udid, err
}

// dropHashes forgets all certificates of a device.
func dropHashes(tx *bbolt.Tx, udid string) error {
	b := tx.Bucket(hashesBucket)
	var old [][]byte
	err := b.ForEach(func(hash, of []byte) error {
		if string(of) == udid {
			old = append(old, hash)
		}
		return nil
	})
	for _, hash := range old {
		if err == nil {
			err = b.Delete(hash)
		}
	}
	return err
}
