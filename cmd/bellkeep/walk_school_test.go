package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// walkForms are the forms of the school, and how many of each are in it.
var walkForms = map[string]int{"9a": 8, "9b": 8}

// smallElmfield writes the files of a smaller Elmfield: banks A and D, and more.
func smallElmfield(t *testing.T, more ...string) string {
	t.Helper()
	dir, _, _ := elmfield(t)
	replaceIn(t, filepath.Join(dir, "school.yaml"), "banks: [bank-a.yaml, bank-b.yaml, bank-c.yaml, bank-d.yaml, bank-e.yaml]", "banks: ["+strings.Join(append([]string{"bank-a.yaml", "bank-d.yaml"}, more...), ", ")+"]")
	replaceIn(t, filepath.Join(dir, "bank-a.yaml"), "boards: 10", "boards: 2")
	replaceIn(t, filepath.Join(dir, "bank-a.yaml"), "1-150", "1-32")
	replaceIn(t, filepath.Join(dir, "bank-a.yaml"), "  - {numbers: 151-300, bus: right, board: 0, lock: 1}\n", "")
	cutAfter(t, filepath.Join(dir, "bank-a.yaml"), "  - name: right\n", "doors:")
	stay, left := map[string]bool{}, map[string]int{}
	keepRows(t, filepath.Join(dir, "oneroster", "enrollments.csv"), func(row []string) bool {
		class, who, role := row[3], row[5], row[6]
		if role == "student" && left[class] < walkForms[class] {
			left[class]++
			stay[who] = true
		}
		return role != "student" || stay[who]
	})
	keepRows(t, filepath.Join(dir, "oneroster", "users.csv"), func(row []string) bool { return row[5] != "student" || stay[row[0]] })
	keepRows(t, filepath.Join(dir, "contacts.csv"), func(row []string) bool { return stay[row[0]] })
	return dir
}

// cutAfter takes out what stands in a file from one text up to another.
func cutAfter(t *testing.T, file, from, to string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), from)
	_, after, ends := strings.Cut(rest, to)
	if !found || !ends {
		t.Fatalf("%s has no %q before %q", file, from, to)
	}
	if err := os.WriteFile(file, []byte(before+to+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

// keepRows keeps the rows of a CSV file that suit, and its head.
func keepRows(t *testing.T, file string, suits func(row []string) bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	kept := rows[:1]
	for _, row := range rows[1:] {
		if suits(row) {
			kept = append(kept, row)
		}
	}
	var out strings.Builder
	if err := csv.NewWriter(&out).WriteAll(kept); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
