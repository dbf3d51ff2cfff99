package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

const ledgerHelp = `Usage: bellkeep ledger COMMAND [flags]

Reads and checks ledgers that no running Bellkeep has open.

  verify      rebuild a ledger's tree and name whatever does not fit
  show        list records
  export      write records exactly as they are stored, one a line
  compare     name the first record at which two ledgers differ
  checkpoint  print the newest signed checkpoint, to keep elsewhere
  new-epoch   begin a new ledger after a restore or on a replaced bank

Example: bellkeep ledger verify --data /var/lib/bellkeep
`

var ledgerCommands = map[string]func(ctx context.Context, args []string, stdout, stderr io.Writer) error{
	"verify":     ledgerVerify,
	"show":       ledgerShow,
	"export":     ledgerExport,
	"compare":    ledgerCompare,
	"checkpoint": ledgerCheckpoint,
	"new-epoch":  ledgerNewEpoch,
}

func ledgerCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		fmt.Fprint(stdout, ledgerHelp)
		return nil
	}
	run, ok := ledgerCommands[args[0]]
	if !ok {
		return misuse("There is no command %q. Run: bellkeep ledger --help", args[0])
	}
	return run(ctx, args[1:], stdout, stderr)
}

// parseWithFile reads args in which one file may stand before, between or
// behind the flags.
func parseWithFile(fs *flag.FlagSet, args []string, stdout io.Writer) (file string, err error) {
	for {
		if fs.Parse(args) != nil || fs.NArg() == 0 || file != "" {
			return file, parse(fs, args, stdout) // words help, faults and stray words
		}
		file, args = fs.Arg(0), fs.Args()[1:]
	}
}

// findLedgers gives the ledger files at path: itself, or those in the folder
// and in the folders right inside it.
func findLedgers(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, fmt.Sprintf("There is no %s.", path), "Check the path.")
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	dirs, err := withFolders(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, dir := range dirs {
		names, err := boltlog.List(dir)
		if err != nil {
			return nil, unreadable(dir, err)
		}
		for _, n := range names {
			files = append(files, n.Path())
		}
	}
	if len(files) == 0 {
		return nil, errs.New(errs.NotFound, fmt.Sprintf("There is no ledger in %s.", path), "Name the folder that holds a file like bank-a.1.ledger.")
	}
	slices.Sort(files)
	return files, nil
}

// withFolders gives dir and the folders right inside it.
func withFolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	dirs := []string{dir}
	for _, e := range entries {
		if e.IsDir() {
			dirs = append(dirs, filepath.Join(dir, e.Name()))
		}
	}
	return dirs, nil
}

func unreadable(dir string, err error) error {
	return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The folder %s cannot be read.", dir), "Check who may read it.")
}

// oneLedger is for commands that work on a single file.
func oneLedger(path string) (string, error) {
	if path == "" {
		return "", misuse("Name a ledger file, for example data/bank-a.1.ledger.")
	}
	files, err := findLedgers(path)
	if err != nil {
		return "", err
	}
	if len(files) > 1 {
		return "", misuse("There are %d ledgers in %s. Name one of them, for example %s.", len(files), path, files[len(files)-1])
	}
	return files[0], nil
}
