package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
)

// A school's backup from the command line: the key, one now, a look into it, and the
// way back; and what each of them refuses.
func TestBackupCommands(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	hireHead(t, data)
	runServer(t, data)
	run := func(want int, args ...string) string {
		t.Helper()
		code, stdout, stderr := bellkeep(t, args...)
		if code != want {
			t.Fatalf("%q: exit code %d\n%s%s", args, code, stdout, stderr)
		}
		if want == 1 && !strings.Contains(stderr, "Next step") {
			t.Errorf("%q: without a next step: %s", args, stderr)
		}
		return stdout
	}
	key, folder := filepath.Join(dir, "key.txt"), filepath.Join(dir, "backups")
	public := regexp.MustCompile(`key: (age1\w+)}`).FindStringSubmatch(run(0, "backup", "key", "--to", key))
	if public == nil {
		t.Fatal("it does not say the public half")
	}
	run(1, "backup", "key", "--to", key)
	run(1, "backup", "now", "--data", data)
	run(1, "backup", "now", "--data", data, "--to", folder, "--key", "age1x")
	made := regexp.MustCompile(`(\S+\.age): .* read back and sound`).FindStringSubmatch(run(0, "backup", "now", "--data", data, "--to", folder, "--key", public[1]))
	if made == nil {
		t.Fatal("it does not say what it made")
	}
	if text := run(0, "backup", "check", made[1], "--key", key); !strings.Contains(text, "mill-lane") || !strings.Contains(text, "school epoch 1: ") {
		t.Errorf("it finds %s", text)
	}
	again := filepath.Join(dir, "again")
	restore := []string{"restore", made[1], "--key", key, "--to", again, "--by", "m-17", "--why", "a test"}
	if text := run(0, restore...); !strings.Contains(text, "goes on in epoch 2") {
		t.Errorf("it says %s", text)
	}
	run(0, "ledger", "verify", "--data", filepath.Join(again, "school-ledger"))
	run(1, restore...) // it is there

	other := filepath.Join(dir, "other.txt")
	run(0, "backup", "key", "--to", other)
	run(1, "backup", "check", made[1], "--key", other)
	run(1, "backup", "check", key, "--key", key)
	run(1, "backup", "check", made[1], "--key", made[1])
	for _, args := range [][]string{{"backup", "wizard"}, {"backup", "key"}, {"backup", "now"}, {"backup", "check", made[1]}, {"restore", made[1]}} {
		run(2, args...)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 4 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}

func TestBackupFile(t *testing.T) {
	good := `age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq`
	for text, want := range map[string]string{
		"folder: /b\nkey: " + good:                  "",
		"folder: b\nkey: " + good:                   "not a full path",
		"folder: /b\nkey: AGE-SECRET-KEY-1":         "not the public half",
		"folder: /b\nkey: " + good + "\nat: night":  "not a time",
		"folder: /b\nkey: " + good + "\nkeep: 0":    "between 1 and",
		"folder: /b\nkey: " + good + "\nkeep: 4000": "between 1 and",
	} {
		path := filepath.Join(t.TempDir(), "server.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var faults config.Faults
		var file backupFile
		config.Load(path, &file, &faults)
		b := file.read(path, &faults)
		got := ""
		if err := faults.Err(); err != nil {
			got = err.Error()
		}
		if want == "" && (got != "" || b.Keep != backupKeep || b.At.Hour != backupHour) || !strings.Contains(got, want) {
			t.Errorf("%q: %+v, %s", text, b, got)
		}
	}
}
