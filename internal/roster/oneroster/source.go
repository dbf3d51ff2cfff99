package oneroster

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/roster/sheet"
)

// The limits of a ZIP file. What a file inside unpacks to is limited by
// sheet.MaxBytes, whatever the ZIP's directory says.
const (
	maxArchive = 64 << 20 // bytes, packed
	maxFiles   = 64
)

// Load reads the export at path, a folder or a ZIP file. All faults of all
// files come back in one error. Errors: invalid, not found, unavailable.
func Load(path string) (Set, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Set{}, errs.New(errs.NotFound, fmt.Sprintf("There is no %s.", path), "Name the folder or the ZIP file of the OneRoster export.")
	case err != nil:
		return Set{}, unreadable(path, err)
	case info.IsDir():
		return Read(os.DirFS(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return Set{}, unreadable(path, err)
	}
	defer f.Close()
	files, err := openZIP(f, info.Size())
	if err != nil {
		return Set{}, err
	}
	return Read(files)
}

func unreadable(path string, cause error) error {
	return errs.Wrap(cause, errs.Unavailable, fmt.Sprintf("%s cannot be read.", path), "Check the path and who may read it.")
}

// openZIP checks a ZIP file before anything is unpacked. Errors: invalid.
func openZIP(r io.ReaderAt, size int64) (fs.FS, error) {
	const hint = "Export the files again as a ZIP without folders, or unpack it yourself and name the folder."
	if size > maxArchive {
		return nil, errs.New(errs.Invalid, fmt.Sprintf("The ZIP file is larger than %d bytes.", maxArchive), hint)
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "The file is not a ZIP file, or it is damaged.", hint)
	}
	if len(archive.File) > maxFiles {
		return nil, errs.New(errs.Invalid, fmt.Sprintf("The ZIP file holds %d files, more than %d.", len(archive.File), maxFiles), hint)
	}
	seen := map[string]bool{}
	for _, f := range archive.File {
		switch {
		case strings.ContainsAny(f.Name, `/\`):
			return nil, errs.New(errs.Invalid, "The ZIP file holds a folder.", hint)
		case seen[f.Name]:
			return nil, errs.New(errs.Invalid, "The ZIP file holds two files of one name.", hint)
		case f.UncompressedSize64 > sheet.MaxBytes:
			return nil, errs.New(errs.Invalid, fmt.Sprintf("A file in the ZIP file is larger than %d bytes.", sheet.MaxBytes), hint)
		}
		seen[f.Name] = true
	}
	return archive, nil
}
