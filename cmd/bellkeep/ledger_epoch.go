package main

import (
	"context"
	"fmt"
	"io"

	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

const ledgerCheckpointHelp = `Prints the newest signed checkpoint of a ledger. Mail it, or print it on the day
sheet: with it, 'ledger verify --checkpoint' shows later whether the ledger was
cut or written anew.

Example: bellkeep ledger checkpoint data/bank-a.1.ledger > friday.txt`

func ledgerCheckpoint(_ context.Context, args []string, stdout, _ io.Writer) error {
	file, err := parseWithFile(newFlags("ledger checkpoint FILE", ledgerCheckpointHelp), args, stdout)
	if err != nil {
		return err
	}
	if file, err = oneLedger(file); err != nil {
		return err
	}
	f, err := boltlog.OpenFile(file)
	if err != nil {
		return err
	}
	defer f.Close()
	signed, err := f.LastCheckpoint()
	if err != nil {
		return err
	}
	_, err = stdout.Write(signed)
	return err
}

const ledgerNewEpochHelp = `Begins a new ledger for a writer, after a restore or on a replaced bank. Its first
record names the last known checkpoint of the ledger before, who began it and
why; the old file stays as it is.

Example: bellkeep ledger new-epoch --data /var/lib/bellkeep/bank-a --by s-17 \
  --why "restored from the backup of Sunday evening"`

func ledgerNewEpoch(_ context.Context, args []string, stdout, _ io.Writer) error {
	fs := newFlags("ledger new-epoch", ledgerNewEpochHelp)
	data := fs.String("data", "", "`folder` with the ledger")
	writer := fs.String("writer", "", "whose ledger; needed unless the folder holds one `writer` only")
	by := fs.String("by", "", "staff `id` of who begins it, rather than a name")
	why := fs.String("why", "", "the reason, as a `sentence` without pupils' names")
	epoch := fs.Uint64("epoch", 0, "its `number`; 0 for the next one")
	previous := fs.String("previous", "", "`file` with the last known checkpoint, when the old ledger is lost")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *data == "" || *by == "" || *why == "" {
		return misuse("--data, --by and --why are all needed. Run: bellkeep ledger new-epoch --help")
	}
	if *writer == "" {
		var err error
		if *writer, err = onlyWriter(*data); err != nil {
			return err
		}
	}
	checkpoint, err := readSmall(*previous)
	if err != nil {
		return err
	}
	next := boltlog.Successor{By: *by, Why: *why, Epoch: *epoch}
	if checkpoint != "" {
		next.Previous = []byte(checkpoint + "\n")
	}
	n, err := boltlog.NewEpoch(*data, boltlog.Options{Writer: *writer}, next)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s begins epoch %d in %s. Start Bellkeep again; it goes on there.\n", n.Writer, n.Epoch, n.Path())
	return nil
}

func onlyWriter(dir string) (string, error) {
	names, err := boltlog.List(dir)
	if err != nil || len(names) == 0 {
		return "", misuse("There is no ledger in %s. Name the folder of one, or say whose it is with --writer.", dir)
	}
	if first, last := names[0].Writer, names[len(names)-1].Writer; first != last {
		return "", misuse("The folder %s holds ledgers of %s and %s. Choose with --writer.", dir, first, last)
	}
	return names[0].Writer, nil
}
