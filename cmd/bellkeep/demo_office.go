package main

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/bellkeep/bellkeep/internal/audit"
	"github.com/bellkeep/bellkeep/web/school"
	"github.com/bellkeep/bellkeep/web/ui"
)

// office is the school's side of the demonstration: the board behind its
// sign-in.
type office struct {
	demo     *demo
	names    map[string]person
	listener net.Listener
}

type person struct{ name, form string }

func openOffice(_ context.Context, d *demo) (*office, error) {
	o := &office{demo: d, names: map[string]person{}}
	for _, p := range d.school.Pupils {
		o.names[p.ID] = person{p.Name, p.Form}
	}
	var err error
	o.listener, err = ui.Listen(d.listen)
	return o, err
}

func (o *office) run(ctx context.Context) error {
	pages, err := school.New(ctx, school.Config{
		School: o.demo.school.Name, Boards: o.demo.board, Names: o, Accounts: o,
		Demo: func() school.Demo { return school.Demo{Now: o.demo.clock.Now(), Speed: o.demo.clock.Speed()} },
		Now:  time.Now, Log: slog.Default(), Plain: true,
	})
	if err != nil {
		return err
	}
	return ui.Serve(ctx, o.listener, pages, slog.Default())
}

func (o *office) url() string { return "http://" + o.listener.Addr().String() }

func (o *office) Close() error { return o.listener.Close() }

// Name is what the vault knows of a person.
func (o *office) Name(id string) (name, form string, ok bool) {
	p, ok := o.names[id]
	return p.name, p.form, ok
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
	fmt.Fprintf(w, "Compared %d truth lines with %d ledger records: %d unlock frames seen by the boards, %d openings on the ledger, %d unsure, %d of %d lines differ.\n",
		r.Lines, r.Records, r.Frames, r.Openings, r.Unsure, differ, len(r.Rows))
	if differ > 0 || r.Frames != r.Openings {
		return errDiffer
	}
	return nil
}
