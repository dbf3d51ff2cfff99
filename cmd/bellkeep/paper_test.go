package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/roster"
)

// A list is written once at each of its times on a school day, for its owner's eyes
// only, and is gone a day later; other files in the folder stay.
func TestListsForPaper(t *testing.T) {
	s, err := roster.Load("../../testdata/schools/elmfield")
	if err != nil {
		t.Fatal(err)
	}
	p := doorLists{folder: filepath.Join(t.TempDir(), "paper"), at: usualTimes}
	made := 0
	list := func() ([]byte, error) { made++; return []byte("%PDF"), nil }
	look := func(day, hour, minute, want int) {
		t.Helper()
		now := time.Date(2026, 11, day, hour, minute, 0, 0, s.Calendar.Zone)
		if err := p.look(now, s.Calendar, list); err != nil || made != want {
			t.Errorf("at %s: %d lists made, %v", now, made, err)
		}
	}
	look(23, 8, 54, 0)
	look(23, 8, 55, 1)
	look(23, 8, 56, 1)
	look(23, 14, 30, 1)
	look(23, 14, 59, 2)
	first := filepath.Join(p.folder, "doors-2026-11-23-0855.pdf")
	if info, err := os.Stat(first); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	other := filepath.Join(p.folder, "notes.pdf")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	look(24, 8, 50, 2)
	if _, err := os.Stat(first); err != nil {
		t.Error("a list of less than a day ago is gone")
	}
	look(28, 9, 0, 2) // a Saturday
	if _, err := os.Stat(first); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a list of last week: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error("somebody's own file is gone")
	}
}
