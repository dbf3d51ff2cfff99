package accounts

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestAccounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	serving, err := Open(path)
	if err != nil || !serving.Empty() {
		t.Fatalf("a new book: %v", err)
	}
	command, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	const password = "correct horse battery"
	if err := command.Add("office", "office", password, time.Unix(1_800_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	if role, ok := serving.Check("office", password); !ok || role != "office" {
		t.Errorf("Check = %q, %v: what the command did was not seen", role, ok)
	}
	for _, wrong := range [][2]string{{"office", "correct horse"}, {"office", ""}, {"head", password}, {"", ""}} {
		if _, ok := serving.Check(wrong[0], wrong[1]); ok {
			t.Errorf("%q signed in with %q", wrong[0], wrong[1])
		}
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "horse") {
		t.Errorf("the file tells the password, %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestAddRefuses(t *testing.T) {
	b, err := Open(filepath.Join(t.TempDir(), FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{{"Office", "office", "long enough a password"}, {"office", "", "long enough a password"}, {"office", "office", "short"}, {"office", "office", strings.Repeat("x", MaxPassword+1)}} {
		if err := b.Add(c[0], c[1], c[2], time.Now()); errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" {
			t.Errorf("Add(%q, %q): %v", c[0], c[1], err)
		}
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
		t.Errorf("Open gave %v", err)
	}
}

// Whoever damages the file of a running server signs everybody out: the log
// says so once, not with every attempt.
func TestDamageWhileServingIsLoggedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	for range 3 {
		if _, ok := b.Check("office", "correct horse battery"); ok {
			t.Error("somebody signed in by a damaged list")
		}
	}
	if text := log.String(); strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, "Restore it") {
		t.Errorf("the log says %q", text)
	}
}

func TestASignInDoesNotWaitForEver(t *testing.T) {
	b, err := Open(filepath.Join(t.TempDir(), FileName))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		b.room = make(chan struct{}, atOnce) // of this bubble, so that its clock runs on
		for range atOnce {
			b.room <- struct{}{}
		}
		start := time.Now()
		if _, ok := b.Check("office", "correct horse battery"); ok || time.Since(start) != patience {
			t.Errorf("signed in: %v, after %v", ok, time.Since(start))
		}
	})
}
