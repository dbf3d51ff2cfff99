package desk

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/locker"
)

func open(t *testing.T) (*Book, *memlog.Log) {
	t.Helper()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	stamp := func() ledger.Stamp { now = now.Add(time.Minute); return ledger.Stamp{Wall: now, Trusted: true} }
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return New(log, stamp), log
}

func TestStopIsEndedByOne(t *testing.T) {
	b, _ := open(t)
	bar, err := b.Place(t.Context(), "office", Stop, locker.Subject{Person: "p-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Place(t.Context(), "office", Stop, locker.Subject{Person: "p-1"}); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a second stop of the same person: %v", err)
	}
	if ended, err := b.End(t.Context(), "office", bar.ID); !ended || err != nil {
		t.Errorf("End = %v, %v", ended, err)
	}
	if len(b.Bars()) != 0 {
		t.Errorf("bars still stand: %v", b.Bars())
	}
}

func TestHoldIsEndedByTwo(t *testing.T) {
	b, log := open(t)
	bar, err := b.Place(t.Context(), "office", Hold, locker.Subject{Bank: "a", Door: 7})
	if err != nil {
		t.Fatal(err)
	}
	end := func(by string, ended bool, code errs.Code) {
		t.Helper()
		if got, err := b.End(t.Context(), by, bar.ID); got != ended || errs.CodeOf(err) != code {
			t.Errorf("End by %s = %v, %v", by, got, err)
		}
	}
	end("head", false, "")
	end("head", false, errs.Denied)
	if len(b.Bars()) != 1 {
		t.Fatal("one person alone ended a hold")
	}
	again := New(log, nil) // a restart forgets nothing
	if err := log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	if s := again.Standing(); len(s) != 1 || s[0].EndBy != "head" || s[0].Seq != bar.Seq || !s[0].From.Equal(bar.From) {
		t.Errorf("after a restart %+v, before it %+v", s, bar)
	}
	end("dsl", true, "")
	end("dsl", false, errs.NotFound)
}

func TestPlaceRefuses(t *testing.T) {
	b, _ := open(t)
	for name, on := range map[string]locker.Subject{
		"nobody": {}, "both": {Person: "p-1", Bank: "a", Door: 3}, "a door of no bank": {Door: 3}, "a bank without a door": {Bank: "a"},
	} {
		if _, err := b.Place(t.Context(), "office", Hold, on); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.Place(t.Context(), "office", "wish", locker.Subject{Person: "p-1"}); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("an unknown kind: %v", err)
	}
}
