// Package folder keeps a few secret files that belong together, such as a key
// and its certificate, and changes them together: after a crash at any point
// either all of them are the old ones or all are the new ones.
//
// New files are written and synchronised in the sub-folder "staging". Renaming
// it to "next" is the commit. Then each file is renamed into its place and
// "next" removed. Open, and every Write, first finish what a crash interrupted:
// they go on from "next" and throw "staging" away.
package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	staging = "staging"
	next    = "next"

	dirMode  = 0o700
	fileMode = 0o600
	maxFile  = 64 << 10 // bytes
)

// File is the new content of one file.
type File struct {
	Name string
	Data []byte
}

// Folder is an open folder. Several processes may use it at once.
type Folder struct {
	dir  string
	step func(name string) error // called before each step of a Write; tests stop there
}

// Open makes the folder if need be, keeps others out of it, and finishes what a
// crash interrupted. Errors: unavailable.
func Open(dir string) (*Folder, error) {
	f := &Folder{dir: dir, step: func(string) error { return nil }}
	if err := f.prepare(); err != nil {
		return nil, f.broken(err)
	}
	return f, nil
}

func (f *Folder) prepare() error {
	if err := os.MkdirAll(f.dir, dirMode); err != nil {
		return err
	}
	if err := os.Chmod(f.dir, dirMode); err != nil {
		return err
	}
	if err := durable.SyncDir(filepath.Dir(f.dir)); err != nil {
		return err
	}
	return f.alone(f.resume)
}

// Path is where a file stands.
func (f *Folder) Path(name string) string { return filepath.Join(f.dir, name) }

// Read gives the files of these names as they stand together at one moment, nil
// for one that is not there. Errors: unavailable.
func (f *Folder) Read(names ...string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := f.alone(func() error {
		if err := f.resume(); err != nil {
			return err
		}
		for _, name := range names {
			data, err := durable.ReadFile(f.Path(name), maxFile)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			files[name] = data
		}
		return nil
	})
	if err != nil {
		return nil, f.broken(err)
	}
	return files, nil
}

// Remove takes a file away, if it is there. Errors: unavailable.
func (f *Folder) Remove(name string) error {
	err := os.Remove(f.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err = errors.Join(err, durable.SyncDir(f.dir)); err != nil {
		return f.broken(err)
	}
	return nil
}

// Write replaces all of files or none of them. When it returns nil they survive
// a power cut; after an error either may be the case. Errors: unavailable.
func (f *Folder) Write(files ...File) error {
	err := f.alone(func() error {
		if err := f.resume(); err != nil {
			return err
		}
		if err := f.stage(files); err != nil {
			return err
		}
		return f.install()
	})
	if err != nil {
		return f.broken(err)
	}
	return nil
}

// stage writes the new files beside the old ones and commits to them.
func (f *Folder) stage(files []File) error {
	if err := f.do("make staging", func() error { return os.Mkdir(f.Path(staging), dirMode) }); err != nil {
		return err
	}
	for _, file := range files {
		path := filepath.Join(f.Path(staging), file.Name)
		if err := f.do("write "+file.Name, func() error { return durable.WriteFile(path, file.Data, fileMode) }); err != nil {
			return err
		}
	}
	if err := f.do("commit", func() error { return os.Rename(f.Path(staging), f.Path(next)) }); err != nil {
		return err
	}
	return f.do("sync commit", func() error { return durable.SyncDir(f.dir) })
}

// install moves what is committed into place.
func (f *Folder) install() error {
	files, err := os.ReadDir(f.Path(next))
	if err != nil {
		return err
	}
	for _, file := range files {
		move := func() error { return os.Rename(filepath.Join(f.Path(next), file.Name()), f.Path(file.Name())) }
		if err := f.do("install "+file.Name(), move); err != nil {
			return err
		}
	}
	if err := f.do("sync names", func() error { return durable.SyncDir(f.dir) }); err != nil {
		return err
	}
	if err := f.do("finish", func() error { return os.Remove(f.Path(next)) }); err != nil {
		return err
	}
	return f.do("sync finish", func() error { return durable.SyncDir(f.dir) })
}

// resume finishes a committed change and drops one that was not.
func (f *Folder) resume() error {
	_, err := os.Stat(f.Path(next))
	if err == nil {
		if err = durable.SyncDir(f.dir); err == nil {
			err = f.install()
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(f.Path(staging))
}

func (f *Folder) do(name string, step func() error) error {
	if err := f.step(name); err != nil {
		return err
	}
	return step()
}

// alone keeps other processes, and other holders in this one, from changing the
// folder meanwhile.
func (f *Folder) alone(change func() error) error {
	dir, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	defer dir.Close() // ends the lock; nothing was written through it
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return change()
}

func (f *Folder) broken(err error) error {
	return errs.Wrap(err, errs.Unavailable, "The folder "+f.dir+" cannot be used.",
		"Check that it belongs to this program's user and that its disk is neither full nor read-only.")
}
