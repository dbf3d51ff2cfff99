package main

import (
	"fmt"
	"io"
	"time"

	"github.com/bellkeep/bellkeep/internal/continuity"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// verifySheet says what a continuity sheet proves. It needs no ledger, server or
// network.
func verifySheet(path string, stdout io.Writer) error {
	data, err := durable.ReadFile(path, continuity.MaxBytes)
	if err != nil {
		return errs.Wrap(err, errs.NotFound, fmt.Sprintf("The file %s cannot be read.", path), "Check the path.")
	}
	s, err := continuity.Decode(data)
	if err != nil {
		return err
	}
	report, err := continuity.Verify(s)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s, %s: everything on this sheet holds.\n", s.Item, s.School)
	fmt.Fprintf(stdout, "SHA-256 of the file; the paper must show the same: %s\n", continuity.Sum(data))
	for _, l := range report.Ledgers {
		fmt.Fprintf(stdout, "%s: %d of %d records, root %s, key %s\n", l.Origin, l.Records, l.Size, l.Root, l.Key)
	}
	for _, step := range report.Steps {
		door := ""
		if step.Door != 0 {
			door = fmt.Sprintf(" door %d", step.Door)
		}
		fmt.Fprintf(stdout, "%s  %s%s %s (%s record %d)\n", step.At.Format(time.RFC3339), step.Kind, door, step.For, step.Ledger, step.Seq)
	}
	for _, a := range report.Signed {
		fmt.Fprintf(stdout, "Record %d of %s, %s of door %d, was signed by %s and by %s, each with a passkey.\n", a.Seq, a.Ledger, a.Wish.Kind, a.Wish.Door, a.Persons[0], a.Persons[1])
	}
	return nil
}
