package sealed

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/vault"
	"pgregory.net/rapid"
)

func opened(t *testing.T, path string, key Key) (*Store, *vault.Vault) {
	t.Helper()
	v, err := vault.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	s, err := Open(t.Context(), v, key)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

// What lies on the disk, and so in any copy of it, holds neither text nor key.
func TestTheFileHoldsNoTextAndNoKey(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "safeguarding"), NewKey()
	s, v := opened(t, path, key)
	const text = "said that a friend has a picture"
	c, err := s.Put(t.Context(), "t-1", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "t-1"); err != nil || string(got) != text {
		t.Errorf("got %q, %v", got, err)
	}
	if same, err := v.Matches("t-1", c); err != nil || !same {
		t.Errorf("the commitment cannot be checked without the key: %v", err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string][]byte{"text": []byte(text), "part of the text": []byte("picture"), "key": key[:]} {
		if bytes.Contains(file, secret) {
			t.Errorf("the file holds the %s", name)
		}
	}
}

func TestWithoutTheKeyNothingIsReadOrWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "safeguarding")
	s, v := opened(t, path, NewKey())
	if _, err := s.Put(t.Context(), "t-1", []byte("text")); err != nil {
		t.Fatal(err)
	}
	locked := Locked(v)
	if _, err := locked.Get(t.Context(), "t-1"); err != ErrLocked || locked.Open() {
		t.Errorf("read without a key: %v", err)
	}
	if _, err := locked.Put(t.Context(), "t-2", nil); err != ErrLocked {
		t.Errorf("written without a key: %v", err)
	}
	if _, err := Open(t.Context(), v, NewKey()); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("opened with another key: %v", err)
	}
	if empty, err := Empty(t.Context(), v); err != nil || empty {
		t.Errorf("empty %v, %v", empty, err)
	}
}

// A text that was put under another id, or changed, is not read.
func TestASealIsOfItsID(t *testing.T) {
	s, v := opened(t, filepath.Join(t.TempDir(), "safeguarding"), NewKey())
	if _, err := s.Put(t.Context(), "t-1", []byte("about one")); err != nil {
		t.Fatal(err)
	}
	raw, err := v.Get(t.Context(), "t-1")
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(raw)
	changed[len(changed)-1] ^= 1
	for id, bytes := range map[string][]byte{"t-2": raw, "t-3": changed, "t-4": raw[:10]} {
		if _, err := v.Put(t.Context(), id, bytes); err != nil {
			t.Fatal(err)
		}
		if text, err := s.Get(t.Context(), id); errs.CodeOf(err) != errs.Internal {
			t.Errorf("%s: %q, %v", id, text, err)
		}
	}
}

func TestTwoHalvesAreTheKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var key Key
		copy(key[:], rapid.SliceOfN(rapid.Byte(), len(key), len(key)).Draw(t, "key"))
		a, b := key.Halves()
		if got, err := Join(b, strings.ToLower(strings.ReplaceAll(a, "-", " "))); err != nil || got != key {
			t.Fatalf("%v, %v", got, err)
		}
		for _, pair := range [][2]string{{a, a}, {b, b}, {a, ""}, {"", b}} {
			if _, err := Join(pair[0], pair[1]); errs.CodeOf(err) != errs.Invalid {
				t.Fatalf("%q is a key: %v", pair, err)
			}
		}
		other, _ := key.Halves()
		if _, err := Join(other, b); errs.CodeOf(err) != errs.Invalid {
			t.Fatal("halves of two splittings are a key")
		}
		at := rapid.IntRange(0, len(a)-1).Draw(t, "at")
		if wrong := a[:at] + string(a[at]^1) + a[at+1:]; a[at] != '-' {
			if _, err := Join(wrong, b); err == nil {
				t.Fatalf("%s has a wrong letter", wrong)
			}
		}
	})
}

func TestKeyFile(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "elsewhere", "key"), NewKey()
	if _, err := LoadKey(path); errs.CodeOf(err) != errs.NotFound || !strings.Contains(errs.HintOf(err), "recover") {
		t.Errorf("no file: %v", err)
	}
	if err := key.Save(path); err != nil {
		t.Fatal(err)
	}
	if got, err := LoadKey(path); err != nil || got != key {
		t.Errorf("%v, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if HalvesMade(path) {
		t.Error("nobody made halves")
	}
	if err := key.NoteHalves(path); err != nil || !HalvesMade(path) {
		t.Errorf("halves were made: %v", err)
	}
	if err := NewKey().Save(path); err != nil || HalvesMade(path) {
		t.Errorf("they were of another key: %v", err)
	}
	if err := os.WriteFile(path, []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(path); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("a torn file: %v", err)
	}
	if text := key.String(); strings.Contains(text, string(key[:])) || len(text) > 20 {
		t.Errorf("a key prints as %q", text)
	}
}

func FuzzJoin(f *testing.F) {
	a, b := Key{1}.Halves()
	f.Add(a, b)
	f.Add("BS1A-", "BS1B-")
	f.Fuzz(func(t *testing.T, first, second string) {
		if k, err := Join(first, second); err == nil && len(k.Fingerprint()) != 8 {
			t.Error("a key without a fingerprint")
		}
	})
}
