package records

import (
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// must ends a test that cannot go on.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// elmfield is the fictional academy of the test data.
func elmfield(t *testing.T) roster.School {
	t.Helper()
	s, err := roster.Load("../../testdata/schools/elmfield")
	must(t, err)
	return s
}

// vaultOf is an empty vault, closed with the test.
func vaultOf(t *testing.T) *vault.Vault {
	t.Helper()
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	return v
}

// partsOf is what records are made over on that Monday, on a ledger of their own.
func partsOf(t *testing.T, s roster.School, v *vault.Vault) Parts {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	must(t, err)
	return Parts{School: s, Log: log, Vault: v, Random: rand.Reader, Machine: time.Now, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: monday} }}
}
