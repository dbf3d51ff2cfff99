package backup

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/errs"
)

var begun = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func text(name, content string) Source {
	return Source{Name: name, With: func(fn func(int64, io.WriterTo) error) error {
		return fn(int64(len(content)), strings.NewReader(content))
	}}
}

func newKey(t testing.TB) *age.X25519Identity {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sealed is a backup of two files.
func sealed(t testing.TB, key *age.X25519Identity) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := Write(t.Context(), &b, "elmfield", begun, []Source{text("vault", "Ada Byron"), text("banks/a/a.1.ledger", "records")}, key.Recipient()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	key := newKey(t)
	file := sealed(t, key)
	if bytes.Contains(file, []byte("Ada")) || bytes.Contains(file, []byte("elmfield")) {
		t.Error("a backup can be read without its key")
	}
	dir := filepath.Join(t.TempDir(), "data")
	m, err := Restore(bytes.NewReader(file), dir, key)
	if err != nil || m.School != "elmfield" || !m.At.Equal(begun) || len(m.Files) != 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	for name, want := range map[string]string{"vault": "Ada Byron", "banks/a/a.1.ledger": "records"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := Restore(bytes.NewReader(file), dir, key); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("over a folder that is there: %v", err)
	}
	if _, err := Restore(bytes.NewReader(file), dir+"2", newKey(t)); errs.CodeOf(err) != errs.Denied {
		t.Errorf("with another key: %v", err)
	}
}

// A backup of which any byte was changed or which was cut off anywhere restores
// nothing at all.
func TestADamagedBackupRestoresNothing(t *testing.T) {
	key := newKey(t)
	file := sealed(t, key)
	try := func(what string, at int, damaged []byte) {
		dir := filepath.Join(t.TempDir(), "data")
		_, err := Restore(bytes.NewReader(damaged), dir, key)
		if err == nil {
			t.Errorf("%s at %d: restored", what, at)
		}
		for _, path := range []string{dir, dir + ".part"} {
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s at %d: %s is there", what, at, path)
			}
		}
	}
	for at := 0; at < len(file); at += 37 {
		flipped := bytes.Clone(file)
		flipped[at] ^= 1
		try("flipped", at, flipped)
		try("cut", at, file[:at])
	}
	try("longer", len(file), append(bytes.Clone(file), 0))
}

// What cannot be sealed by this program: a name that leads out of the folder, one
// that comes twice, a manifest that speaks of other files.
func TestAnArchiveThatIsNotOurs(t *testing.T) {
	key := newKey(t)
	for name, sources := range map[string][]Source{
		"a way out":           {text("../vault", "x")},
		"an absolute way out": {text("/tmp/vault", "x")},
		"a name twice":        {text("vault", "x"), text("vault", "y")},
		"an early manifest":   {text(manifestName, `{"v":1}`), text("vault", "x")},
		"another version":     {text(manifestName, `{"v":2}`)},
		"a lying manifest":    {text(manifestName, `{"v":1,"files":[{"name":"vault"}]}`)},
		"no JSON":             {text(manifestName, `x`)},
	} {
		var b bytes.Buffer
		if _, err := Write(t.Context(), &b, "elmfield", begun, sources, key.Recipient()); err != nil {
			t.Fatal(err)
		}
		parent := t.TempDir()
		if _, err := Restore(&b, filepath.Join(parent, "data"), key); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(parent); len(left) != 0 {
			t.Errorf("%s: it leaves %v", name, left)
		}
	}
}

// Whoever knows the public half of the key can seal an archive of a few hundred bytes
// that would fill the disk it is restored to.
func TestAnArchiveOfHoles(t *testing.T) {
	key := newKey(t)
	var b bytes.Buffer
	seal, err := age.Encrypt(&b, key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	var attributes string
	for _, record := range []string{"GNU.sparse.size=16777216\n", "GNU.sparse.numblocks=1\n", "GNU.sparse.map=0,1\n"} {
		attributes += fmt.Sprintf("%d %s", len(record)+3, record)
	}
	for _, part := range []struct {
		kind    byte
		content string
	}{{tar.TypeXHeader, attributes}, {tar.TypeReg, "x"}} {
		var h [512]byte
		copy(h[:], "vault")
		copy(h[100:], fmt.Sprintf("%07o\x00%07o\x00%07o\x00%011o\x00%011o\x00        %c", 0o600, 0, 0, len(part.content), 0, part.kind))
		copy(h[257:], "ustar\x0000")
		sum := 0
		for _, c := range h {
			sum += int(c)
		}
		copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
		content := append([]byte(part.content), make([]byte, 511-(len(part.content)+511)%512)...)
		if _, err := seal.Write(append(h[:], content...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := seal.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Restore(&b, filepath.Join(t.TempDir(), "data"), key)
	if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), "cannot be in it") {
		t.Error(err)
	}
}

// A file that says one length and has another ends the backup.
func TestAFileThatShrinks(t *testing.T) {
	shrinks := Source{Name: "vault", With: func(fn func(int64, io.WriterTo) error) error { return fn(9, strings.NewReader("short")) }}
	if _, err := Write(t.Context(), io.Discard, "elmfield", begun, []Source{shrinks}, newKey(t).Recipient()); err == nil {
		t.Error("it goes into a backup")
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b/c", "b/x.cache"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(name), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "b/link")); err != nil {
		t.Fatal(err)
	}
	list, err := Folder(dir, func(name string) bool { return strings.HasSuffix(name, ".cache") })
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, " "); err != nil || got != "a b/c" {
		t.Errorf("%s, %v", got, err)
	}
}

// FuzzUnpack reads archives as whoever has the key could have made them: nothing is
// ever written outside the folder.
func FuzzUnpack(f *testing.F) {
	key := newKey(f)
	opened, err := age.Decrypt(bytes.NewReader(sealed(f, key)), key)
	if err != nil {
		f.Fatal(err)
	}
	archive, err := io.ReadAll(opened)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(archive)
	f.Add(bytes.ReplaceAll(archive, []byte("banks/a/a"), []byte("../../../")))
	f.Fuzz(func(t *testing.T, archive []byte) {
		parent := t.TempDir()
		_, _ = unpack(bytes.NewReader(archive), filepath.Join(parent, "data"))
		if left, err := os.ReadDir(parent); err != nil || len(left) > 1 {
			t.Errorf("it wrote %v, %v", left, err)
		}
	})
}
