package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const bankHelp = `Writes what a bank may know to a folder: directory.json (badge hashes, ids, grants
and bars; no names) and plan.json (the school days ahead). Put them into the
bank's data folder, on a stick where there is no network.

Example: bellkeep bank export --school testdata/schools/mill-lane --out /var/lib/bellkeep-bank`

func bankCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	if len(args) == 0 || args[0] != "export" {
		if len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
			args = append([]string{"export"}, args...)
		} else {
			return misuse("There is: bellkeep bank export. Run: bellkeep bank --help")
		}
	}
	fs := newFlags("bank export", bankHelp)
	dir := fs.String("school", "", "the school's `folder`")
	out := fs.String("out", "", "the `folder` to write to")
	version := fs.Uint64("version", 1, "version of both files; must grow with every change")
	if err := parse(fs, args[1:], stdout); err != nil {
		return err
	}
	if *dir == "" || *out == "" {
		return misuse("Say which school and where to: bellkeep bank export --school FOLDER --out FOLDER")
	}
	s, _, err := loadSchool(*dir, defaultDevices)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o700); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The folder cannot be made.", "Choose a folder you may write to.")
	}
	for name, content := range map[string]any{"directory.json": s.Directory(*version), "plan.json": s.Plan(*version, time.Now())} {
		if err := writeJSON(filepath.Join(*out, name), content); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "Wrote directory.json and plan.json, version %d, to %s\n", *version, *out)
	return nil
}

// writeJSON replaces a file in one step, so that a reader sees the old or the
// new one whole.
func writeJSON(path string, content any) error {
	data, err := json.Marshal(content)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err == nil {
		defer os.Remove(f.Name())
		_, err = f.Write(data)
		if syncErr := f.Sync(); err == nil {
			err = syncErr
		}
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("%s cannot be written.", path), "Check the folder's owner and the free space.")
	}
	return nil
}
