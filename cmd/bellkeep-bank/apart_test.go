package main

import (
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// Two banks that have never met, with no server to ask, agree on whose badge is
// whose: the same badge is served at its home bank only, and the other says
// where that is. Both ledgers tell the same story.
func TestSameBadgeAtTwoBanksApart(t *testing.T) {
	t.Parallel()
	a, b := newRig(t), newRig(t)
	h := a.openHouse()
	b.rewrite(b.path("school", "bank-a.yaml"), "bank: a", "bank: b", "Bank A", "Bank B", "1-32", "101-132", "33-64", "133-164")
	b.copyFrom(a, "school/sheet.csv")
	a.must(h.People.Assign(t.Context(), "it", []register.Placement{{Person: "p-060", Place: locker.Place{Bank: "b", Door: 160}}}))
	a.await("the directory with somebody at bank b", func() bool { return h.Rules.Current().Directory.People["p-060"].Bank == "b" })
	h.admit(a, "a", 1, 64)
	h.admit(b, "b", 101, 164)
	h.halt()

	atA, atB := a.openScene(), b.openScene()
	a.startBank()
	b.startBank()
	atA.awaitScreen(locker.Scan)
	atB.awaitScreen(locker.Scan)
	for _, visit := range []struct {
		at     *scene
		person string
		want   locker.Screen
	}{
		{atA, "p-060", locker.Screen{Word: locker.OtherBank, Bank: "b"}},
		{atB, "p-060", locker.Screen{Word: locker.PutIn, Door: 160}},
		{atA, "p-001", locker.Screen{Word: locker.PutIn, Door: 1}},
		{atB, "p-001", locker.Screen{Word: locker.OtherBank, Bank: "a"}},
	} {
		if got := visit.at.hold(visit.at.badgeOf(visit.person), visit.want.Word); got.Screen != visit.want {
			t.Errorf("%s is shown %+v, want %+v", visit.person, got.Screen, visit.want)
		}
	}
	a.stop()
	b.stop()
	for _, c := range []struct {
		rig        *rig
		bank       string
		home, away string
	}{{a, "a", "p-001", "p-060"}, {b, "b", "p-060", "p-001"}} {
		visits := c.rig.visits(c.bank)
		opened := locker.Event{Kind: locker.Intent, Purpose: locker.Deposit, Body: locker.Body{Person: c.home}}
		turned := locker.Event{Kind: locker.Turned, Body: locker.Body{Person: c.away, Answer: locker.Elsewhere}}
		if len(visits) != 2 || !slices.ContainsFunc(visits, like(opened)) || !slices.ContainsFunc(visits, like(turned)) {
			t.Errorf("bank %s has on record: %+v", c.bank, visits)
		}
	}
}

// like compares what tells one visit from another.
func like(want locker.Event) func(locker.Event) bool {
	return func(e locker.Event) bool {
		return e.Kind == want.Kind && e.Purpose == want.Purpose && e.Person == want.Person && e.Answer == want.Answer
	}
}

// visits are the answers to badges on a bank's own ledger.
func (r *rig) visits(bank string) (list []locker.Event) {
	r.t.Helper()
	log, err := boltlog.Open(r.path("data", "ledger"), boltlog.Options{Writer: bank})
	r.must(err)
	defer log.Close()
	r.must(log.Read(r.t.Context(), 0, func(rec ledger.Record) error {
		e, err := record.Event(rec)
		if err == nil && (e.Kind == locker.Intent && e.Attempt == 1 || e.Kind == locker.Turned) {
			list = append(list, e)
		}
		return nil
	}))
	return list
}
