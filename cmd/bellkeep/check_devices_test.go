package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Every fault of devices.yaml is named with its line; one edited later changes
// nothing, and check says so.
func TestCheckCoversDevices(t *testing.T) {
	dir := millLane(t)
	if text := said(t, 0, "check", "--school", dir); !strings.Contains(text, "Device rules: 1 groups, 2 profiles, 0 lists") || !strings.Contains(text, "read once") {
		t.Error(text)
	}
	data := t.TempDir()
	runServer(t, data)
	if text := said(t, 0, "check", "--school", dir, "--data", data); strings.Contains(text, "edited") {
		t.Error(text)
	}
	path := filepath.Join(dir, "devices.yaml")
	replaceIn(t, path, "camera: block", "camera: user")
	if text := said(t, 0, "check", "--school", dir, "--data", data); !strings.Contains(text, "devices.yaml was edited, which changes nothing: version 1 is in force. Ask for the change on the page Device rules") {
		t.Error(text)
	}
	replaceIn(t, path, "camera: user", "camera: perhaps")
	replaceIn(t, path, "group: trolley-1", "group: trolley-9")
	text := said(t, 1, "check", "--school", dir)
	for _, want := range []string{"devices.yaml:12: camera cannot be perhaps", `devices.yaml:15: An assignment names the group "trolley-9"`, "2 faults"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}

// A bank whose doors nobody has mapped is told of in the words of its own check.
func TestCheckMissesADoorMap(t *testing.T) {
	dir := millLane(t)
	bank := filepath.Join(dir, "bank-a.yaml")
	replaceIn(t, bank, "bank: a\n", "bank: a\nmap: bank-a.map\n")
	replaceIn(t, bank, "    polarity: set-is-closed\n", "")
	replaceIn(t, bank, "    polarity: set-is-open\n", "")
	for range 2 {
		replaceIn(t, bank, ", board: 0, lock: 1}", "}")
	}
	if text := said(t, 1, "check", "--school", dir); !strings.Contains(text, "There is no door map bank-a.map") || !strings.Contains(text, "bellkeep-bank commission") || strings.Contains(text, "No faults") {
		t.Error(text)
	}
}
