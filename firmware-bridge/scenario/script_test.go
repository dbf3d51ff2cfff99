package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Every fault is told at once, with its line.
func TestFaultsOfAScript(t *testing.T) {
	_, err := Load(write(t, `scenario: Day of Days
about: faulty
schools: [mill-lane, mill-lane]
day: 2026-02-30
people:
  - {name: P, is: pupil}
  - {name: P, is: pupil}
  - {name: many, is: pupils}
  - {name: T, is: staff, role: wizard}
  - {name: gran, is: contact, of: T}
  - {name: X, is: dog}
never:
  - {opens: a/1, shows: full}
  - {device-of: P}
  - {shows: fireworks}
  - {notice-to: nobody}
steps:
  - {at: "8 o'clock", who: P, does: scan}
  - {at: "09:00", who: Z, does: scan}
  - {at: "08:00", who: P, does: dance}
  - {at: "09:10", does: scan}
  - {at: "09:20", who: P, does: scan, with: {hat: red}}
  - {at: "09:21", who: P, does: scan, with: {badge: stolen}}
  - {at: "09:22", who: T, does: confiscate, with: {of: P, reason: breach}}
  - {at: "09:23", does: look, expect: {screen: fireworks}}
  - {at: "09:24", does: look, expect: {opened: [everywhere]}}
  - {at: "09:25", does: look, expect: {place: {P: the moon}}}
  - {at: "09:26", does: look, expect: {place: {gran: any door}}}
  - {at: "09:27", does: look, expect: {refused: {}}}
  - {at: "09:28", does: look, expect: {notices: {Z: sent}}}
  - {at: "09:29", does: look, instead: {elsewhere: {open: []}}}
  - {at: "09:30", does: look, only: [elsewhere]}
  - {at: "09:31", does: look, expect: {colour: red}}
  - {at: "09:32", does: arrive, with: {from: soon, until: "08:40", twice: -3}}
  - {does: look}
  - {on: tomorrow, at: "09:40", does: look}
  - {at: "09:50", does: shut}
  - {at: "09:51", does: look, expect: {missing-are: [Z]}}
`))
	if errs.CodeOf(err) != errs.Invalid {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{
		"day.yaml:1: scenario:", "day.yaml:3: schools:", "day.yaml:4: day:", `day.yaml:7: people: "P"`, "day.yaml:8: people: count:", `day.yaml:9: people: role: "wizard"`,
		`day.yaml:10: people: of: "T"`, `day.yaml:11: people: is: "dog"`,
		"day.yaml:13: never: each line has one of", "day.yaml:14: never: is:", `day.yaml:15: never: shows: no kiosk`, `day.yaml:16: never: nobody`,
		`day.yaml:18: at: "8 o'clock"`, `day.yaml:19: who: nobody`, `day.yaml:20: does: there is no "dance"`, "day.yaml:20: at: it is before", "day.yaml:21: who: scan needs",
		"day.yaml:22: with: scan takes no hat", `day.yaml:23: with: badge: "stolen"; it is one of newest, old`, "day.yaml:24: with: confiscate needs zone",
		`day.yaml:25: expect: screen: no kiosk has the screen "fireworks"`, `day.yaml:26: expect: "everywhere" is no door`, `day.yaml:27: expect: place: "the moon" is no place`,
		`day.yaml:28: expect: place: "gran" is no pupil`, "day.yaml:29: expect: refused:", `day.yaml:30: expect: notices: nobody`, `day.yaml:31: instead:`,
		`day.yaml:32: only:`, "day.yaml:33: there is no key colour", `day.yaml:34: with: from: "soon"`, `day.yaml:34: with: twice: "-3"`, "day.yaml:35: at: when",
		"day.yaml:36: on:", "day.yaml:37: with: shut needs door", `day.yaml:38: expect: missing-are: nobody in the list of people is "Z"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nobody says %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

// What is right in itself and does not suit the school shows when it is played.
func TestScriptThatDoesNotSuit(t *testing.T) {
	cases := map[string]struct{ from, to, want string }{
		"no such form":   {"form: 7A", "form: 13Z", "no such pupil"},
		"too many":       {"- {name: O1,", "- {name: many, is: pupils, count: 500}\n  - {name: O1,", "has no 500 pupils left"},
		"another school": {"schools: [mill-lane]", "schools: [elmfield]", "is not for Mill Lane"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := load(t, write(t, strings.Replace(day("", handsIn), c.from, c.to, 1)))
			if _, err := Play(t.Context(), s, openSchool(t, "mill-lane", s)); errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// FuzzRead: no file, however strange, does worse than be refused.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(shipped, "*.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("steps:\n  - {at: \"08:00\", does: scan, with: {at: }}\n"))
	f.Add([]byte("schools: [a]\nday: 2026-11-23\nnever: [{}]\npeople: [{}]\nsteps: [{expect: {records: {school: }}, instead: {a: }}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "fuzz.yaml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var faults config.Faults
		s, ok := Read(path, &faults)
		if ok != (len(faults.List()) == 0) {
			t.Fatalf("ok = %v with %d faults", ok, len(faults.List()))
		}
		for _, step := range s.Steps {
			if _, known := verbNamed(step.Does); ok && !known {
				t.Fatalf("line %d: nobody can %q", step.Line, step.Does)
			}
		}
	})
}
