package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/audit"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/web/school"
	"github.com/bellkeep/bellkeep/web/ui"
)

// office is the school's side of the demonstration: its own ledger, the vault
// with the names, and the board behind its sign-in.
type office struct {
	demo     *demo
	vault    *vault.Vault
	log      *boltlog.Log
	names    map[string]roster.Personal
	listener net.Listener
}

func openOffice(ctx context.Context, d *demo) (o *office, err error) {
	o = &office{demo: d}
	if o.listener, err = ui.Listen(d.listen); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.Close())
		}
	}()
	dir := filepath.Join(d.data, "school-ledger")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	stamp := func() ledger.Stamp { return ledger.Stamp(d.now()) }
	if o.log, err = boltlog.Open(dir, boltlog.Options{Writer: "school", Stamp: stamp}); err != nil {
		return nil, err
	}
	if o.vault, err = vault.Open(filepath.Join(d.data, "vault")); err != nil {
		return nil, err
	}
	o.names, err = roster.Register(ctx, d.school.Pupils, o.vault, o.log, stamp())
	return o, err
}

func (o *office) run(ctx context.Context) error {
	pages, err := school.New(school.Config{
		School: o.demo.school.Name, Boards: o.demo.board, Names: o, Accounts: o,
		Demo: func() school.Demo { return school.Demo{Now: o.demo.clock.Now(), Speed: o.demo.clock.Speed()} },
		Now:  time.Now, Log: slog.Default(), Plain: true, Idle: demoIdle,
	})
	if err != nil {
		return err
	}
	return errors.Join(ui.Serve(ctx, o.listener, pages, slog.Default()), o.Close())
}

func (o *office) url() string { return "http://" + o.listener.Addr().String() }

// Close gives up what was opened; the listener may be closed already.
func (o *office) Close() error {
	_ = o.listener.Close()
	var err error
	if o.vault != nil {
		err = o.vault.Close()
	}
	if o.log != nil {
		err = errors.Join(err, o.log.Close())
	}
	return err
}

// Name is what the vault knows of a person.
func (o *office) Name(id string) (name, form string, ok bool) {
	p, ok := o.names[id]
	return p.Name, p.Form, ok
}

// Check knows the one account of a demonstration.
func (o *office) Check(user, password string) (role string, ok bool) {
	sameUser := subtle.ConstantTimeCompare([]byte(user), []byte(demoUser))
	samePassword := subtle.ConstantTimeCompare([]byte(password), []byte(demoSecret))
	return "office", sameUser&samePassword == 1
}

// printReport prints a comparison and fails when it found differences.
func printReport(w io.Writer, r audit.Report, all bool) error {
	rows := r.Differences()
	if all {
		rows = r.Rows
	}
	for _, row := range rows {
		fmt.Fprintln(w, " ", row)
	}
	differ := len(r.Differences())
	fmt.Fprintf(w, "Compared %d truth lines with %d ledger records: %d unlock frames seen by the boards, %d openings on the ledger, %d more unsure (%d of them seen), %d of %d lines differ.\n",
		r.Lines, r.Records, r.Frames, r.Openings, r.Unsure, r.Sent, differ, len(r.Rows))
	if differ > 0 || !r.Balanced() {
		return errDiffer
	}
	return nil
}
