package sheet

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// read gives the lines of a file of three columns of which two are wanted.
func read(text string) (lines []string, err error) {
	var faults config.Faults
	pick := Exactly([]string{"id", "secret", "name"}, "name", "id")
	Read("people.csv", strings.NewReader(text), pick, &faults, func(_ int, cells []string) {
		lines = append(lines, strings.Join(cells, "|"))
	})
	return lines, Err(&faults, "The file cannot be taken", "Export it again.")
}

func TestReadPicksColumns(t *testing.T) {
	for name, text := range map[string]string{
		"plain":            "id,secret,name\n1,x,Ada\n2,y,\"O'Hara, Jr\"\n",
		"byte order mark":  "\ufeffid,secret,name\n1,x,Ada\n2,y,\"O'Hara, Jr\"\n",
		"Windows lines":    "id,secret,name\r\n1,x,Ada\r\n2,y,\"O'Hara, Jr\"\r\n",
		"semicolons":       "id;secret;name\n1;x;Ada\n2;y;O'Hara, Jr\n",
		"tabs":             "id\tsecret\tname\n1\tx\tAda\n2\ty\tO'Hara, Jr\n",
		"extensions":       "id,secret,name,metadata.a\n1,x,Ada,0\n2,y,\"O'Hara, Jr\",0\n",
		"spaces and blank": "id,secret,name\n 1 ,x, Ada\n\n2,y,\"O'Hara, Jr\"\n",
	} {
		lines, err := read(text)
		if err != nil || strings.Join(lines, ";") != "Ada|1;O'Hara, Jr|2" {
			t.Errorf("%s: %q, %v", name, lines, err)
		}
	}
}

// Faults name file and line and never say what a cell holds.
func TestReadNamesTheFault(t *testing.T) {
	const secret = "hush"
	cases := []struct{ name, text, want string }{
		{"empty", "", "people.csv: the file is empty"},
		{"heading only", "id,secret,name\n", "people.csv: there is a heading but no line under it"},
		{"another order", "secret,id,name\nhush,1,hush\n", "people.csv:1: the first line must be: id,secret,name"},
		{"column left out", "id,name\n1,hush\n", "people.csv:1: the first line must be"},
		{"unknown column", "id,secret,name,hush\n1,x,y,z\n", "people.csv:1: the first line must be"},
		{"cell too many", "id,secret,name\n1,hush,hush,hush\n2,x,y\n", "people.csv:2: the line has more or fewer cells"},
		{"stray quote", "id,secret,name\n1,hu\"sh,hush\n", "people.csv:2: a quote"},
		{"open quote", "id,secret,name\n1,\"hush,hush\n", ": a quote"},
		{"not UTF-8", "id,secret,name\n1,hush,hush\xe9\n", "people.csv:2: the line is not UTF-8"},
		{"line break", "id,secret,name\n1,hush,\"hush\nhush\"\n", "people.csv:2: a cell holds a line break"},
		{"long cell", "id,secret,name\n1,hush," + strings.Repeat("hush", MaxCell) + "\n", "people.csv:2: a cell is longer"},
		{"many faults", "id,secret,name\n" + strings.Repeat("hush\n", 200), "and 2 more"},
	}
	for _, c := range cases {
		_, err := read(c.text)
		if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: a cell is in the error: %v", c.name, err)
		}
	}
}

// endless never ends: like a ZIP entry that unpacks to more than it said.
type endless struct {
	line      string
	at, given int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.line[e.at]
		e.at = (e.at + 1) % len(e.line)
	}
	e.given += len(p)
	return len(p), nil
}

func TestReadIsBounded(t *testing.T) {
	for name, c := range map[string]struct{ line, want string }{
		"too many lines": {"1,x,Ada\n", "more than"},
		"one long line":  {"1234567890", "larger than"},
	} {
		var faults config.Faults
		rows := 0
		source := &endless{line: c.line}
		Read("people.csv", io.MultiReader(strings.NewReader("id,secret,name\n"), source), Exactly([]string{"id", "secret", "name"}, "id"), &faults, func(int, []string) { rows++ })
		if list := faults.List(); len(list) != 1 || !strings.Contains(list[0].Message, c.want) || rows > MaxRows {
			t.Errorf("%s: %d rows, %v", name, rows, list)
		}
		if source.given > MaxBytes {
			t.Errorf("%s: %d bytes were read", name, source.given)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("cable out") }

func TestReadPassesOnFailures(t *testing.T) {
	var faults config.Faults
	Read("people.csv", broken{}, Exactly([]string{"id"}, "id"), &faults, func(int, []string) {})
	if list := faults.List(); len(list) != 1 || !strings.Contains(list[0].Message, "cable out") {
		t.Errorf("faults: %v", list)
	}
}

func TestNamed(t *testing.T) {
	columns := []Column{{Names: []string{"Pupil ID", "Adno"}, Required: true}, {Names: []string{"Email"}}}
	for name, c := range map[string]struct {
		heading string
		want    []int
	}{
		"any order, any spelling": {"E-mail,Other,pupil_id", []int{2, 0}},
		"other name":              {"ADNO", []int{0, -1}},
		"required one missing":    {"Email", nil},
		"two for one":             {"Adno,Pupil ID", nil},
	} {
		got, err := Named(columns)(strings.Split(c.heading, ","))
		if (err != nil) != (c.want == nil) || err == nil && (got[0] != c.want[0] || got[1] != c.want[1]) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
