package uplink

import (
	"crypto/ed25519"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// A school whose ledger was restored comes with a checkpoint that the bank must
// refuse. The record of that goes up, and is acknowledged with the same checkpoint:
// it is on the bank's ledger once, and not for ever again.
func TestARefusedCheckpointIsOnRecordOnce(t *testing.T) {
	r := openRig(t)
	key, err := note.NewEd25519VerifierKey("school.1", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	if r.Witness, err = ledger.NewWitness(key, boltlog.WitnessFile{Path: filepath.Join(r.dir, "witness")}); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := r.witness(t.Context(), &wire.SchoolCheckpoint{Signed: []byte("of another key")}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.bank.refused); n != 1 {
		t.Errorf("%d records of it, want one", n)
	}
}
