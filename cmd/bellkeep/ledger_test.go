package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// someLedger is a closed ledger of five records in a folder inside the data
// folder, one of them with a commitment to what a vault holds.
type someLedger struct{ data, file, vault string }

func newLedger(t *testing.T) someLedger {
	t.Helper()
	ctx := context.Background()
	s := someLedger{data: t.TempDir()}
	s.vault = filepath.Join(s.data, "vault")
	v, err := vault.Open(s.vault)
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.Put(ctx, "n-1", []byte("a note"))
	if err := errors.Join(err, v.Close()); err != nil {
		t.Fatal(err)
	}
	l, err := boltlog.Open(filepath.Join(s.data, "bank-a"), boltlog.Options{Writer: "bank-a"})
	if err != nil {
		t.Fatal(err)
	}
	at := ledger.Stamp{Wall: time.Date(2026, 9, 7, 7, 41, 3, 250e6, time.UTC), Trusted: true}
	note, _ := json.Marshal(map[string]any{"commitment": c})
	_, err = l.Append(ctx,
		ledger.Entry{Kind: "deposit-intended", Stamp: at, Door: 12, Purpose: "deposit"},
		ledger.Entry{Kind: "door-opened", Stamp: at, Door: 12},
		ledger.Entry{Kind: "door-opened", Door: 7, Body: json.RawMessage("{\"why\":\"\u009b31m\"}")},
		ledger.Entry{Kind: "note-taken", Stamp: at, Body: note},
	)
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	s.file = l.Name().Path()
	return s
}

func runLedger(args ...string) (stdout string, err error) {
	var out, progress bytes.Buffer
	err = ledgerCommand(context.Background(), args, &out, &progress)
	return out.String(), err
}

func mustPrint(t *testing.T, out string, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("no %q in\n%s", w, out)
		}
	}
}

func TestLedgerVerify(t *testing.T) {
	s := newLedger(t)
	out, err := runLedger("verify", "--data", s.data, "--vault", s.vault)
	mustPrint(t, out, err, "bank-a.1.ledger: sound", "bank-a epoch 1, 5 records", "1 commitments open, 0 were erased, 0 do not match")

	checkpoint, err := runLedger("checkpoint", s.file)
	mustPrint(t, checkpoint, err, "bellkeep/bank-a/1\n5\n")
	kept := filepath.Join(t.TempDir(), "friday.txt")
	mailed := "\r\n" + strings.ReplaceAll(checkpoint, "\n", "\r\n") + "\r\n"
	if err := os.WriteFile(kept, []byte(mailed), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = runLedger("verify", s.file, "--checkpoint", kept, "--key", s.file+".pub")
	mustPrint(t, out, err, "sound")
}

func TestLedgerVerifyNamesDamage(t *testing.T) {
	s := newLedger(t)
	data, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte(`"door":7`), []byte(`"door":8`))
	if err := os.WriteFile(s.file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := runLedger("verify", s.file)
	if errs.CodeOf(err) != errs.Internal || !strings.Contains(err.Error(), "damaged from sequence 3 on") {
		t.Errorf("error is %v", err)
	}
	if !strings.Contains(out, "DAMAGED") || !strings.Contains(out, "sequence 3:") || !strings.Contains(out, "4 of 5 records are good") {
		t.Errorf("printed\n%s", out)
	}
}

func TestLedgerVerifyComparesTheVault(t *testing.T) {
	s := newLedger(t)
	v, err := vault.Open(s.vault)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(v.Erase(context.Background(), "n-1"), v.Close()); err != nil {
		t.Fatal(err)
	}
	out, err := runLedger("verify", s.file, "--vault", s.vault)
	mustPrint(t, out, err, "0 commitments open, 1 were erased")

	other := newLedger(t)
	out, err = runLedger("verify", s.file, "--vault", other.vault)
	if errs.CodeOf(err) != errs.Internal || !strings.Contains(out, "sequence 4: its commitment does not match") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLedgerShow(t *testing.T) {
	s := newLedger(t)
	out, err := runLedger("show", s.file)
	mustPrint(t, out, err, "SEQ", "2026-09-07 08:41:03.250 ", "deposit-intended", "epoch-opened", "      3  ?  ")
	if strings.Contains(out, "\u009b") {
		t.Error("a record steers the terminal")
	}
	out, err = runLedger("show", "--zone", "UTC", s.data, "--door", "12", "--kind", "door-opened")
	mustPrint(t, out, err, "2026-09-07 07:41:03.250 ")
	if lines := strings.Count(out, "\n"); lines != 2 {
		t.Errorf("%d lines, want the head and one record\n%s", lines, out)
	}
	out, err = runLedger("show", s.file, "--json", "--from", "2")
	mustPrint(t, out, err, `{"v":1,"seq":2,"kind":"door-opened","at":"2026-09-07T07:41:03.250Z","trusted":true,"door":12}`)
	if strings.Count(out, "\n") != 3 {
		t.Errorf("printed\n%s", out)
	}
}

func TestLedgerNewEpoch(t *testing.T) {
	s := newLedger(t)
	dir := filepath.Dir(s.file)
	out, err := runLedger("new-epoch", "--data", dir, "--by", "s-17", "--why", "restored from Sunday")
	mustPrint(t, out, err, "bank-a begins epoch 2")
	out, err = runLedger("verify", "--data", s.data)
	mustPrint(t, out, err, "bank-a.1.ledger: sound", "bank-a.2.ledger: sound", "follows on epoch 1 at size 5 of 5")
}

func TestLedgerMisuse(t *testing.T) {
	s := newLedger(t)
	for _, args := range [][]string{
		{"mend"},
		{"verify"},
		{"verify", s.file, "--data", s.data},
		{"verify", s.file, "more"},
		{"verify", "--no-such-flag"},
		{"show"},
		{"show", s.file, "--zone", "Nowhere"},
		{"export"},
		{"export", "--data", s.data, "more"},
		{"compare"},
		{"compare", s.file},
		{"compare", s.file, s.file, "more"},
		{"compare", "--fast", s.file},
		{"new-epoch", "--data", s.data},
		{"new-epoch", "--data", s.data, "--by", "s-17", "--why", "no ledger right here"},
	} {
		var wrong cli.MisuseError
		if _, err := runLedger(args...); !errors.As(err, &wrong) {
			t.Errorf("%q: %v, want misuse", args, err)
		}
	}
	for _, args := range [][]string{
		{"verify", "--data", filepath.Join(s.data, "none")},
		{"verify", "--data", t.TempDir()},
		{"verify", s.file, "--key", filepath.Join(s.data, "none")},
		{"show", filepath.Join(s.data, "none")},
		{"export", "--data", s.data, "--writer", "bank-b"},
		{"export", "--data", s.data, "--epoch", "2"},
		{"compare", s.file, filepath.Join(s.data, "none")},
	} {
		if _, err := runLedger(args...); errs.CodeOf(err) != errs.NotFound || errs.HintOf(err) == "" {
			t.Errorf("%q: %v, want not found and a hint", args, err)
		}
	}
}

func TestLedgerHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"verify", "--help"}, {"show", "-h"}, {"checkpoint", "--help"}, {"export", "--help"}, {"compare", "--help"}, {"new-epoch", "--help"}} {
		out, err := runLedger(args...)
		if err != nil && !errors.Is(err, cli.ErrHelp) || !strings.Contains(out, "Example: bellkeep ledger ") {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
}
