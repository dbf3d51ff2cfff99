package uplink

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// paper is a ledger of so many equal records, of which some can be read.
type paper struct{ size, readable uint64 }

func (p paper) Size() uint64           { return p.size }
func (p paper) LastCheckpoint() []byte { return nil }

func (p paper) Read(_ context.Context, from uint64, fn func(ledger.Record) error) error {
	for seq := from; seq < p.size; seq++ {
		if seq >= p.readable {
			return errors.New("a bad sector")
		}
		if err := fn(ledger.Record{Seq: seq, Leaf: []byte("paper")}); err != nil {
			return err
		}
	}
	return nil
}

// Whatever is wrong with an earlier ledger, the one that is being written goes up.
func TestHistoryDoesNotBlockThePresent(t *testing.T) {
	for name, c := range map[string]struct {
		past paper
		ack  wire.JournalAck
	}{
		"refused":                 {paper{5, 5}, wire.JournalAck{Refused: "it is not the ledger I know"}},
		"the server has more":     {paper{5, 5}, wire.JournalAck{Size: 6}},
		"unreadable at the start": {paper{5, 0}, wire.JournalAck{}},
		"unreadable later on":     {paper{5, 3}, wire.JournalAck{Size: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			r := openRig(t)
			r.History = []Epoch{{7, c.past}}
			current := r.server(t, func(j wire.Journal) *wire.JournalAck {
				if j.Epoch != 7 {
					return nil
				}
				c.ack.V, c.ack.Epoch, c.ack.Ledger = wire.V, 7, j.Ledger
				return &c.ack
			})
			r.run(t)
			r.append(t, 3)
			r.arrives(t, current)
		})
	}
}

func (r *rig) arrives(t *testing.T, c *boltlog.Copy) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if err := c.Wait(ctx, r.log.Size()-1); err != nil {
		t.Fatalf("the copy has %d of %d records: %v", c.Size(), r.log.Size(), err)
	}
}

// refusing is a server that takes nothing, and counts how often it was asked.
type refusing struct {
	*Link
	ack   wire.JournalAck
	asked int
}

func (s *refusing) Publish(_ context.Context, _ string, payload []byte, _ bool) error {
	var j wire.Journal
	if err := wire.Decode(payload, &j); err != nil {
		return err
	}
	s.asked++
	s.ack.Epoch, s.ack.Ledger = j.Epoch, j.Ledger
	s.acks <- s.ack
	return nil
}

func (s *refusing) Subscribe(context.Context, string, func(string, []byte, bool)) error { return nil }

// A bank whose ledger is refused asks again once a minute, not again and again.
func TestRefusedLedgerRests(t *testing.T) {
	for name, ack := range map[string]wire.JournalAck{"refused": {Refused: "no"}, "the server has more": {Size: 6}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &refusing{ack: ack}
				l := New(Config{Bank: "a", Root: wire.DefaultRoot, Bus: server})
				server.Link = l
				ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
				defer stop()
				grown := make(chan struct{}, 1)
				grown <- struct{}{}
				if err := l.follow(ctx, Epoch{1, paper{5, 5}}, "mine", grown); !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				if server.asked < 9 || server.asked > 11 {
					t.Errorf("asked %d times in ten minutes", server.asked)
				}
			})
		})
	}
}
