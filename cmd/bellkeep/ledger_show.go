package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

const ledgerShowHelp = `Lists the records of a ledger, one line each. A time with a question mark was
taken from a clock that could not be trusted.

Example: bellkeep ledger show data/bank-a.1.ledger --door 12 --from 400 | less`

func ledgerShow(ctx context.Context, args []string, stdout, _ io.Writer) error {
	fs := newFlags("ledger show FILE", ledgerShowHelp)
	from := fs.Uint64("from", 0, "first `sequence` to show")
	kind := fs.String("kind", "", "show only records of this `kind`")
	door := fs.Int("door", 0, "show only records about this `door`")
	asJSON := fs.Bool("json", false, "print the leaves exactly as they are stored")
	zone := fs.String("zone", "Europe/London", "the school's time `zone`")
	file, err := parseWithFile(fs, args, stdout)
	if err != nil {
		return err
	}
	location, err := time.LoadLocation(*zone)
	if err != nil {
		return misuse("There is no time zone %q. Write it as in Europe/London.", *zone)
	}
	if file, err = oneLedger(file); err != nil {
		return err
	}
	f, err := boltlog.OpenFile(file)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriter(stdout)
	if !*asJSON {
		fmt.Fprintf(out, showRow, "SEQ", "TIME", "KIND", "DOOR", "FOR", "BODY")
	}
	err = f.Read(ctx, *from, func(r ledger.Record) error {
		if *kind != "" && r.Kind != *kind || *door != 0 && r.Door != *door {
			return nil
		}
		if *asJSON {
			_, err := fmt.Fprintf(out, "%s\n", r.Leaf)
			return err
		}
		return showRecord(out, r, location)
	})
	// What was read before an error is shown all the same.
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	return err
}

const showRow = "%7s  %-24s  %-24s  %4s  %-14s  %s\n"

func showRecord(w io.Writer, r ledger.Record, zone *time.Location) error {
	at, door := "", ""
	if !r.Stamp.Wall.IsZero() {
		at = r.Stamp.Wall.In(zone).Format("2006-01-02 15:04:05.000")
	}
	if !r.Stamp.Trusted {
		at += "?"
	}
	if r.Door != 0 {
		door = strconv.Itoa(r.Door)
	}
	_, err := fmt.Fprintf(w, showRow, strconv.FormatUint(r.Seq, 10), at, r.Kind, door, r.Purpose, printable(r.Body))
	return err
}

// printable keeps a record from steering the terminal.
func printable(body []byte) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, string(body))
}
