package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm/apple"
)

const restoreHelp = `Brings a school's server back from a backup, into a folder that does not exist yet.
Everything in it is checked before a server may run on it. The school's ledger
begins another epoch that names who restored it and why, rules and revisions go on
past any that banks and devices can have, and the banks send again what their own
ledgers have and the backup has not. They go on working; they record that the
school's ledger is not the one they knew, and witness the new epoch once they have
joined again with bellkeep bank add.

What the school's own ledger got after the backup was made is lost: permissions,
stops and holds, cases, enrolments. A hold that was placed since is not on the
school's ledger; look at the paper of that day, and place it again.

Example: bellkeep restore bellkeep-2026-11-23-020000Z.age --key backup-key.txt \
  --to /var/lib/bellkeep --by s-17 --why "the disk of the server died on Monday"`

func restoreCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := newFlags("restore FILE", restoreHelp)
	keyFile := fs.String("key", "", "`file` with the secret half of the key")
	to := fs.String("to", "", "`folder` to make")
	by := fs.String("by", "", "staff `id` of who restores, rather than a name")
	why := fs.String("why", "", "the reason, as a `sentence` without pupils' names")
	file, err := parseWithFile(fs, args, stdout)
	if err != nil {
		return err
	}
	if file == "" || *keyFile == "" || *to == "" || *by == "" || *why == "" {
		return misuse("A backup, --key, --to, --by and --why are all needed. Run: bellkeep restore --help")
	}
	if !school.ValidID(*by) {
		return misuse("--by takes the staff id of who restores, like s-17.")
	}
	fmt.Fprintln(stderr, "Unpacking and checking it.")
	dir, err := filepath.Abs(*to)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		return errs.New(errs.Conflict, fmt.Sprintf("There is something at %s already.", dir), "Name a folder that does not exist yet, or move that one away first.")
	}
	unchecked := dir + ".unchecked"
	r, err := restored(ctx, file, *keyFile, unchecked, stdout)
	if err == nil {
		_, err = server.GoOn(unchecked, *by, *why, time.Now().UTC())
	}
	if err == nil {
		err = os.Rename(unchecked, dir)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(unchecked))
	}
	fmt.Fprintf(stdout, `Restored to %s. The school's ledger goes on in epoch %d; epoch %d ends with record %d.
Start the server on it: bellkeep serve --config server.yaml
Then let each bank join again, so that it witnesses the new epoch: bellkeep bank add BANK
`, dir, r.School.Epoch+1, r.School.Epoch, r.School.Size)
	if _, err := os.Stat(filepath.Join(dir, apple.Platform)); err == nil {
		fmt.Fprintf(stdout, "The key of the iPads' secrets is in no backup: bring it back from the safe to %s\nbefore the server starts. Without it renew the push certificate, with the same Apple Account.\n", sealKeyOf(dir))
	}
	return nil
}
