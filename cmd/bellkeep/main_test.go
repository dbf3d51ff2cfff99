package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/testdata/schools"
)

// bellkeep runs the program in this process.
func bellkeep(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut printed // the log of whatever else is at work in this process goes there too
	code = run(t.Context(), args, &out, &errOut)
	return code, out.String(), errOut.String()
}

func millLane(t *testing.T) string {
	t.Helper()
	dir, err := demoOptions{data: t.TempDir(), school: "mill-lane"}.schoolFolder()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func replaceIn(t *testing.T, file, old, new string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte(old), []byte(new), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

var differs = regexp.MustCompile(`\b[1-9]\d* of \d+ lines differ`)

// One played day with everything on the path: the ledger and the truth file
// must agree line by line. A door that nobody saw to its end, as on a machine that
// has much else to do, may be unsure, and then agrees.
func TestDemoPlaysADay(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := bellkeep(t, "demo", "--once", "--school", "mill-lane", "--seed", "4", "--listen", "127.0.0.1:0", "--kiosk", "127.0.0.1:0")
	if code != 0 || !strings.Contains(stdout, ", 0 of ") || differs.MatchString(stdout) {
		t.Errorf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
}

// The primary schools play by their own rules: one office takes every phone in and
// gives it back, the other leaves that to class teachers.
func TestDemoOfPrimarySchools(t *testing.T) {
	t.Parallel()
	for school, want := range map[string][]string{
		"ash-cartwright-kelsey": {"The office has taken the phones in.", "The office has given the phones back.", "The release to a parent is on record."},
		"northbourne":           {"The class trays are counted and put away.", "what is left over is at the office", "The release to a parent is on record."},
	} {
		t.Run(school, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := bellkeep(t, "demo", "--once", "--school", school, "--speed", "40", "--devices", "0", "--listen", "127.0.0.1:0", "--kiosk", "127.0.0.1:0")
			if code != 0 || !strings.Contains(stdout, ", 0 of ") || differs.MatchString(stdout) {
				t.Errorf("exit code %d\n%s\n%s", code, stdout, stderr)
			}
			for _, text := range want {
				if !strings.Contains(stdout, text) {
					t.Errorf("it does not say %q:\n%s", text, stdout)
				}
			}
		})
	}
}

func TestCheckNamesThreeFaultsAtOnce(t *testing.T) {
	dir := millLane(t)
	replaceIn(t, filepath.Join(dir, "school.yaml"), "Europe/London", "Atlantis")
	replaceIn(t, filepath.Join(dir, "roll.csv"), ",7A,3,a", ",7A,99,a")
	replaceIn(t, filepath.Join(dir, "bank-a.yaml"), "33-64", "33-65")
	code, _, stderr := bellkeep(t, "check", "--school", dir)
	for _, want := range []string{"school.yaml:4: zone", "roll.csv:4: person p-003 has door 99", "bank-a.yaml:32: doors: door 65", "3 faults", "Next step: "} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is missing from:\n%s", want, stderr)
		}
	}
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
}

func TestCheckOfASoundSchool(t *testing.T) {
	code, stdout, stderr := bellkeep(t, "check", "--school", millLane(t))
	if code != 0 || !strings.Contains(stdout, "No faults.") {
		t.Errorf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
}

func TestBankExportHoldsNoNames(t *testing.T) {
	out := filepath.Join(t.TempDir(), "bank")
	if code, _, stderr := bellkeep(t, "bank", "export", "--school", millLane(t), "--out", out); code != 0 {
		t.Fatal(stderr)
	}
	roll, err := schools.Files.ReadFile("mill-lane/roll.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"directory.json", "plan.json"} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(roll)) {
			if person := strings.Split(line, ",")[1]; bytes.Contains(data, []byte(person)) {
				t.Errorf("%s holds the name on the roll's line %q", name, line)
			}
		}
	}
}

// What a person does wrong gets one sentence and a next step.
func TestBadInput(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"no such command", []string{"unlock-all"}, 2, []string{`There is no command "unlock-all". Run: bellkeep help`}},
		{"letters in another order", []string{"bnak"}, 2, []string{`Did you mean "bank"?`}},
		{"a letter missing", []string{"polcy"}, 2, []string{`Did you mean "policy"?`}},
		{"a letter too many", []string{"demoo"}, 2, []string{`Did you mean "demo"?`}},
		{"a wrong letter", []string{"uzer"}, 2, []string{`Did you mean "user"?`}},
		{"no such flag", []string{"demo", "--fast"}, 2, []string{"bellkeep demo --help"}},
		{"stray word", []string{"demo", "now"}, 2, []string{"not expected"}},
		{"no such bench", []string{"bench", "press"}, 2, []string{"bench scan"}},
		{"no school", []string{"check"}, 2, []string{"--school"}},
		{"school that is not there", []string{"check", "--school", "/nowhere"}, 1, []string{"school.yaml", "Next step"}},
		{"port in use", []string{"demo", "--once", "--listen", taken.Addr().String(), "--kiosk", "127.0.0.1:0"}, 1, []string{"Another program uses", "Next step"}},
		{"kiosk's port in use", []string{"demo", "--once", "--listen", "127.0.0.1:0", "--kiosk", taken.Addr().String()}, 1, []string{"kiosk", "Next step"}},
		{"data folder that is a file", []string{"demo", "--once", "--data", file}, 1, []string{"data folder", "Next step"}},
		{"seed that is none", []string{"sim", "--seed", "x"}, 2, []string{"seed"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := bellkeep(t, c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is missing from: %s", want, stderr)
				}
			}
		})
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	for _, c := range commands {
		code, stdout, stderr := bellkeep(t, c.name, "--help")
		if code != 0 || !strings.Contains(stdout, "xample") {
			t.Errorf("%s --help: exit code %d\n%s%s", c.name, code, stdout, stderr)
		}
	}
}

// What a command takes beside its flags stands in the first line of its help, and
// no fault of use repeats it as if it were to be typed.
func TestHelpNamesWhatACommandTakes(t *testing.T) {
	for _, usage := range []string{"policy show SCHOOL", "policy diff SCHOOL SCHOOL", "policy apply FILE", "backup check FILE", "restore FILE", "scenario FILE...", "ledger verify FILE"} {
		words := slices.DeleteFunc(strings.Fields(usage), func(w string) bool { return w == strings.ToUpper(w) })
		_, stdout, _ := bellkeep(t, append(words, "--help")...)
		if first, _, _ := strings.Cut(stdout, "\n"); first != "Usage: bellkeep "+usage+" [flags]" {
			t.Errorf("%s --help begins %q", words, first)
		}
		_, _, stderr := bellkeep(t, append(words, "--no-such-flag")...)
		if want := "Run: bellkeep " + strings.Join(words, " ") + " --help"; !strings.Contains(stderr, want) {
			t.Errorf("a wrong flag of %s says %q", words, stderr)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
