// Package audit holds a bank's ledger against what really happened in the
// pretend world. Demonstrations and crash tests use it; no part of the product
// does, for the product never reads the truth.
//
// Three things must agree. Every unlock frame a board saw has one intent of its
// own, committed before it, and every opening the ledger is sure of had its
// frame. What the frame did is what the ledger says it did. And a phone, a
// pupil's or an item, lies behind a door exactly if the ledger says so, or says
// that it is unsure.
package audit

import (
	"context"
	"fmt"
	"slices"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// Row is one line of the comparison.
type Row struct {
	Truth uint64 // line of the truth file, 0 for none
	Seq   uint64 // sequence on the ledger, 0 for none
	Text  string
	Agree bool
	Open  bool // the ledger itself says that nobody knows
}

// String gives the row as it is printed.
func (r Row) String() string {
	mark := "agree"
	switch {
	case !r.Agree:
		mark = "DIFFER"
	case r.Open:
		mark = "unsure"
	}
	return fmt.Sprintf("%-6s truth %5s  ledger %5s  %s", mark, number(r.Truth), number(r.Seq), r.Text)
}

func number(n uint64) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// Report is a whole comparison.
type Report struct {
	Rows     []Row
	Frames   int // unlock frames the boards saw
	Openings int // intents the ledger is sure were sent
	Unsure   int // intents nobody knows of whether they were sent
	Sent     int // those of them that a board saw the frame of
	Records  int
	Lines    int
}

// Balanced reports whether every frame the boards saw is an opening on the
// ledger, sure or unsure, and the other way round.
func (r Report) Balanced() bool { return r.Frames == r.Openings+r.Sent }

// Differences are the rows that do not agree.
func (r Report) Differences() []Row {
	return slices.DeleteFunc(slices.Clone(r.Rows), func(row Row) bool { return row.Agree })
}

// Compare holds the ledgers of one bank, oldest epoch first, against the truth.
func Compare(ctx context.Context, setup locker.Setup, truth []world.Line, logs ...Log) (Report, error) {
	c := comparison{state: locker.NewState(setup), truth: truth}
	for epoch, log := range logs {
		err := log.Read(ctx, 0, func(r ledger.Record) error {
			e, err := record.Event(r)
			c.events = append(c.events, event{epoch, r.Seq, e})
			c.state.Apply(r.Seq, e)
			return err
		})
		if err != nil {
			return Report{}, err
		}
	}
	c.forget()
	c.report.Records, c.report.Lines = len(c.events), len(truth)
	c.pulses()
	c.custody()
	return c.report, nil
}

// Log is a ledger to be read.
type Log interface {
	Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error
}

type event struct {
	epoch int
	seq   uint64
	locker.Event
}

type comparison struct {
	state  *locker.State
	truth  []world.Line
	events []event
	lost   map[owner]bool // whose last records a dead machine kept for itself
	report Report
}

// forget finds whom the records are about that a dead machine took with it: the one
// in its place says how many it knew, and so that it knows no better.
func (c *comparison) forget() {
	c.lost = map[owner]bool{}
	for i, e := range c.events {
		if e.Kind != locker.TookOver {
			continue
		}
		for _, old := range c.events[:i] {
			if old.epoch == e.epoch-1 && old.seq >= e.Of {
				c.lost[owner{old.Person, old.Item}] = true
			}
		}
	}
}

func (c *comparison) row(truth, seq uint64, agree bool, format string, args ...any) {
	c.report.Rows = append(c.report.Rows, Row{Truth: truth, Seq: seq, Text: fmt.Sprintf(format, args...), Agree: agree})
}
