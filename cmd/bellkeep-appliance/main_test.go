package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An appliance starts the bank with the card's own file first, and says what
// keeps it from that.
func TestReady(t *testing.T) {
	dir := t.TempDir()
	save := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a := appliance{
		program: save("bank", "#!/bin/sh\ncase \"$*\" in 'check --config '*bad*) echo 'doors: missing'; exit 1;; esac\n"),
		configs: []string{filepath.Join(dir, "own.yaml"), filepath.Join(dir, "built-in.yaml")},
		data:    filepath.Join(dir, "perm", "bellkeep"),
	}
	if command, trouble := a.ready(); command != nil || !strings.Contains(trouble, "does not know its bank") {
		t.Errorf("without a file: %v, %q", command, trouble)
	}
	for _, name := range []string{"built-in.yaml", "own.yaml"} {
		path := save(name, "")
		want := []string{a.program, "run", "--config", path, "--data", a.data}
		if command, trouble := a.ready(); trouble != "" || !slices.Equal(command, want) {
			t.Errorf("with %s: %v, %q", name, command, trouble)
		}
	}
	a.configs = []string{save("bad.yaml", "")}
	if command, trouble := a.ready(); command != nil || !strings.Contains(trouble, "doors: missing") {
		t.Errorf("with a bad file: %v, %q", command, trouble)
	}
	a.data = filepath.Join(a.program, "perm")
	if command, trouble := a.ready(); command != nil || !strings.Contains(trouble, "fourth partition") {
		t.Errorf("without a partition: %v, %q", command, trouble)
	}
}
