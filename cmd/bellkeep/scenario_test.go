package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const scenarios = "../../testdata/scenarios/"

func TestScenario(t *testing.T) {
	t.Parallel()
	changed := filepath.Join(t.TempDir(), "confiscation.yaml")
	text, err := os.ReadFile(scenarios + "confiscation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(changed, text, 0o600); err != nil {
		t.Fatal(err)
	}
	replaceIn(t, changed, "release-refused: 1", "release-refused: 2")
	ownSchool := millLane(t)
	own := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(own, []byte("scenario: own\nschools: [mill-lane]\nday: 2026-11-23\nsteps:\n  - {at: \"08:00\", does: look, expect: {open: []}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		args []string
		code int
		want []string // on either stream
	}{
		{"all schools", []string{scenarios + "confiscation.yaml"}, 0,
			[]string{"confiscation at elmfield: 13 steps, as expected", "confiscation at ash-cartwright-kelsey: 12 steps, as expected", "confiscation at northbourne: 12 steps, as expected"}},
		{"one school, every step", []string{"-v", scenarios + "confiscation.yaml", "--school", "northbourne"}, 0,
			[]string{"11:20:00  line 29  M confiscate (", "refused (denied): Do not release.", "opened a/1; on a: 1 collected"}},
		{"a difference", []string{changed, "--school", "northbourne"}, 1,
			[]string{"northbourne: 12 steps, DIFFERENT", "15:12:00  line 96  O1 release (of P; to father)", `records: school: expected 2 of "release-refused", found 1`, "1 of 1 came out differently"}},
		{"a school's own folder", []string{own, "--school", ownSchool}, 0, []string{"own at mill-lane: 1 steps, as expected"}},
		{"not for that school", []string{scenarios + "line-cut.yaml", "--school", "mill-lane"}, 1, []string{"is not for Mill Lane School", "Next step: "}},
		{"no file", []string{"nothing.yaml"}, 1, []string{"nothing.yaml: the file cannot be read"}},
		{"nothing to play", nil, 2, []string{"bellkeep scenario FILE"}},
		{"the words", []string{"--words"}, 0, []string{"- `put-away`:", "- `in-force`:"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := bellkeep(t, append([]string{"scenario"}, c.args...)...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(stdout+stderr, want) {
					t.Errorf("nobody says %q:\n%s%s", want, stdout, stderr)
				}
			}
		})
	}
}
