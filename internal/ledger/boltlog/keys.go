package boltlog

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/note"
)

const maxKey = 1 << 10 // bytes of a key file

// keyPair signs the checkpoints of one ledger.
type keyPair struct {
	signer   note.Signer
	verifier note.Verifier
	public   string
}

// createKeys writes a fresh key pair beside the ledger. A pair left by an
// attempt that was cut off is replaced: it has signed nothing.
func createKeys(n Name) (keyPair, error) {
	private, public, err := note.GenerateKey(rand.Reader, ledger.Origin(n.Writer, n.Epoch))
	if err != nil {
		return keyPair{}, err
	}
	if err := writeFile(n.pubPath(), []byte(public+"\n"), publicMode); err != nil {
		return keyPair{}, err
	}
	if err := writeFile(n.keyPath(), []byte(private+"\n"), fileMode); err != nil {
		return keyPair{}, err
	}
	return parseKeys(private, public)
}

// loadKeys reads the pair whose public half record 0 names.
func loadKeys(n Name, public string) (keyPair, error) {
	private, err := readKey(n.keyPath())
	if err == nil {
		var k keyPair
		if k, err = parseKeys(private, public); err == nil {
			return k, nil
		}
	}
	return keyPair{}, errs.Wrap(err, errs.Unavailable,
		fmt.Sprintf("The signing key %s does not fit its ledger or is missing.", n.keyPath()),
		"Restore the key file from the backup, or start a new epoch with 'bellkeep ledger new-epoch'.")
}

func parseKeys(private, public string) (keyPair, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return keyPair{}, err
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return keyPair{}, err
	}
	// Key hashes are 32 bits: only a signature proves that the halves match.
	signed, err := note.Sign(&note.Note{Text: "test\n"}, signer)
	if err == nil {
		_, err = note.Open(signed, note.VerifierList(verifier))
	}
	return keyPair{signer, verifier, public}, err
}

// readKey reads a one-line key file.
func readKey(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > maxKey {
		return "", errors.New("key file is too long")
	}
	data, err := os.ReadFile(path)
	return strings.TrimSpace(string(data)), err
}
