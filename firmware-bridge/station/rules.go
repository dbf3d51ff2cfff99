package station

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
)

// The files of a bank that has no school server.
const (
	DirectoryFile = "directory.json"
	PlanFile      = "plan.json"
)

// maxRules bounds a directory or plan file: a bank never holds more than a few
// thousand people.
const maxRules = 16 << 20

// LoadRules reads the directory and plan that a bank keeps on its own disk.
func LoadRules(dir string) (locker.Rules, error) {
	rules := locker.Rules{Directory: &locker.Directory{}}
	if err := readJSON(filepath.Join(dir, DirectoryFile), rules.Directory); err != nil {
		return rules, err
	}
	return rules, readJSON(filepath.Join(dir, PlanFile), &rules.Plan)
}

func readJSON(path string, into any) error {
	f, err := os.Open(path)
	if err != nil {
		return unreadable(path, err)
	}
	defer f.Close()
	decoder := json.NewDecoder(io.LimitReader(f, maxRules))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return unreadable(path, err)
	}
	return nil
}

func unreadable(path string, err error) error {
	return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("%s cannot be read.", path), "Write it with: bellkeep bank export")
}
