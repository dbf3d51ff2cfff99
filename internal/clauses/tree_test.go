package clauses

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
)

// tree is what the product's sources declare: tests by folder and name, and the
// values of all string constants.
type tree struct{ tests, words map[string]bool }

func readTree(t *testing.T) tree {
	t.Helper()
	found := tree{map[string]bool{}, map[string]bool{}}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		found.take(filepath.ToSlash(folder), strings.HasSuffix(path, "_test.go"), file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (f tree) take(folder string, test bool, file *ast.File) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if test && d.Recv == nil {
				f.tests[folder+"."+d.Name.Name] = true
			}
		case *ast.GenDecl:
			if test || d.Tok != token.CONST {
				continue
			}
			for _, spec := range d.Specs {
				for _, v := range spec.(*ast.ValueSpec).Values {
					if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						word, _ := strconv.Unquote(lit.Value)
						f.words[word] = true
					}
				}
			}
		}
	}
}

// What a clause rests on exists: its test, its kind of record.
func TestWhatClausesRestOnExists(t *testing.T) {
	found := readTree(t)
	if len(found.tests) < 500 || len(found.words) < 100 {
		t.Fatalf("only %d tests and %d words were found", len(found.tests), len(found.words))
	}
	resting := map[string]bool{}
	for _, school := range []string{"ash-cartwright-kelsey", "northbourne"} {
		var faults config.Faults
		for _, c := range Load("../../testdata/schools/"+school, &faults) {
			resting[c.Rule] = true
			if c.Proof != "" && !found.tests[c.Proof] {
				t.Errorf("%s: there is no test %s", c.ID, c.Proof)
			}
			if c.Event != "" && !found.words[c.Event] {
				t.Errorf("%s: there is no kind of record %s", c.ID, c.Event)
			}
		}
	}
	for name := range BuiltIn {
		if !resting[name] {
			t.Errorf("no clause rests on the rule %s", name)
		}
	}
}
