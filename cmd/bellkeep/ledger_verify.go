package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bellkeep/bellkeep/internal/continuity"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/vault"
)

const ledgerVerifyHelp = `Rebuilds the tree of every ledger found and compares each record, hash and
signature in the file with it. Damage is named by the sequence at which it
begins. Whoever can write the ledger's folder can replace the key in it too:
--key and --checkpoint compare with what was kept elsewhere.

--sheet verifies the file that came with a continuity sheet, on any computer and
without a network; --page writes a page that does the same in a browser.

Example: bellkeep ledger verify data/bank-a.1.ledger --checkpoint printed-on-friday.txt
Example: bellkeep ledger verify --sheet continuity-i-1.json`

func ledgerVerify(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := newFlags("ledger verify FILE", ledgerVerifyHelp)
	data := fs.String("data", "", "ledger `file`, or folder with ledgers")
	keyFile := fs.String("key", "", "`file` with the verifier key, as kept elsewhere")
	checkpointFile := fs.String("checkpoint", "", "`file` with a signed checkpoint, as kept elsewhere")
	sheetFile := fs.String("sheet", "", "continuity sheet's `file`, to verify by itself: no ledger is needed")
	page := fs.Bool("page", false, "write a page that verifies continuity sheets in a browser, and nothing else")
	vaultFile := fs.String("vault", "", "vault `file` to compare commitments with")
	file, err := parseWithFile(fs, args, stdout)
	if err != nil {
		return err
	}
	switch {
	case *page:
		_, err := stdout.Write(continuity.Page())
		return err
	case *sheetFile != "":
		return verifySheet(*sheetFile, stdout)
	}
	if (*data == "") == (file == "") {
		return misuse("Say what to verify: bellkeep ledger verify --data FOLDER")
	}
	files, err := findLedgers(cmp.Or(*data, file))
	if err != nil {
		return err
	}
	v := verification{stdout: stdout, progress: newProgress(stderr)}
	if v.key, err = readSmall(*keyFile); err != nil {
		return err
	}
	if v.checkpoint, err = readSmall(*checkpointFile); err != nil {
		return err
	}
	if files, err = v.choose(files); err != nil {
		return err
	}
	if *vaultFile != "" {
		if v.vault, err = vault.OpenReadOnly(*vaultFile); err != nil {
			return err
		}
		defer v.vault.Close()
	}
	var faults []error
	for _, file := range files {
		if err := v.verify(ctx, file); err != nil {
			faults = append(faults, err)
		}
	}
	return firstOf(faults)
}

// firstOf is the first fault; the others are on the page already.
func firstOf(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	return faults[0]
}

// readSmall reads a key or checkpoint, which may have been mailed or typed.
func readSmall(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", errs.Wrap(err, errs.NotFound, fmt.Sprintf("The file %s cannot be read.", path), "Check the path.")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, ledger.MaxCheckpoint+1))
	data = bytes.TrimSpace(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
	if err != nil || len(data) > ledger.MaxCheckpoint || len(data) == 0 {
		return "", errs.Wrap(err, errs.Invalid, fmt.Sprintf("The file %s is no key and no checkpoint.", path), "Check the path.")
	}
	return string(data), nil
}

// verification is one run of the command.
type verification struct {
	stdout     io.Writer
	progress   *progress
	key        string
	checkpoint string
	vault      *vault.Vault
}

// choose keeps the files that the given key or checkpoint speaks of.
func (v verification) choose(files []string) ([]string, error) {
	origin, _, _ := strings.Cut(v.checkpoint, "\n")
	if origin == "" {
		origin, _, _ = strings.Cut(v.key, "+")
	}
	if origin == "" || len(files) == 1 {
		return files, nil
	}
	var chosen []string
	for _, file := range files {
		if n, ok := boltlog.ParsePath(file); ok && ledger.Origin(n.Writer, n.Epoch) == origin {
			chosen = append(chosen, file)
		}
	}
	if len(chosen) == 0 {
		return nil, errs.New(errs.NotFound, fmt.Sprintf("None of the ledgers is %q, which the key or checkpoint speaks of.", origin),
			"The ledger may have been removed: look for it in the backup.")
	}
	return chosen, nil
}

func (v verification) verify(ctx context.Context, file string) error {
	count := map[vault.State]int{}
	var differ []string
	o := boltlog.VerifyOptions{Key: v.key, Progress: func(done, total uint64) { v.progress.show(file, done, total) }}
	if v.checkpoint != "" {
		o.Checkpoint = []byte(v.checkpoint + "\n")
	}
	if v.vault != nil {
		o.Each = func(r ledger.Record) error {
			state, found, err := v.vault.CheckBody(r.Body)
			if found {
				count[state]++
			}
			if state == vault.Differs && len(differ) < 20 {
				differ = append(differ, fmt.Sprintf("sequence %d: its commitment does not match the vault", r.Seq))
			}
			return err
		}
	}
	report, err := boltlog.Verify(ctx, file, o)
	v.progress.clear()
	if err != nil {
		return err
	}
	v.print(report)
	if v.vault != nil {
		fmt.Fprintf(v.stdout, "  vault: %d commitments open, %d were erased, %d do not match\n", count[vault.Opens], count[vault.Erased], count[vault.Differs])
		for _, line := range differ {
			fmt.Fprintln(v.stdout, " ", line)
		}
		if report.OK() && len(differ) > 0 {
			return errs.New(errs.Internal, fmt.Sprintf("The vault does not fit the ledger %s: %s.", file, differ[0]),
				"Check that this is the vault of the same school and day; if it is, restore it from the backup.")
		}
	}
	return report.Err()
}

func (v verification) print(r boltlog.Report) {
	if r.OK() {
		fmt.Fprintf(v.stdout, "%s: sound\n", r.Path)
		fmt.Fprintf(v.stdout, "  %s epoch %d, %d records, %d signed checkpoints, the newest at size %d\n", r.Writer, r.Epoch, r.Size, r.Checkpoints, r.Signed)
		fmt.Fprintf(v.stdout, "  root %s\n", r.Root)
	} else {
		fmt.Fprintf(v.stdout, "%s: DAMAGED\n", r.Path)
		fmt.Fprintf(v.stdout, "  %d of %d records are good\n", r.Good, r.Size)
		for _, f := range r.Findings {
			fmt.Fprintln(v.stdout, " ", f.What)
		}
		if r.More > 0 {
			fmt.Fprintf(v.stdout, "  and %d findings more\n", r.More)
		}
	}
	if r.Previous != "" {
		fmt.Fprintln(v.stdout, " ", r.Previous)
	}
}
