package audit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// kindName is how constants for kinds of record are called: KindPlaced,
// kindIssued. Those of a bank's events are of the type Kind in package locker.
var kindName = regexp.MustCompile(`^[kK]ind[A-Z]`)

// notOnRecord are constants called so that are no kinds of record.
var notOnRecord = []string{"internal/bus"}

// declaredKinds are all kinds of record that the product's sources declare.
func declaredKinds(t *testing.T) map[string]string {
	t.Helper()
	kinds := map[string]string{}
	root := filepath.Join("..", "..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		folder, _ := filepath.Rel(root, filepath.Dir(path))
		if slices.Contains(notOnRecord, filepath.ToSlash(folder)) {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			typed, _ := spec.Type.(*ast.Ident)
			event := folder == "locker" && typed != nil && typed.Name == "Kind"
			for i, name := range spec.Names {
				if i < len(spec.Values) && (event || typed == nil && kindName.MatchString(name.Name)) {
					if lit, ok := spec.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						kind, _ := strconv.Unquote(lit.Value)
						kinds[kind] = path
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

// Nothing can be put on record that the page has no words for.
func TestEveryKindHasWords(t *testing.T) {
	kinds := declaredKinds(t)
	if len(kinds) < 80 {
		t.Fatalf("only %d kinds were found", len(kinds))
	}
	for kind, path := range kinds {
		if table[kind].text == "" {
			t.Errorf("%s (%s) has no words", kind, path)
		}
	}
	for kind, w := range table {
		if kinds[kind] == "" {
			t.Errorf("%s has words, and is no kind of record", kind)
		}
		if !slices.Contains(append(slices.Clone(Groups), Safeguarding), w.group) || w.group.Words() == "" {
			t.Errorf("%s is of the group %q", kind, w.group)
		}
	}
}
