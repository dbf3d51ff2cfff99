package vaulttest_test

import (
	"path/filepath"
	"testing"

	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
)

func TestMemory(t *testing.T) { vaulttest.Test(t, vaulttest.Memory{}) }

func TestOnDisk(t *testing.T) {
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	vaulttest.Test(t, v)
}
