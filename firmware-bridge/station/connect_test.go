package station

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/bellkeep/bellkeep/firmware-bridge/uplink"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// A bank that cannot tell what it saw of the school's ledger has doors to work.
func TestDamagedWitnessIsDoneWithout(t *testing.T) {
	key, err := note.NewEd25519VerifierKey("school.1", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]map[string]string{
		"the key":     {schoolKeyFile: "no key"},
		"a long key":  {schoolKeyFile: string(make([]byte, 2000))},
		"what it saw": {schoolKeyFile: key, witnessFile: "{"},
	} {
		dir := t.TempDir()
		write(t, dir, files)
		if m, err := openMembership(dir, &identity.Identity{}); err != nil || m.Witness != nil {
			t.Errorf("%s damaged: %+v, %v", name, m, err)
		}
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{schoolKeyFile: key})
	if m, err := openMembership(dir, &identity.Identity{}); err != nil || m.Witness == nil {
		t.Errorf("sound: %+v, %v", m, err)
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What one school gave neither keeps a bank from joining another nor binds it
// there; what its own school gave stays.
func TestChangingSchools(t *testing.T) {
	ours, theirs := keyOf(1), keyOf(2)
	all := []string{uplink.DirectoryFile, uplink.PlanFile, schoolKeyFile, witnessFile}
	for name, c := range map[string]struct {
		before, now wire.Keys
		aside       bool
	}{
		"another school":               {ours.Public(), theirs.Public(), true},
		"another, tried a second time": {theirs.Public(), theirs.Public(), true},
		"an identity beyond reading":   {nil, theirs.Public(), true},
		"the same school":              {ours.Public(), ours.Public(), false},
		"the same, identity lost":      {nil, ours.Public(), false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{
				uplink.DirectoryFile: string(seal(t, ours, wire.TypeDirectory, wire.Directory{V: wire.V, Directory: locker.Directory{Version: 9}})), schoolKeyFile: "key", witnessFile: "{}",
				uplink.PlanFile: string(seal(t, ours, wire.TypePlan, wire.Plan{V: wire.V, Plan: school.Plan{Version: 9}})),
			})
			if err := setAside(dir, c.before, c.now); err != nil {
				t.Fatal(err)
			}
			for _, file := range all {
				kept, gone := exists(filepath.Join(dir, file)), exists(filepath.Join(dir, file+".before"))
				if kept == c.aside || gone != c.aside {
					t.Errorf("%s: in place %v, put aside %v", file, kept, gone)
				}
			}
			if !c.aside {
				return
			}
			welcome, err := json.Marshal(wire.Welcome{V: wire.V, Plan: seal(t, theirs, wire.TypePlan, wire.Plan{V: wire.V, Plan: school.Plan{Version: 1}})})
			if err != nil {
				t.Fatal(err)
			}
			if err := keep(dir, c.now, welcome); err != nil {
				t.Errorf("the new school's plan: %v", err)
			}
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func keyOf(seed byte) *wire.Key {
	return wire.NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
}

func seal(t *testing.T, key *wire.Key, typ wire.Type, message any) []byte {
	t.Helper()
	payload, err := wire.Encode(message)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := wire.Seal(key, typ, payload)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// A bank that joins a school again whose ledger has begun another epoch witnesses
// that one, and keeps what it saw of the epoch before.
func TestJoiningAgainAfterTheSchoolsRestore(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{schoolKeyFile: "school.1+key", witnessFile: "seen"})
	for _, key := range []string{"school.1+key", "school.2+key"} {
		if err := keepKey(dir, key); err != nil {
			t.Fatal(err)
		}
		_, err := os.Stat(filepath.Join(dir, witnessFile+".before"))
		if aside := key == "school.2+key"; (err == nil) != aside {
			t.Errorf("%s: what was seen is put aside: %v", key, err)
		}
	}
}
