package scenario

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// What is written for schools is what there is.
func TestReadmeExplainsEveryWord(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(shipped, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(readme), "<!-- every word, as bellkeep scenario --words prints them -->\n")
	if !ok || rest != Reference() {
		t.Errorf("the end of README.md is not what bellkeep scenario --words prints:\n%s", Reference())
	}
}

func TestEveryExpectationIsExplained(t *testing.T) {
	var tags, names []string
	for f := range reflect.TypeFor[Expect]().Fields() {
		tags = append(tags, f.Tag.Get("yaml"))
	}
	for _, e := range expectations {
		names = append(names, e.name)
	}
	slices.Sort(tags)
	slices.Sort(names)
	if !slices.Equal(tags, names) {
		t.Errorf("there are %v, and explained are %v", tags, names)
	}
}

// A word that no scenario uses is a word nobody has seen work.
func TestEveryVerbIsUsed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shipped, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, file := range files {
		for _, step := range load(t, file).Steps {
			used[step.Does] = true
		}
	}
	for _, name := range verbNames() {
		if !used[name] {
			t.Errorf("no scenario uses %s", name)
		}
	}
}
