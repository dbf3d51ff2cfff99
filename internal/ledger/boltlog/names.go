package boltlog

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

const suffix = ".ledger"

// Name is one ledger file of a directory.
type Name struct {
	Dir    string
	Writer string
	Epoch  uint64
}

// Path is the ledger file's path.
func (n Name) Path() string {
	return filepath.Join(n.Dir, fmt.Sprintf("%s.%d%s", n.Writer, n.Epoch, suffix))
}

func (n Name) keyPath() string     { return n.Path() + ".key" }
func (n Name) pubPath() string     { return n.Path() + ".pub" }
func (n Name) copyPath() string    { return n.Path() + ".copy" }
func (n Name) reservePath() string { return filepath.Join(n.Dir, "reserve."+n.Writer) }

// ParsePath reads the name of a ledger file; false when it has another form.
func ParsePath(path string) (Name, bool) {
	return parseName(filepath.Dir(path), filepath.Base(path))
}

// parseName reads the name of a file in dir.
func parseName(dir, file string) (Name, bool) {
	base, ok := strings.CutSuffix(file, suffix)
	writer, number, cut := strings.Cut(base, ".")
	epoch, err := strconv.ParseUint(number, 10, 53)
	n := Name{Dir: dir, Writer: writer, Epoch: epoch}
	return n, ok && cut && err == nil && epoch > 0 && ledger.IsWriter(writer) && filepath.Base(n.Path()) == file
}

// List gives the ledgers in dir, by writer and then epoch.
func List(dir string) ([]Name, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []Name
	for _, f := range files {
		if n, ok := parseName(dir, f.Name()); ok {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b Name) int {
		return cmp.Or(cmp.Compare(a.Writer, b.Writer), cmp.Compare(a.Epoch, b.Epoch))
	})
	return names, nil
}

// newest is the writer's newest ledger in dir; the epoch is 0 when there is none.
func newest(dir, writer string) (Name, error) {
	names, err := List(dir)
	if err != nil {
		return Name{}, err
	}
	last := Name{Dir: dir, Writer: writer}
	for _, n := range names {
		if n.Writer == writer {
			last = n
		}
	}
	return last, nil
}
