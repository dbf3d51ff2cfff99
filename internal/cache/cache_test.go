package cache_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/bellkeep/bellkeep/internal/cache"
)

type basis struct{ Size int }

func TestWhatWasPutIsGot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.cache")
	for _, data := range []string{"", "one", "two\nlines\n"} {
		if err := cache.Put(path, basis{7}, []byte(data)); err != nil {
			t.Fatal(err)
		}
		var b basis
		got, err := cache.Get(path, &b)
		if err != nil || string(got) != data || b.Size != 7 {
			t.Errorf("got %q of %v: %v", got, b, err)
		}
	}
}

func TestDoubtfulFilesAreNotGot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.cache")
	if err := cache.Put(path, basis{7}, []byte("what was folded")); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"empty":         {},
		"no header":     []byte("what was folded"),
		"cut short":     good[:len(good)-1],
		"a byte more":   append(bytes.Clone(good), 'x'),
		"changed":       bytes.Replace(good, []byte("folded"), []byte("folden"), 1),
		"other format":  bytes.Replace(good, []byte(`"v":1`), []byte(`"v":2`), 1),
		"other build":   bytes.Replace(good, []byte(`"build":"`), []byte(`"build":"1`), 1),
		"strange basis": bytes.Replace(good, []byte(`{"Size":7}`), []byte(`"seven"`), 1),
	} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if data, err := cache.Get(path, new(basis)); err == nil {
			t.Errorf("%s: got %q", name, data)
		}
	}
	if _, err := cache.Get(path+".none", new(basis)); err == nil {
		t.Error("a file that is not there was got")
	}
}
