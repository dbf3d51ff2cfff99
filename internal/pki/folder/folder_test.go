package folder

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

var (
	names    = []string{"cert.pem", "key.pem"}
	oldFiles = []File{{"key.pem", []byte("old key")}, {"cert.pem", []byte("old cert")}}
	newFiles = []File{{"key.pem", []byte("new key")}, {"cert.pem", []byte("new cert")}}
)

func open(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func content(t *testing.T, f *Folder) string {
	t.Helper()
	files, err := f.Read(names...)
	if err != nil {
		t.Fatal(err)
	}
	return string(files["key.pem"]) + ", " + string(files["cert.pem"])
}

// steps lists what one Write does.
func steps(t *testing.T) (list []string) {
	f := open(t, t.TempDir())
	f.step = func(name string) error {
		list = append(list, name)
		return nil
	}
	if err := f.Write(newFiles...); err != nil {
		t.Fatal(err)
	}
	return list
}

// A process that dies before any step of a change leaves all of the old files
// or all of the new ones, also when it dies again while it recovers.
func TestACrashLeavesAllOldOrAllNew(t *testing.T) {
	crash := errors.New("crash")
	all := steps(t)
	seen := map[string]bool{}
	for first := range all {
		for second := range all {
			dir := filepath.Join(t.TempDir(), "id")
			f := open(t, dir)
			if err := f.Write(oldFiles...); err != nil {
				t.Fatal(err)
			}
			f.step = dieAt(first, crash)
			if err := f.Write(newFiles...); !errors.Is(err, crash) || errs.CodeOf(err) != errs.Unavailable {
				t.Fatalf("Write that dies at %q: %v", all[first], err)
			}
			f.step = dieAt(second, crash)
			_, err := f.Read(names...) // recovers, or dies doing so
			if err != nil && !errors.Is(err, crash) {
				t.Fatal(err)
			}
			got := content(t, open(t, dir))
			if got != "old key, old cert" && got != "new key, new cert" {
				t.Errorf("dying at %q, then at step %d: %s", all[first], second, got)
			}
			seen[got] = true
			committed := first > indexOf(all, "commit")
			if committed != (got == "new key, new cert") {
				t.Errorf("dying at %q gave %s", all[first], got)
			}
			onlyFiles(t, dir)
		}
	}
	if len(seen) != 2 {
		t.Errorf("the crashes left %v only", seen)
	}
}

func dieAt(n int, crash error) func(string) error {
	return func(string) error {
		if n--; n < 0 {
			return crash
		}
		return nil
	}
}

func indexOf(list []string, want string) int {
	for i, s := range list {
		if s == want {
			return i
		}
	}
	return -1
}

func onlyFiles(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".pem") {
			t.Errorf("%s is left over", e.Name())
		}
	}
}

// What is renamed must be on disk before, and the rename before it is relied on.
func TestStepsOfAChange(t *testing.T) {
	want := "make staging, write key.pem, write cert.pem, commit, sync commit, install cert.pem, install key.pem, sync names, finish, sync finish"
	if got := strings.Join(steps(t), ", "); got != want {
		t.Errorf("the steps are %s", got)
	}
}

func TestOnlyTheOwnerReads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "id")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	if err := f.Write(newFiles...); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, f.Path("key.pem"): 0o600, f.Path("cert.pem"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", path, info.Mode().Perm(), err)
		}
	}
}

func TestReadAndRemove(t *testing.T) {
	f := open(t, t.TempDir())
	files, err := f.Read("none.pem")
	if err != nil || files["none.pem"] != nil {
		t.Errorf("a missing file: %q, %v", files["none.pem"], err)
	}
	if err := f.Write(newFiles...); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Remove("key.pem"); err != nil {
			t.Errorf("Remove: %v", err)
		}
	}
	if got := content(t, f); got != ", new cert" {
		t.Errorf("after Remove: %s", got)
	}
	if err := os.WriteFile(f.Path("key.pem"), make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read("key.pem"); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("a file that is too long: %v", err)
	}
}

func TestAFolderThatCannotBe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
		t.Errorf("Open of a file: %v", err)
	}
}
