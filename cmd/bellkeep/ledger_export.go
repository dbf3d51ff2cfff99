package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

const ledgerExportHelp = `Writes the records of a ledger exactly as they are stored, one a line (NDJSON).
A ledger and a copy of it give the same bytes.

Example: bellkeep ledger export --data /var/lib/bellkeep --writer a --out a.ndjson`

func ledgerExport(ctx context.Context, args []string, stdout, _ io.Writer) error {
	fs := newFlags("ledger export", ledgerExportHelp)
	data := fs.String("data", "", "ledger `file`, or folder with ledgers")
	writer := fs.String("writer", "", "whose ledger; needed unless there is one `writer` only")
	epoch := fs.Uint64("epoch", 0, "its `number`; 0 for the newest")
	from := fs.Uint64("from", 0, "first `sequence` to write")
	out := fs.String("out", "", "`file` to make; it must not be there yet")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *data == "" {
		return misuse("Say what to export: bellkeep ledger export --data FOLDER --writer a")
	}
	file, err := chooseLedger(*data, *writer, *epoch)
	if err != nil {
		return err
	}
	f, err := boltlog.OpenFile(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if *out == "" {
		return writeLeaves(ctx, stdout, f, *from)
	}
	return exportTo(ctx, *out, f, *from)
}

// chooseLedger finds the one ledger of a writer and epoch at path. A writer of
// "" is whoever is alone there, epoch 0 the newest.
func chooseLedger(path, writer string, epoch uint64) (string, error) {
	files, err := findLedgers(path)
	if err != nil {
		return "", err
	}
	var found []boltlog.Name
	for _, file := range files {
		n, ok := boltlog.ParsePath(file)
		if !ok || writer != "" && n.Writer != writer || epoch != 0 && n.Epoch != epoch {
			continue
		}
		found = append(found, n)
	}
	if len(found) == 0 {
		return "", errs.New(errs.NotFound, fmt.Sprintf("There is no such ledger in %s.", path),
			"See which there are with: bellkeep ledger verify --data "+path)
	}
	newest := found[0]
	for _, n := range found[1:] {
		if n.Writer != newest.Writer {
			return "", misuse("There are ledgers of %s and %s in %s. Choose with --writer.", newest.Writer, n.Writer, path)
		}
		if n.Epoch == newest.Epoch {
			return "", misuse("%s and %s are the same ledger. Name one of them with --data.", newest.Path(), n.Path())
		}
		if n.Epoch > newest.Epoch {
			newest = n
		}
	}
	return newest.Path(), nil
}

// writeLeaves writes what can be read, up to damage.
func writeLeaves(ctx context.Context, w io.Writer, f *boltlog.File, from uint64) error {
	out := bufio.NewWriter(w)
	err := f.Read(ctx, from, func(r ledger.Record) error {
		out.Write(r.Leaf) // a bufio.Writer keeps its error
		return out.WriteByte('\n')
	})
	return errors.Join(err, out.Flush())
}

func exportTo(ctx context.Context, path string, f *boltlog.File, from uint64) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return errs.Wrap(err, errs.Conflict, fmt.Sprintf("The file %s is there already.", path), "Choose another name, or remove it first.")
	}
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The file %s cannot be written.", path), "Check the path and who may write there.")
	}
	if err := writeLeaves(ctx, out, f, from); err != nil {
		return errors.Join(err, out.Close())
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("The file %s was not written to its end.", path), "Free some space and export again.")
	}
	return nil
}
