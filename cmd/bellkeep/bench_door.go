package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// livingBank goes on with a bank's ledger in its name, on the broker itself: what
// a dashboard shows of a door begins with such a message.
type livingBank struct {
	school *benchSchool
	server *server.Server
	id     string
	ledger string // its id
	first  int    // door
	size   uint64
	door   int            // how many have come
	after  []locker.Event // of the visit that is not over
}

func newLivingBank(ctx context.Context, b *benchSchool, s *server.Server, n int) (*livingBank, error) {
	bank := &livingBank{school: b, server: s, id: pretendBank(n).Setup.Bank, first: pretendBank(n).Setup.Doors[0]}
	c, ok := s.Banks.Copy(bank.id)
	if !ok {
		return nil, fmt.Errorf("the server has nothing of bank %s", bank.id)
	}
	enough := errors.New("the first record is enough")
	err := c.Read(ctx, 0, func(r ledger.Record) error {
		bank.ledger = wire.LedgerID(r.Leaf)
		return enough
	})
	bank.size = c.Size()
	if !errors.Is(err, enough) {
		return nil, err
	}
	return bank, nil
}

// open lets the next pupil's door come open as the one before is shut. When all
// have handed in they collect.
func (b *livingBank) open(ctx context.Context) error {
	before := b.after
	n, purpose := b.door%benchDoors, locker.Deposit
	if b.door/benchDoors%2 == 1 {
		purpose = locker.Collection
	}
	b.door++
	visit := visitOf(fmt.Sprintf("p-%04d", b.first-1+n), b.first+n, purpose, b.size+uint64(len(before)))
	b.after = visit[2:]
	return b.send(ctx, append(before[:len(before):len(before)], visit[:2]...))
}

// shut ends the visit that is not over.
func (b *livingBank) shut(ctx context.Context) error {
	events := b.after
	b.after = nil
	return b.send(ctx, events)
}

func (b *livingBank) send(ctx context.Context, events []locker.Event) error {
	if len(events) == 0 {
		return nil
	}
	j := wire.Journal{V: wire.V, Epoch: 1, Ledger: b.ledger, From: b.size}
	for _, e := range events {
		e.At = b.school.now()
		entry, err := record.Entry(e)
		if err != nil {
			return err
		}
		leaf, err := ledger.Encode(b.size, entry)
		if err != nil {
			return err
		}
		j.Leaves = append(j.Leaves, leaf)
		b.size++
	}
	message, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return b.server.Broker.Conn().Publish(ctx, b.server.Root.Bank(b.id, wire.LeafJournal), message, false)
}

// live lets school time go on and doors open, until ctx ends.
func (b *livingBank) live(ctx context.Context, every time.Duration) error {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return b.shut(context.WithoutCancel(ctx))
		case <-ticks.C:
		}
		b.school.pass(every)
		if err := b.open(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// pass lets school time pass.
func (b *benchSchool) pass(d time.Duration) { b.wall.Add(int64(d)) }
