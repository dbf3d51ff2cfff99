package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/pem"

	"github.com/micromdm/nanomdm/cryptoutil"
	"go.etcd.io/bbolt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// maxPush is the longest push certificate with its chain, or key, in bytes.
const maxPush = 32 << 10

// pushCert is a push certificate in its bucket.
type pushCert struct {
	Cert []byte `json:"cert"` // PEM
	Key  []byte `json:"key"`  // PEM, sealed
	Mark string `json:"mark"` // another with every change
}

// StorePushCert keeps a push certificate and its key under the topic it is for.
// Errors: invalid, unavailable.
func (s *Store) StorePushCert(ctx context.Context, cert, key []byte) error {
	topic, err := cryptoutil.TopicFromPEMCert(cert)
	if err == nil {
		_, err = tls.X509KeyPair(cert, key)
	}
	if err != nil || len(cert) > maxPush || len(key) > maxPush {
		return errs.Wrap(err, errs.Invalid, "That is no push certificate with its key.", "Upload the file that identity.apple.com gave you.")
	}
	sealed, err := s.seal.Seal(key)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(pushBucket)
		var before pushCert
		if _, err := get(b, topic, &before); err != nil {
			return err
		}
		sum := sha256.Sum256(append([]byte(before.Mark), cert...))
		return put(b, topic, pushCert{Cert: cert, Key: sealed, Mark: hex.EncodeToString(sum[:8])}, 4*maxPush)
	})
}

func (s *Store) pushCert(topic string) (c pushCert, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		found, err := get(tx.Bucket(pushBucket), topic, &c)
		if err == nil && !found {
			err = errs.New(errs.NotFound, "There is no push certificate.", "Upload one on the page of iPads.")
		}
		return err
	})
	return c, err
}

// RetrievePushCert gives the certificate of a topic, and a mark that goes stale when
// it is replaced. Errors: not_found, unavailable.
func (s *Store) RetrievePushCert(_ context.Context, topic string) (*tls.Certificate, string, error) {
	c, err := s.pushCert(topic)
	if err != nil {
		return nil, "", err
	}
	key, err := s.seal.Open(c.Key)
	if err != nil {
		return nil, "", err
	}
	pair, err := tls.X509KeyPair(c.Cert, key)
	return &pair, c.Mark, err
}

// IsPushCertStale reports whether a mark is of a certificate that was replaced.
func (s *Store) IsPushCertStale(_ context.Context, topic, mark string) (bool, error) {
	c, err := s.pushCert(topic)
	return c.Mark != mark, err
}

// PushTopic is the topic there is a certificate for; "" before there is any.
func (s *Store) PushTopic() (topic string, err error) {
	err = s.look(func(tx *bbolt.Tx) error {
		key, _ := tx.Bucket(pushBucket).Cursor().First()
		topic = string(key)
		return nil
	})
	return topic, err
}

// PushCertificate is the PEM of a topic's certificate, without its key.
func (s *Store) PushCertificate(topic string) ([]byte, error) {
	c, err := s.pushCert(topic)
	block, _ := pem.Decode(c.Cert)
	if err != nil || block == nil {
		return nil, err
	}
	return bytes.Clone(pem.EncodeToMemory(block)), nil
}
