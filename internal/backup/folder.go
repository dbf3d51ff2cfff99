package backup

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder gives the regular files below dir that are replaced as a whole whenever
// they change, in the order of their names; leave says which ones to leave out.
func Folder(dir string, leave func(name string) bool) ([]Source, error) {
	var list []Source
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if name = filepath.ToSlash(name); err == nil && !leave(name) {
			list = append(list, Source{Name: name, With: fromFile(path)})
		}
		return err
	})
	return list, err
}

// fromFile reads a file as far as it goes at that moment: one may be appended to.
func fromFile(path string) func(func(int64, io.WriterTo) error) error {
	return func(fn func(int64, io.WriterTo) error) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return fn(info.Size(), prefix{io.LimitReader(f, info.Size())})
	}
}

type prefix struct{ io.Reader }

// WriteTo copies what there is.
func (p prefix) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, p.Reader) }
