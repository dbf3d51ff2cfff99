// Package sealed keeps texts that not even a backup may show: what a school
// writes about a child in danger. They lie in a vault of their own, each sealed
// with XChaCha20-Poly1305 (RFC 8439, draft-irtf-cfrg-xchacha) under a key that is
// in a file elsewhere:
//
//	24-byte nonce ‖ sealed text, its id as additional data
//
// The vault's commitments are to the sealed bytes, so that the ledger can be
// checked without the key. Without the key the store is locked: nothing is read
// and nothing is written, and what it holds stays whole.
//
// Two paper halves of the key lie in two sealed envelopes. Both together bring it
// back on another machine; see Key.
package sealed

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/vault"
	"golang.org/x/crypto/chacha20poly1305"
)

// Kept is the vault of the sealed bytes.
type Kept interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Store seals and opens texts, safe for concurrent use.
type Store struct {
	kept Kept

	box cipher.AEAD // nil while it is locked

	checked sync.Once // the check is there, or was written
}

// ErrLocked is the fault of everything while the key is not there.
var ErrLocked = errs.New(errs.Unavailable, "The safeguarding texts are locked: their key is not on this computer.",
	"Two people bring it back from its paper halves: bellkeep safeguarding recover. Then start Bellkeep again.")

// The content by which a key is known to be the right one.
const (
	checkID   = "sealed-check"
	checkText = "bellkeep sealed check v1"
)

// Locked is a store without its key.
func Locked(kept Kept) *Store { return &Store{kept: kept} }

// Open makes a store over a vault of its own. A key that is not the one of what
// is there already is refused. Errors: invalid, unavailable.
func Open(ctx context.Context, kept Kept, key Key) (*Store, error) {
	box, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	s := &Store{kept: kept, box: box}
	switch text, err := s.Get(ctx, checkID); {
	case errs.CodeOf(err) == errs.NotFound:
		return s, nil // the first text brings it
	case errors.Is(err, errSeal), err == nil && string(text) != checkText:
		return nil, errs.New(errs.Invalid, "This key is not the one of the safeguarding texts here.", "Bring the right one back from its paper halves.")
	default:
		return s, err
	}
}

// Empty reports whether nothing was ever sealed in a vault. Errors: unavailable.
func Empty(ctx context.Context, kept Kept) (bool, error) {
	_, err := kept.Get(ctx, checkID)
	if errs.CodeOf(err) == errs.NotFound {
		return true, nil
	}
	return false, err
}

// Open reports whether texts can be read and written.
func (s *Store) Open() bool { return s.box != nil }

var errSeal = errs.New(errs.Internal, "A sealed text is not what was put there.", "Look at the disk, and run: bellkeep ledger verify")

// Put seals content under a fresh id. Errors: those of vault.Put, unavailable
// while the store is locked.
func (s *Store) Put(ctx context.Context, id string, content []byte) (vault.Commitment, error) {
	s.checked.Do(func() { s.check(ctx) })
	return s.put(ctx, id, content)
}

// check puts the check there once, before the first text. Should that fail, the text
// after it says so.
func (s *Store) check(ctx context.Context) {
	if s.box == nil {
		return
	}
	if _, err := s.kept.Get(ctx, checkID); errs.CodeOf(err) == errs.NotFound {
		_, _ = s.put(ctx, checkID, []byte(checkText))
	}
}

func (s *Store) put(ctx context.Context, id string, content []byte) (vault.Commitment, error) {
	if s.box == nil {
		return vault.Commitment{}, ErrLocked
	}
	nonce := make([]byte, s.box.NonceSize(), s.box.NonceSize()+len(content)+s.box.Overhead())
	rand.Read(nonce)
	return s.kept.Put(ctx, id, s.box.Seal(nonce, nonce, content, []byte(id)))
}

// Get opens what was sealed under id. Errors: not_found, internal when it was
// changed, unavailable.
func (s *Store) Get(ctx context.Context, id string) ([]byte, error) {
	if s.box == nil {
		return nil, ErrLocked
	}
	raw, err := s.kept.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	n := s.box.NonceSize()
	if len(raw) < n {
		return nil, errSeal
	}
	content, err := s.box.Open(nil, raw[:n], raw[n:], []byte(id))
	if err != nil {
		return nil, errSeal
	}
	return content, nil
}
