// Package config reads YAML files so that whoever wrote one learns of every
// fault at once, each with its line.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// maxFile bounds a configuration file.
const maxFile = 1 << 20

// Value is a field that remembers the line it stands on.
type Value[T any] struct {
	V    T
	Line int
}

// UnmarshalYAML decodes the value and keeps its line.
func (v *Value[T]) UnmarshalYAML(node *yaml.Node) error {
	v.Line = node.Line
	return node.Decode(&v.V)
}

// Fault is one thing wrong with one file.
type Fault struct {
	File    string
	Line    int // 0 when the fault has no line of its own
	Message string
}

// String gives "bank.yaml:12: message".
func (f Fault) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.Message)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// Faults gathers everything wrong with a configuration.
type Faults struct{ list []Fault }

// Add notes a fault.
func (fs *Faults) Add(file string, line int, format string, args ...any) {
	fs.list = append(fs.list, Fault{filepath.Base(file), line, fmt.Sprintf(format, args...)})
}

// List gives the faults by file and line.
func (fs *Faults) List() []Fault {
	slices.SortStableFunc(fs.list, func(a, b Fault) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	return fs.list
}

// Err is nil without faults, else one invalid error that names them all.
func (fs *Faults) Err() error {
	if len(fs.list) == 0 {
		return nil
	}
	lines := make([]string, len(fs.list))
	for i, f := range fs.List() {
		lines[i] = "  " + f.String()
	}
	noun := "faults"
	if len(lines) == 1 {
		noun = "fault"
	}
	return errs.New(errs.Invalid,
		fmt.Sprintf("The configuration has %d %s:\n%s", len(lines), noun, strings.Join(lines, "\n")),
		"Correct the lines named and run the check again.")
}

// Load decodes a YAML file into out and notes unknown keys, wrong types and
// unreadable files as faults. It reports whether the file could be read at all:
// otherwise what it should have said is better not missed piece by piece.
func Load(path string, out any, faults *Faults) bool {
	data, err := readBounded(path)
	if err != nil {
		faults.Add(path, 0, "%v", err)
		return false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	err = decoder.Decode(out)
	var typed *yaml.TypeError
	switch {
	case err == nil || errors.Is(err, io.EOF):
	case errors.As(err, &typed):
		for _, text := range typed.Errors {
			line, message := splitLine(text)
			faults.Add(path, line, "%s", plain(message))
		}
	default:
		line, message := splitLine(strings.TrimPrefix(err.Error(), "yaml: "))
		faults.Add(path, line, "%s", message)
		return false
	}
	return true
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("the file is larger than %d bytes", maxFile)
	}
	return data, err
}

var (
	unknownKey = regexp.MustCompile(`^field (\S+) (not found in type|already set in type) .*$`)
	wrongKind  = regexp.MustCompile("^cannot unmarshal !!\\w+(?: `.*`)? into (\\S+)$")
)

// plain says a decoder's message without the names of Go types.
func plain(message string) string {
	if m := wrongKind.FindStringSubmatch(message); m != nil {
		return belongs(m[1])
	}
	m := unknownKey.FindStringSubmatch(message)
	switch {
	case m == nil:
		return message
	case m[2] == "already set in type":
		return fmt.Sprintf("key %s stands here a second time", m[1])
	}
	return fmt.Sprintf("there is no key %s; look for a typing error", m[1])
}

// belongs says what a value of a Go type looks like in a file.
func belongs(kind string) string {
	switch {
	case strings.HasPrefix(kind, "[]"):
		return "a list belongs here, like [one, two]"
	case kind == "string":
		return "a line of text belongs here"
	case kind == "bool":
		return "true or false belongs here"
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number belongs here"
	case strings.HasPrefix(kind, "float"):
		return "a number belongs here"
	}
	return "another kind of value belongs here"
}

// splitLine takes "line 12: message" apart.
func splitLine(text string) (int, string) {
	rest, ok := strings.CutPrefix(text, "line ")
	number, message, found := strings.Cut(rest, ": ")
	line, err := strconv.Atoi(number)
	if !ok || !found || err != nil {
		return 0, text
	}
	return line, message
}
