package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

const ledgerCompareHelp = `Compares two ledger files record by record, a ledger with a copy of it for
example, and names the first sequence at which they differ. Exit code 0 only
when they hold the same records.

Example: bellkeep ledger compare bank/a.1.ledger server/a.1.ledger`

func ledgerCompare(ctx context.Context, args []string, stdout, _ io.Writer) error {
	fs := newFlags("ledger compare", ledgerCompareHelp)
	if len(args) == 2 && args[0][:min(1, len(args[0]))] != "-" {
		return compareLedgers(ctx, args[0], args[1], stdout)
	}
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	return misuse("Name two ledger files. Run: bellkeep ledger compare --help")
}

func compareLedgers(ctx context.Context, a, b string, stdout io.Writer) error {
	one, err := openOne(a)
	if err != nil {
		return err
	}
	defer one.Close()
	two, err := openOne(b)
	if err != nil {
		return err
	}
	defer two.Close()
	same, err := equalRecords(ctx, one, two)
	switch {
	case err != nil:
		return err
	case same < one.Size() && same < two.Size():
		return errs.New(errs.Conflict, fmt.Sprintf("%s and %s differ from sequence %d on.", a, b, same),
			fmt.Sprintf("Look at both: bellkeep ledger show FILE --json --from %d", same))
	case one.Size() != two.Size():
		if one.Size() > two.Size() {
			a, b, one, two = b, a, two, one
		}
		return errs.New(errs.Conflict, fmt.Sprintf("%s holds the first %d of the %d records of %s, all equal.", a, one.Size(), two.Size(), b),
			"A copy may not have caught up yet; otherwise its end was cut off.")
	}
	fmt.Fprintf(stdout, "The same %d records.\n", same)
	return nil
}

func openOne(path string) (*boltlog.File, error) {
	file, err := oneLedger(path)
	if err != nil {
		return nil, err
	}
	return boltlog.OpenFile(file)
}

// equalRecords counts the records from the first on that are the same.
func equalRecords(ctx context.Context, one, two *boltlog.File) (same uint64, err error) {
	var fault error
	next, stop := iter.Pull(leaves(ctx, two, &fault))
	defer stop()
	err = one.Read(ctx, 0, func(r ledger.Record) error {
		leaf, ok := next()
		if !ok || !bytes.Equal(leaf, r.Leaf) {
			return errReadEnough
		}
		same++
		return nil
	})
	if errors.Is(err, errReadEnough) {
		err = nil
	}
	return same, errors.Join(err, fault)
}

// errReadEnough ends a reading early.
var errReadEnough = errors.New("read enough")

// leaves gives the records of f, up to an error that it leaves in fault.
func leaves(ctx context.Context, f *boltlog.File, fault *error) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		err := f.Read(ctx, 0, func(r ledger.Record) error {
			if !yield(r.Leaf) {
				return errReadEnough
			}
			return nil
		})
		if !errors.Is(err, errReadEnough) {
			*fault = err
		}
	}
}
