package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/locker"
)

// write puts a script into a file.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "day.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// day is a small script at a small school, with lines put in.
func day(never, steps string) string {
	return `scenario: day
about: a test
schools: [mill-lane]
day: 2026-11-23
people:
  - {name: P, is: pupil, form: 7A}
  - {name: Q, is: pupil, form: 7B}
  - {name: mother, is: contact, of: P, relationship: mother, parental-responsibility: true, email: m@example.org}
  - {name: O1, is: staff, role: office}
never:
` + never + `
steps:
` + steps
}

// said is all that a report says is different.
func differences(t *testing.T, script string) string {
	t.Helper()
	s := load(t, write(t, script))
	report, err := Play(t.Context(), s, openSchool(t, "mill-lane", s))
	if err != nil {
		t.Fatal(err)
	}
	lines := report.Rest
	for _, p := range report.Steps {
		lines = append(lines, p.Differences...)
	}
	return strings.Join(lines, "\n")
}

const handsIn = `
  - {at: "08:20", who: P, does: hand-in, expect: {screen: put-in own P, records: {a: {intent: 1, outcome opened: 1, deposited: 1}}}}
`

func TestNever(t *testing.T) {
	confiscated := `
  - {at: "10:00", who: O1, does: confiscate, with: {of: P, reason: breach, zone: hall}}
  - {at: "10:05", who: O1, does: prepare-notice, with: {of: P, to: mother}, expect: {records: {school: {case-opened: 1, notice-prepared: 1}}}}
`
	cases := []struct{ name, never, steps, want string }{
		{"a door opens", `  - {opens: own P}`, handsIn, "never (line 11): door a/1 opens"},
		{"before its time", `  - {opens: own P, before: "08:30"}`, handsIn, "never (line 11): door a/1 opens"},
		{"after its time", `  - {opens: own P, before: "08:20"}`, handsIn, ""},
		{"not yet its time", `  - {opens: own P, after: "08:30"}`, handsIn, ""},
		{"another door", `  - {opens: own Q}`, handsIn, ""},
		{"a device is somewhere", `  - {device-of: P, is: own door}`, handsIn, `never (line 11): the device of P is at "door a/1"`},
		{"behind any door", `  - {device-of: P, is: any door}`, handsIn, "never (line 11): the device of P"},
		{"somebody else's device", `  - {device-of: Q, is: any door}`, handsIn, ""},
		{"a screen", `  - {shows: put-in}`, handsIn, "never (line 11): the kiosk of bank a shows put-in"},
		{"a screen to somebody", `  - {shows: put-in, to: P}`, handsIn, "never (line 11)"},
		{"a screen to somebody else", `  - {shows: put-in, to: Q}`, handsIn, ""},
		{"a notice", `  - {notice-to: mother}`, confiscated, "never (line 11): a notice to mother is prepared"},
		{"at another school", `  - {opens: own P, only: [mill-lane]}`, handsIn, "never (line 11): door a/1 opens"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := differences(t, day(c.never, c.steps))
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// What no script has to say: one door, one device, and it opens for its owner.
func TestLawsThatNeedNoLine(t *testing.T) {
	s := load(t, write(t, day("", handsIn)))
	w, err := newWorld(t.Context(), openSchool(t, "mill-lane", s), s, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.vault.Close()
	p, q, b := w.people["P"], w.people["Q"], w.banks[0]
	w.moves(p, "door a/1")
	w.moves(q, "door a/1")
	if len(w.faults) != 1 || !strings.Contains(w.faults[0], "the devices of P and Q are behind door a/1") {
		t.Errorf("two devices behind one door: %q", w.faults)
	}
	w.faults = nil
	w.moves(q, "hands of Q")
	b.core.State().Visits[q.id] = &locker.Visit{Person: q.id, Door: 1, Phase: locker.Opening}
	w.sprang(b, 1)
	if len(w.faults) != 1 || !strings.Contains(w.faults[0], "door a/1 opens for Q, and the device of P is behind it") {
		t.Errorf("a door opens for somebody else: %q", w.faults)
	}
}

// Everything that was written must be accounted for by the end.
func TestRecordsNobodyNamed(t *testing.T) {
	for name, c := range map[string]struct{ steps, want string }{
		"never":            {`  - {at: "08:20", who: P, does: hand-in}`, `the ledger of a got 1 of "deposited" and nobody expected them`},
		"too many":         {`  - {at: "08:20", who: P, does: hand-in, expect: {records: {a: {intent: 1, outcome opened: 1, deposited: 2}}}}`, `records: a: expected 2 of "deposited", found 1`},
		"not all":          {`  - {at: "08:20", who: P, does: hand-in, expect: {records: {a: {intent: 1, deposited: 1}}}}`, `records: a: expected 0 of "outcome opened", found 1`},
		"on another one":   {`  - {at: "08:20", who: P, does: hand-in, expect: {records: {school: {deposited: 1}, banks: {intent: 1, outcome opened: 1}}}}`, `records: school: expected 1 of "deposited", found 0`},
		"all banks":        {`  - {at: "08:20", who: P, does: hand-in, expect: {records: {banks: {intent: 1, outcome opened: 1, deposited: 1}}}}`, ""},
		"a mistake":        {`  - {at: "08:20", does: shut, with: {door: own P}, expect: {refused: {code: invalid}}}`, "the script is wrong: Door a/1 is shut already."},
		"a refusal unsaid": {`  - {at: "08:20", who: O1, does: open-door, with: {of: P}, expect: {records: {a: {order-refused nothing-held: 1}}}}`, "refused, and nobody expected it (denied)"},
	} {
		t.Run(name, func(t *testing.T) {
			got := differences(t, day("", c.steps))
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// The records of a bank come to the school in order, each once, however often the
// line is lost. What the school believes is then what the bank does.
func TestJournalFollowsTheCut(t *testing.T) {
	s := load(t, write(t, day("", handsIn)))
	w, err := newWorld(t.Context(), openSchool(t, "mill-lane", s), s, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.vault.Close()
	b := w.banks[0]
	for i, p := range w.groups[everyPupil][:20] {
		b.cut = i%3 != 0
		if !b.cut {
			b.mend()
		}
		w.handsIn(p, b, true)
		w.advance(w.now.Add(settle))
	}
	if b.cut = true; b.board.Board(w.given.Current(), w.instant("school"), w.zone).Counts.In == len(b.core.State().Holdings) {
		t.Error("records came over a line that is cut")
	}
	b.mend()
	w.advance(w.now.Add(settle))
	if in := b.board.Board(w.given.Current(), w.instant("school"), w.zone).Counts.In; in < 15 || in != len(b.core.State().Holdings) || b.sent != b.log.Size() || len(w.faults) > 0 {
		t.Errorf("%d devices in, %d of %d records, %q", in, b.sent, b.log.Size(), w.faults)
	}
}

func TestSameScriptSameReport(t *testing.T) {
	tell := func() string {
		s := load(t, filepath.Join(shipped, "confiscation.yaml"))
		report, err := Play(t.Context(), s, openSchool(t, "northbourne", s))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		report.Print(&b, true)
		return b.String()
	}
	if a, b := tell(), tell(); a != b {
		t.Errorf("two reports:\n%s\n%s", a, b)
	}
}

// A device that is where it should be, and nobody has it on record there, is a
// difference; so is one that is on record elsewhere.
func TestPlaceIsTrueAndOnRecord(t *testing.T) {
	s := load(t, write(t, day("", handsIn)))
	w, err := newWorld(t.Context(), openSchool(t, "mill-lane", s), s, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.vault.Close()
	differs := func(place string) int { return len(w.compare(Expect{Place: map[string]string{"P": place}}, found{})) }
	if differs("hands of P") != 0 {
		t.Error("at first everybody has their own device")
	}
	w.moves(w.people["P"], "door a/1")
	if differs("door a/1") != 1 || differs("own door") != 1 || differs("hands of P") != 2 {
		t.Error("nobody notices a device behind a door that no record tells of")
	}
	w.moves(w.people["P"], "hands of P")
	w.handsIn(w.people["P"], w.banks[0], true)
	w.advance(w.now.Add(settle))
	if differs("own door") != 0 || differs("any door") != 0 {
		t.Error("a device that was handed in is behind its door, on record too")
	}
	w.moves(w.people["P"], "hands of Q")
	if differs("hands of Q") != 1 {
		t.Error("nobody notices a device that has left its door without a record")
	}
}
