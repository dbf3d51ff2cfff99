package bellkeep_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`")
	aTest     = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
	namedFile = regexp.MustCompile(`\]\(([^)#:]+)\)`)
)

// A page that names a test or leads to a file must not outlive it.
func TestWhatPagesNameExists(t *testing.T) {
	tests, pages := map[string]bool{}, []string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != ".":
			return fs.SkipDir
		case strings.HasSuffix(path, ".md"):
			pages = append(pages, path)
		case strings.HasSuffix(path, "_test.go"):
			for _, found := range aTest.FindAllStringSubmatch(read(t, path), -1) {
				tests[found[1]] = true
			}
		}
		return nil
	})
	if err != nil || len(tests) < 900 || len(pages) < 8 {
		t.Fatalf("%d tests and %d pages, %v", len(tests), len(pages), err)
	}
	for _, page := range pages {
		text := read(t, page)
		for _, found := range namedTest.FindAllStringSubmatch(text, -1) {
			if !tests[found[1]] {
				t.Errorf("%s names %s, and there is no such test", page, found[1])
			}
		}
		for _, found := range namedFile.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), found[1])); err != nil {
				t.Errorf("%s leads to %s: %v", page, found[1], err)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
