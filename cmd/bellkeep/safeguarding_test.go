package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/sealed"
)

// The key comes back from two sheets of paper, typed as they are printed, and from
// nothing less.
func TestPaperHalves(t *testing.T) {
	dir := t.TempDir()
	path, again := filepath.Join(dir, "key"), filepath.Join(dir, "again", "key")
	key := sealed.NewKey()
	if err := key.Save(path); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := halvesCommand([]string{"--key", path}, nil, &out); err != nil {
		t.Fatal(err)
	}
	sheets := strings.Split(out.String(), "\f")
	if len(sheets) != 3 || !strings.Contains(sheets[1], key.Fingerprint()) || !sealed.HalvesMade(path) {
		t.Fatalf("printed %q", out.String())
	}
	half := func(sheet string) string {
		_, rest, _ := strings.Cut(sheet, "\n\n")
		text, _, _ := strings.Cut(rest, "\n\n")
		return text
	}
	for what, typed := range map[string]string{"one half twice": half(sheets[0]) + "\n\n" + half(sheets[0]) + "\n", "one": half(sheets[1]) + "\n", "none": ""} {
		if err := recoverCommand([]string{"--key", again}, strings.NewReader(typed), &out); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	typed := half(sheets[1]) + "\n\n" + half(sheets[0]) + "\n"
	if err := recoverCommand([]string{"--key", again}, strings.NewReader(typed), &out); err != nil {
		t.Fatal(err)
	}
	if got, err := sealed.LoadKey(again); err != nil || got != key {
		t.Errorf("%v, %v", got, err)
	}
	if err := recoverCommand([]string{"--key", again}, strings.NewReader(typed), &out); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("over a key that is there: %v", err)
	}
	out.Reset()
	checkHalves(&out, filepath.Join(dir, "data"))
	if !strings.Contains(out.String(), "no paper halves") {
		t.Errorf("check says %q", out.String())
	}
}
