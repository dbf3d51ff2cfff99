package server

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// A file that others go on writing is taken from them as it is at one moment, and not
// as it lies there.
func TestABackupAsksWhoKeepsAFile(t *testing.T) {
	s := run(t, millLane(t))
	key, err := age.GenerateX25519Identity()
	must(t, err)
	must(t, os.Mkdir(filepath.Join(s.Dir, "others"), 0o700))
	for _, name := range []string{"one.db", "two.db"} {
		must(t, os.WriteFile(filepath.Join(s.Dir, "others", name), []byte("half of a change"), 0o600))
		s.Include("others/"+name, func(fn func(int64, io.WriterTo) error) error { return fn(5, strings.NewReader("whole")) })
	}
	s.Include("others/two.db", nil)
	made, err := AskBackup(t.Context(), s.Dir, t.TempDir(), key.Recipient().String())
	must(t, err)
	dir := filepath.Join(t.TempDir(), "data")
	restore(t, made.Path, dir, key)
	for name, want := range map[string]string{"one.db": "whole", "two.db": "half of a change"} {
		if got, err := os.ReadFile(filepath.Join(dir, "others", name)); err != nil || string(got) != want {
			t.Errorf("%s is restored as %q, %v", name, got, err)
		}
	}
}
