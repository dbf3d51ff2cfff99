package desk

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
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
	return New(log, stamp, policy.Default), log
}

// of is an account of a person's, with the role of its name, changed at some time
// or long ago.
func of(account, person string, changed ...time.Time) By {
	who := somebody(roles.Role(account))
	who.Person = person
	for _, at := range changed {
		who.Changed = at
	}
	return who
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
	if ended, err := b.End(t.Context(), somebody("office"), bar.ID); !ended || err != nil {
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
		if got, err := b.End(t.Context(), somebody(roles.Role(by)), bar.ID); got != ended || errs.CodeOf(err) != code {
			t.Errorf("End by %s = %v, %v", by, got, err)
		}
	}
	end("head", false, "")
	end("head", false, errs.Denied)
	if len(b.Bars()) != 1 {
		t.Fatal("one person alone ended a hold")
	}
	again := New(log, b.stamp, policy.Default) // a restart forgets nothing
	if err := log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	if s := again.Standing(); len(s) != 1 || s[0].EndBy != "head" || s[0].Seq != bar.Seq || !s[0].From.Equal(bar.From) {
		t.Errorf("after a restart %+v, before it %+v", s, bar)
	}
	end("dsl", true, "")
	end("dsl", false, errs.NotFound)
}

// An approval does not wait for ever: who gave it may have left since.
func TestApprovalOfAnEndLapses(t *testing.T) {
	b, _ := open(t)
	bar, err := b.Place(t.Context(), "office", Hold, locker.Subject{Person: "p-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.End(t.Context(), somebody("head"), bar.ID); err != nil {
		t.Fatal(err)
	}
	b.stamp = func() ledger.Stamp { return ledger.Stamp{Wall: bar.From.Add(2 * time.Hour), Trusted: true} }
	if s := b.Standing(); s[0].EndBy != "" {
		t.Errorf("after two hours %+v", s[0])
	}
	if ended, err := b.End(t.Context(), somebody("dsl"), bar.ID); ended || err != nil {
		t.Errorf("a second person after two hours: %t, %v", ended, err)
	}
}

// Two people are two persons: not two accounts of one, nor somebody whose account
// changed a moment ago.
func TestHoldIsEndedByTwoPeople(t *testing.T) {
	b, _ := open(t)
	bar, err := b.Place(t.Context(), "office", Hold, locker.Subject{Person: "p-1"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		who   By
		ended bool
		code  errs.Code
	}{
		{"an account of today asks", of("head", "s-1", now.Add(-time.Hour)), false, errs.Denied},
		{"the head asks", of("head", "s-1"), false, ""},
		{"the head's other account agrees", of("dsl", "s-1"), false, errs.Denied},
		{"a password of today agrees", of("dsl", "s-2", now.Add(-time.Hour)), false, errs.Denied},
		{"another person agrees", of("dsl", "s-2"), true, ""},
	} {
		if ended, err := b.End(t.Context(), c.who, bar.ID); ended != c.ended || errs.CodeOf(err) != c.code {
			t.Errorf("%s: %t, %v", c.name, ended, err)
		}
	}
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
