package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// seal keeps the secrets of iPads unreadable on the disk: AES-256-GCM, each behind its
// random nonce.
type seal struct{ cipher.AEAD }

const sealKeySize = 32 // bytes

// openSeal reads the key in a file, or makes it. Errors: unavailable, invalid.
func openSeal(path string) (seal, error) {
	text, err := durable.ReadFile(path, 4*sealKeySize)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeSealKey(path)
	}
	if err != nil {
		return seal{}, errs.Wrap(err, errs.Unavailable, "The key of the iPads' secrets cannot be read.", "Look at the rights of "+path+".")
	}
	key, err := hex.DecodeString(string(text))
	if err != nil || len(key) != sealKeySize {
		return seal{}, errs.New(errs.Invalid, "The key of the iPads' secrets is damaged.", "Bring back "+path+"; without it passcodes cannot be cleared until the devices enrol again.")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return seal{}, err
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	return seal{box}, err
}

func makeSealKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, sealKeySize)
	_, _ = rand.Read(key) // it never fails
	text := []byte(hex.EncodeToString(key))
	return text, durable.WriteFile(path, text, 0o600)
}

// Seal makes a secret unreadable.
func (s seal) Seal(plain []byte) ([]byte, error) { return s.AEAD.Seal(nil, nil, plain, nil), nil }

// Open makes it readable. Errors: internal for what was changed, or sealed with
// another key.
func (s seal) Open(sealed []byte) ([]byte, error) {
	plain, err := s.AEAD.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "A secret of the iPads cannot be opened: the seal-key is not the one it was sealed with.", "Bring back the seal-key from the safe and start again; without it renew the push certificate, with the same Apple Account.")
	}
	return plain, nil
}
