package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/testdata/schools"
)

const schoolA, schoolB = "../../testdata/schools/ash-cartwright-kelsey", "../../testdata/schools/northbourne"

// said runs a command and gives all it says.
func said(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out printed
	if code := run(t.Context(), args, &out, &out); code != want {
		t.Fatalf("%v ends with %d:\n%s", args, code, &out)
	}
	return out.String()
}

func TestPolicyShow(t *testing.T) {
	text := said(t, 0, "policy", "show", schoolB)
	for _, want := range []string{
		"Online safety policy, September 2018, in force from 2018-09-01", "Where pupils hand in: To the class teacher, in a tray for each class (B-9.3-04, B-9.3-05)",
		"“GDPR” (B-7.4-01)", "B-9.5-02", "enforced by device-settings, test mdm.TestJudge", "recorded as policy-set", "enforced by tray-until-the-end", "428 clauses:",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said", want)
		}
	}
	if text := said(t, 0, "policy", "show", schoolA, "--how", "outside"); strings.Contains(text, "not yet:") || !strings.Contains(text, "outside: teaching") {
		t.Errorf("more than what is outside:\n%.500s", text)
	}
}

// A school that is built in goes by its name, in any folder; a folder of the same
// name goes before it.
func TestPolicyByName(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	b := said(t, 0, "policy", "show", schoolB)
	t.Chdir(t.TempDir())
	if text := said(t, 0, "policy", "show", "northbourne"); text != b {
		t.Errorf("by its name: %.300s", text)
	}
	said(t, 0, "policy", "diff", "ash-cartwright-kelsey", "northbourne")
	if text := said(t, 0, "policy", "show", "elmfield"); !strings.Contains(text, "in force from") {
		t.Errorf("%.300s", text)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	mustNot := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	files, err := fs.Sub(schools.Files, "ash-cartwright-kelsey")
	mustNot(err)
	mustNot(os.CopyFS("northbourne", files))
	if text := said(t, 0, "policy", "show", "northbourne"); text == b {
		t.Error("a folder of the school's name does not count")
	}
}

func TestPolicyDiff(t *testing.T) {
	text := said(t, 0, "policy", "diff", schoolA, schoolB)
	if !strings.Contains(text, "Phones in a lesson activity\n  ash-cartwright-kelsey: The teacher asks and the headteacher approves\n  northbourne: Never\n") || strings.Contains(text, "Who may search") {
		t.Error(text)
	}
	if text := said(t, 0, "policy", "diff", schoolA, schoolA); text != "The two decide the same.\n" {
		t.Error(text)
	}
}

func TestPolicyMisuse(t *testing.T) {
	for _, args := range [][]string{{"policy"}, {"policy", "burn"}, {"policy", "show"}, {"policy", "show", schoolA, schoolB}, {"policy", "diff", schoolA},
		{"policy", "show", schoolA, "--how", "somehow"}, {"policy", "apply"}, {"policy", "apply", "x.yaml", "--data", "d"}, {"policy", "apply", "x.yaml", "--data", "d", "--why", "so", "--from", "soon"}} {
		said(t, 2, args...)
	}
	if text := said(t, 1, "policy", "show", t.TempDir()); !strings.Contains(text, "There is no policy.yaml") {
		t.Error(text)
	}
}

// Both real schools pass, and a rule that names a clause which is not in the
// policy is a fault like any other.
func TestCheckCoversThePolicy(t *testing.T) {
	for _, dir := range []string{schoolA, schoolB} {
		said(t, 0, "check", "--school", dir)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(schoolA)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "policy.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("deposit_point: office"), []byte("deposit_point: drawer"), 1)
	data = bytes.Replace(data, []byte("[A-7.4-01]"), []byte("[A-7.4-99]"), 1)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	text := said(t, 1, "check", "--school", dir)
	for _, want := range []string{`deposit_point: "drawer" is none of`, `dp_law_text names "A-7.4-99"`, "2 faults"} {
		if !strings.Contains(strings.ReplaceAll(text, "deposit_point: deposit_point:", "deposit_point:"), want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}

// A file put before the headteacher changes nothing by itself.
func TestPolicyApply(t *testing.T) {
	data := t.TempDir()
	runServer(t, data)
	text := said(t, 0, "policy", "apply", schoolA+"/policy.yaml", "--why", "As governors agreed", "--data", data)
	if !strings.Contains(text, "Where pupils hand in: At the lockers, by themselves → At the school office, to staff\n") || !strings.Contains(text, "Nothing has changed yet.") {
		t.Error(text)
	}
	if text := said(t, 1, "policy", "apply", schoolA+"/policy.yaml", "--why", "-", "--data", data); !strings.Contains(text, "Say why the rules change.") {
		t.Error(text)
	}
}
