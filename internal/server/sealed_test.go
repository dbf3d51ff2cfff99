package server

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/sealed"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

// A backup has the safeguarding texts sealed, and neither their key nor a word of
// them, though whoever has it has the backup's own key. Restored on another machine
// they are locked, until the two paper halves bring the key back.
func TestABackupHasNotTheKey(t *testing.T) {
	s := run(t, millLane(t))
	by := desk.By{Actor: school.Actor{Account: "dsl", Person: "m-1"}, Roles: []roles.Assignment{{Role: roles.DSL}}}
	f, err := s.Concerns.Raise(t.Context(), by, concern.Raised{Category: concern.Abuse, Text: "the zebra text"})
	must(t, err)
	key, err := sealed.LoadKey(s.SafeguardingKey)
	must(t, err)
	if rel, err := filepath.Rel(s.Dir, s.SafeguardingKey); err != nil || !strings.HasPrefix(rel, "..") {
		t.Fatalf("the key is at %s, in the data folder", rel)
	}
	bits, err := age.GenerateX25519Identity()
	must(t, err)
	made, err := s.BackUp(t.Context(), t.TempDir(), bits.Recipient())
	must(t, err)
	dir := filepath.Join(t.TempDir(), "data")
	restore(t, made.Path, dir, bits)
	file, err := os.ReadFile(s.SafeguardingKey)
	must(t, err)
	secrets := map[string][]byte{"key": key[:], "key's file": bytes.TrimSpace(file), "text": []byte("zebra"), "category": []byte("abuse")}
	found := false
	for _, root := range []string{dir, s.Dir} {
		must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !d.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			found = found || filepath.Base(path) == SealedFile
			for what, secret := range secrets {
				if bytes.Contains(content, secret) {
					t.Errorf("%s holds the %s", path, what)
				}
			}
			return err
		}))
	}
	if !found {
		t.Error("the sealed texts are not in the backup")
	}
	_, err = GoOn(dir, "m-17", "a test", s.Now().Wall)
	must(t, err)
	c := millLane(t)
	c.Dir = dir
	other, err := Open(t.Context(), c)
	must(t, err)
	if got, err := other.Concerns.File(by, f.ID); err != nil || !got.Sealed || !other.Concerns.Locked() {
		t.Errorf("without the key: %+v, %v", got, err)
	}
	must(t, other.Close())
	a, b := key.Halves()
	back, err := sealed.Join(a, b)
	must(t, err)
	must(t, back.Save(KeyFile(dir)))
	other, err = Open(t.Context(), c)
	must(t, err)
	defer other.Close()
	if got, err := other.Concerns.File(by, f.ID); err != nil || got.Entries[0].Text != "the zebra text" {
		t.Errorf("with the key: %+v, %v", got, errs.CodeOf(err))
	}
}
