package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/testdata/schools"
)

// schoolFolder gives the folder of a school, by its name if it is built in: then
// it is written out to dir first.
func schoolFolder(school, dir string) (string, error) {
	files, err := fs.Sub(schools.Files, school)
	if err != nil {
		return school, nil // no name that could be built in
	}
	if _, err := fs.Stat(files, "school.yaml"); err != nil {
		return school, nil
	}
	if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, files)); err != nil {
		return "", errs.Wrap(err, errs.Unavailable, "The data folder cannot be written.", "Choose another with --data.")
	}
	return dir, nil
}
