package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/backup"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
)

const backupHelp = `Usage: bellkeep backup COMMAND [flags]

Keeps a second copy of all that a school's server keeps, sealed so that only the
school can read it. Write "backup:" in server.yaml for one every night.

  key    make the key that backups are sealed to, once
  now    have the running server make one, and read it back
  check  read one whole, and leave nothing behind

bellkeep restore brings one back.

Example: bellkeep backup key --to backup-key.txt
`

var backupCommands = map[string]func(ctx context.Context, args []string, stdout, stderr io.Writer) error{
	"key":   backupKey,
	"now":   backupNow,
	"check": backupCheck,
}

func backupCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		fmt.Fprint(stdout, backupHelp)
		return nil
	}
	run, ok := backupCommands[args[0]]
	if !ok {
		return misuse("There is no command %q. Run: bellkeep backup --help", args[0])
	}
	return run(ctx, args[1:], stdout, stderr)
}

const backupKeyHelp = `Makes the key that a school's backups are sealed to. The public half, which is
printed, goes into server.yaml. The file has the secret half: print it twice, put
the sheets into two safes, and remove the file from this machine. Who has it can
read every backup; without it no backup can be read by anybody.

Example: bellkeep backup key --to backup-key.txt`

func backupKey(_ context.Context, args []string, stdout, _ io.Writer) error {
	fs := newFlags("backup key", backupKeyHelp)
	to := fs.String("to", "", "`file` to write, which must not exist")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *to == "" {
		return misuse("Say where the key goes: bellkeep backup key --to backup-key.txt")
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(*to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errs.Wrap(err, errs.Conflict, fmt.Sprintf("The file %s cannot be made.", *to), "Name a file that does not exist yet.")
	}
	_, err = fmt.Fprintf(f, `# The key to this school's Bellkeep backups. Made %s.
# Print this sheet twice, keep the sheets in two safes, remove the file.
# public half, for server.yaml: %s
%s
`, time.Now().UTC().Format(time.DateOnly), key.Recipient(), key)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, `The secret half is in %s: print it twice, keep the sheets in two safes, remove the file.
For server.yaml:

  backup: {folder: /media/backup, key: %s}
`, *to, key.Recipient())
	return nil
}

const backupNowHelp = `Has the running server make a backup now. It is read back from the disk, every
ledger in it is checked, and the school's is shown to be the beginning of the one
in use; then it gets its name. The data folder needs as much free space again for
that moment. Without --to and --key it goes where the nightly ones go.

Example: bellkeep backup now --data /var/lib/bellkeep`

func backupNow(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := newFlags("backup now", backupNowHelp)
	data := fs.String("data", "", "the server's data `folder`")
	to := fs.String("to", "", "`folder` for the backup")
	key := fs.String("key", "", "public half of the `key` to seal it to: age1...")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *data == "" {
		return misuse("--data is needed. Run: bellkeep backup now --help")
	}
	folder := *to
	if folder != "" {
		var err error
		if folder, err = filepath.Abs(folder); err != nil {
			return err
		}
	}
	fmt.Fprintln(stderr, "The server makes the backup and reads it back. A large school's takes a minute or two.")
	made, err := server.AskBackup(ctx, *data, folder, *key)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d files, %.1f MB, %d records of the school's ledger; read back and sound.\n", made.Path, made.Files, float64(made.Bytes)/1e6, made.Records)
	return nil
}

const backupCheckHelp = `Reads a backup whole: unpacks it into a folder that is removed again, checks every
ledger in it and holds the school's against the vault. On any machine that has the
key; the free space it needs is that of the data folder. Do it once a term, with
the sheet from the safe.

Example: bellkeep backup check bellkeep-2026-11-23-020000Z.age --key backup-key.txt`

func backupCheck(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := newFlags("backup check FILE", backupCheckHelp)
	keyFile := fs.String("key", "", "`file` with the secret half of the key")
	file, err := parseWithFile(fs, args, stdout)
	if err != nil {
		return err
	}
	if file == "" || *keyFile == "" {
		return misuse("Name the backup and its key: bellkeep backup check FILE --key backup-key.txt")
	}
	dir, err := os.MkdirTemp("", "bellkeep-backup")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(stderr, "Unpacking and checking it.")
	_, err = restored(ctx, file, *keyFile, filepath.Join(dir, "data"), stdout)
	return err
}

// restored unpacks a backup, checks it and says what is in it.
func restored(ctx context.Context, file, keyFile, dir string, stdout io.Writer) (server.Restored, error) {
	keys, err := readKeys(keyFile)
	if err != nil {
		return server.Restored{}, err
	}
	f, err := os.Open(file)
	if err != nil {
		return server.Restored{}, errs.Wrap(err, errs.NotFound, fmt.Sprintf("The backup %s cannot be read.", file), "Check the path.")
	}
	defer f.Close()
	m, err := backup.Restore(f, dir, keys...)
	if err != nil {
		return server.Restored{}, err
	}
	r, err := server.ReadRestored(ctx, dir)
	if err != nil {
		return r, err
	}
	fmt.Fprintf(stdout, "%s: %s, begun %s, %d files, sound.\n", filepath.Base(file), m.School, m.At.Format("2006-01-02 15:04:05 MST"), len(m.Files))
	for _, l := range r.All {
		fmt.Fprintf(stdout, "  %s epoch %d: %d records, root %s\n", l.Writer, l.Epoch, l.Size, l.Root)
	}
	return r, nil
}

// readKeys reads the sheet that backup key wrote, which may have been typed.
func readKeys(path string) ([]age.Identity, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, fmt.Sprintf("The key %s cannot be read.", path), "Check the path.")
	}
	keys, err := age.ParseIdentities(strings.NewReader(string(text)))
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, fmt.Sprintf("The file %s has no key to backups.", path), "One line of it begins with AGE-SECRET-KEY-1.")
	}
	return keys, nil
}
