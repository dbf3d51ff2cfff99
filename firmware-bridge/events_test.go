package bridge

import (
	"context"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

func lastEvent(t *testing.T, log ledger.Reader) locker.Event {
	t.Helper()
	var last locker.Event
	err := log.Read(context.Background(), log.Size()-1, func(r ledger.Record) error {
		var err error
		last, err = record.Event(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return last
}

// intentEntry is a deposit at door 1 as it is written down.
func intentEntry(t *testing.T) ledger.Entry {
	t.Helper()
	e, err := record.Entry(locker.Event{Kind: locker.Intent, Door: 1, Purpose: locker.Deposit})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
