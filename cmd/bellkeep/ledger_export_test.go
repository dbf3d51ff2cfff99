package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

// copyOf copies the first n records of a ledger into a folder of its own.
func copyOf(t *testing.T, file string, n int) string {
	t.Helper()
	f, err := boltlog.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var leaves [][]byte
	err = f.Read(t.Context(), 0, func(r ledger.Record) error {
		leaves = append(leaves, r.Leaf)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := f.LastCheckpoint()
	if err != nil {
		t.Fatal(err)
	}
	c, err := boltlog.OpenCopy(t.TempDir(), "bank-a", 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Append(t.Context(), 0, leaves[:n])
	if err := errors.Join(err, c.Checkpoint(signed), c.Close()); err != nil {
		t.Fatal(err)
	}
	return c.Name().Path()
}

func TestLedgerExport(t *testing.T) {
	s := newLedger(t)
	own, err := runLedger("export", "--data", s.data)
	mustPrint(t, own, err, `{"v":1,"seq":0,"kind":"epoch-opened"`, `{"v":1,"seq":2,"kind":"door-opened","at":"2026-09-07T07:41:03.250Z","trusted":true,"door":12}`+"\n")
	if strings.Count(own, "\n") != 5 {
		t.Errorf("printed\n%s", own)
	}
	copy := copyOf(t, s.file, 5)
	copied, err := runLedger("export", "--data", copy)
	if err != nil || copied != own {
		t.Errorf("the copy gives\n%s%v", copied, err)
	}
	out := filepath.Join(t.TempDir(), "out")
	args := []string{"export", "--data", s.data, "--writer", "bank-a", "--epoch", "1", "--from", "3", "--out", out}
	if _, err := runLedger(args...); err != nil {
		t.Fatal(err)
	}
	if tail, err := os.ReadFile(out); err != nil || !strings.HasSuffix(own, "\n"+string(tail)) || strings.Count(string(tail), "\n") != 2 {
		t.Errorf("from 3: %s%v", tail, err)
	}
	if _, err := runLedger(args...); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("wrote over a file: %v", err)
	}
	report, err := runLedger("verify", copy)
	mustPrint(t, report, err, "sound", "5 records, 1 signed checkpoints, the newest at size 5")
}

func TestLedgerExportChooses(t *testing.T) {
	data := t.TempDir()
	for _, at := range []struct{ dir, writer string }{{"one", "a"}, {"one", "school"}, {"two", "a"}} {
		l, err := boltlog.Open(filepath.Join(data, at.dir), boltlog.Options{Writer: at.writer})
		if err := errors.Join(err, l.Close()); err != nil {
			t.Fatal(err)
		}
	}
	one := filepath.Join(data, "one")
	if _, err := boltlog.NewEpoch(one, boltlog.Options{Writer: "a"}, boltlog.Successor{By: "s-1", Why: "test"}); err != nil {
		t.Fatal(err)
	}
	out, err := runLedger("export", "--data", one, "--writer", "a")
	mustPrint(t, out, err, `"epoch":2`)
	out, err = runLedger("export", "--data", one, "--writer", "a", "--epoch", "1")
	mustPrint(t, out, err, `"epoch":1`)
	for _, args := range [][]string{{"export", "--data", one}, {"export", "--data", data, "--writer", "a", "--epoch", "1"}} {
		var wrong cli.MisuseError
		if _, err := runLedger(args...); !errors.As(err, &wrong) {
			t.Errorf("%q: %v, want misuse", args, err)
		}
	}
}

func TestLedgerCompare(t *testing.T) {
	s, stranger := newLedger(t), newLedger(t)
	out, err := runLedger("compare", s.file, copyOf(t, s.file, 5))
	mustPrint(t, out, err, "The same 5 records.")
	short := copyOf(t, s.file, 3)
	for _, args := range [][]string{{s.file, short}, {short, s.file}} {
		_, err = runLedger("compare", args[0], args[1])
		want := fmt.Sprintf("%s holds the first 3 of the 5 records of %s", short, s.file)
		if errs.CodeOf(err) != errs.Conflict || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err = runLedger("compare", s.file, stranger.file); !strings.Contains(err.Error(), "differ from sequence 0 on") {
		t.Error(err)
	}
	forked := copyOf(t, s.file, 3)
	c, err := boltlog.OpenCopy(filepath.Dir(forked), "bank-a", 1)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := ledger.Encode(3, ledger.Entry{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Append(context.Background(), 3, [][]byte{leaf})
	if err := errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err = runLedger("compare", forked, s.file); !strings.Contains(err.Error(), "differ from sequence 3 on") {
		t.Error(err)
	}
}
