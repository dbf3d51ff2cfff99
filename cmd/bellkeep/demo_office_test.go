package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Elmfield's small banks have no door for pupils, and the pretend cabinets are
// wired for as many doors as there are.
func TestElmfieldsOffices(t *testing.T) {
	dir, _, _ := elmfield(t)
	for id, want := range map[string]locker.Classes{"d": {Confiscation: true}, "e": {Evidence: true}} {
		c, err := cabinet.Load(filepath.Join(dir, "bank-"+id+".yaml"), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		doors := slices.Collect(c.Setup.All())
		if c.Setup.Bank != id || c.Setup.Classes() != want || len(c.Buses) != 1 {
			t.Errorf("bank %s: %+v on %d buses", id, c.Setup, len(c.Buses))
		}
		var wired []int
		for _, w := range wiring["elmfield"][id].doors(doors[0]) {
			wired = append(wired, w.Door)
		}
		if !slices.Equal(wired, doors) {
			t.Errorf("bank %s has doors %v, wired are %v", id, doors, wired)
		}
	}
}

// One phone's day with server, bank, boards and hands at work: taken by a
// teacher, behind a door of bank D, refused to one adult, released to a parent.
// The school's ledger names the bank's records, and bank and truth agree.
func TestConfiscationInTheDemonstration(t *testing.T) {
	t.Parallel()
	dir, _, _ := elmfield(t)
	data := t.TempDir()
	replaceIn(t, filepath.Join(dir, "school.yaml"), "banks: [bank-a.yaml, bank-b.yaml, bank-c.yaml, bank-d.yaml, bank-e.yaml]", "banks: [bank-d.yaml]")
	code, out, problems := bellkeep(t, "demo", "--once", "--school", dir, "--data", data, "--devices", "0", "--listen", "127.0.0.1:0", "--kiosk", "127.0.0.1:0")
	if code != 0 {
		t.Fatalf("exit code %d\n%s\n%s", code, out, problems)
	}
	mustSay(t, out, "A teacher confiscated a phone", "an adult with a restriction was refused", "The release to a parent is on record",
		"bank d: 0 devices behind its 12 doors", "2 unlock frames seen by the boards", ", 0 of ")
	if differs.MatchString(out) {
		t.Error(out)
	}
	ledgers, err := filepath.Glob(filepath.Join(data, "*", "school-ledger", "*.ledger"))
	if err != nil || len(ledgers) != 1 {
		t.Fatalf("the school's ledgers: %v, %v", ledgers, err)
	}
	told := mustRun(t, "ledger", "show", ledgers[0])
	at := 0
	for _, kind := range []string{desk.KindCaseOpened, desk.KindPutAsked, desk.KindHandedOut, desk.KindRefused, desk.KindReleased, desk.KindTakeAsked, desk.KindTakenIn} {
		n := strings.Index(told[at:], kind)
		if n < 0 {
			t.Fatalf("%s is missing, or out of order, on the school's ledger:\n%s", kind, told)
		}
		at += n
	}
}
