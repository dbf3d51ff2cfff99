package agreements

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
)

func guest() Guest {
	return Guest{Name: " Vera Visitor ", Organisation: "Fire & Safety Ltd", Host: "s-teacher"}
}

// visits is a desk at which the agreement for visitors is published.
func visits(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.publish(Visitors, "I take no pictures", time.Time{})
	return d
}

func TestVisitorSigns(t *testing.T) {
	d := visits(t)
	v, err := d.Receive(t.Context(), actor("office"), 1, guest())
	d.code("signing", err, "")
	if v.Called() != "Vera Visitor, Fire & Safety Ltd" || v.Host != "s-teacher" || v.By != "office" || school.Known(v.ID) || !school.ValidID(v.ID) {
		t.Errorf("%+v", v)
	}
	d.code("a device today", d.MayHave(v.ID), "")
	d.code("somebody who has not signed", d.MayHave(visitPrefix+"none"), errs.Denied)
	if !reflect.DeepEqual(d.Visits(), d.anewRead(t).Visits()) || len(d.Present()) != 1 {
		t.Error("a restart finds something else")
	}
	for r := range d.records(t) {
		if strings.Contains(r, "Vera") || strings.Contains(r, "Safety") {
			t.Errorf("the ledger says %s", r)
		}
	}
	d.now = d.now.Add(24 * time.Hour)
	d.code("the next day", d.MayEnter(v.ID), errs.Denied)
	if found, _ := d.Visit(v.ID); !d.Over(found) || len(d.Present()) != 0 {
		t.Error("it is not over")
	}
}

func TestVisitOfSomeDays(t *testing.T) {
	d := visits(t)
	g := guest()
	g.Last = school.DateOf(d.now).Add(MostDays - 1)
	v, err := d.Receive(t.Context(), actor("office"), 1, g)
	d.code("two weeks", err, "")
	d.now = d.now.AddDate(0, 0, MostDays-1)
	d.code("on the last day", d.MayEnter(v.ID), "")
	d.publish(Visitors, "I take no pictures, ever", time.Time{})
	d.code("after a new version", d.MayEnter(v.ID), errs.Denied)
	_, err = d.Receive(t.Context(), actor("office"), 1, guest())
	d.code("the old version", err, errs.Conflict)
}

func TestVisitorRefused(t *testing.T) {
	d := newDesk(t)
	_, err := d.Receive(t.Context(), actor("office"), 1, guest())
	d.code("before it is published", err, errs.NotFound)
	d.publish(Visitors, "I take no pictures", time.Time{})
	_, err = d.Receive(t.Context(), school.Actor{Account: "pass-1", Person: "x-pass-1"}, 1, guest())
	d.code("another visitor is the witness", err, errs.Denied)
	today := school.DateOf(d.now)
	for field, spoil := range map[string]func(*Guest){
		"name":         func(g *Guest) { g.Name = " " },
		"organisation": func(g *Guest) { g.Organisation = strings.Repeat("a", maxName+1) },
		"host":         func(g *Guest) { g.Host = "p-eight" },
		"last":         func(g *Guest) { g.Last = today.Add(-1) },
		"last ":        func(g *Guest) { g.Last = today.Add(MostDays) },
	} {
		g := guest()
		spoil(&g)
		_, err := d.Receive(t.Context(), actor("office"), 1, g)
		if list := errs.All(err); len(list) != 1 || list[0].Field != strings.TrimSpace(field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if len(d.Visits()) > 0 {
		t.Errorf("%+v", d.Visits())
	}
}

// Names go when the rules do not ask for them any more; that somebody visited stays.
func TestVisitorsAreForgotten(t *testing.T) {
	d := visits(t)
	old, err := d.Receive(t.Context(), actor("office"), 1, guest())
	d.code("signing", err, "")
	d.now = d.now.AddDate(6, 0, 0)
	d.code("on the day six years later", d.Forget(t.Context()), "")
	if v, _ := d.Visit(old.ID); v.Name != "Vera Visitor" {
		t.Errorf("it was forgotten too early: %+v", v)
	}
	young, err := d.Receive(t.Context(), actor("office"), 1, guest())
	d.code("signing", err, "")
	d.now = d.now.AddDate(0, 0, 1)
	d.Held = func(visit string) bool { return visit == old.ID }
	d.code("under a hold", d.Forget(t.Context()), "")
	if v, _ := d.Visit(old.ID); v.Name != "Vera Visitor" {
		t.Errorf("under a hold %+v is left", v)
	}
	d.Held = nil
	before := len(d.papers)
	for range 2 {
		d.code("a day later", d.Forget(t.Context()), "")
	}
	if v, _ := d.Visit(old.ID); v.Name != "" || v.Organisation != "" || !v.Erased || v.Host != "s-teacher" {
		t.Errorf("kept is %+v", v)
	}
	if v, _ := d.Visit(young.ID); v.Name == "" {
		t.Error("a young one was forgotten")
	}
	if len(d.papers) != before-1 || !reflect.DeepEqual(d.Visits(), d.anewRead(t).Visits()) {
		t.Error("the vault keeps it, or a restart finds something else")
	}
	n := 0
	for r := range d.records(t) {
		if strings.Contains(r, old.ID) && strings.Contains(r, "retention") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("its end is on record %d times", n)
	}
}

// How long names stay follows the school's rule.
func TestHowLongVisitorsAreKept(t *testing.T) {
	kept := func(rules policy.Rules) string {
		d := visits(t)
		d.years = rules.Retention.VisitorYears
		v, err := d.Receive(t.Context(), actor("office"), 1, guest())
		d.code("signing", err, "")
		text := ""
		for range 27 {
			d.code("forgetting", d.Forget(t.Context()), "")
			found, _ := d.Visit(v.ID)
			text += fmt.Sprint(found.Erased, " ")
			d.now = d.now.AddDate(1, 0, 0)
		}
		return text
	}
	policytest.Watch(t, policy.Default(), kept, "retention.visitor_years")
}

// A power cut between the vault and the ledger leaves nothing that a second try does
// not mend.
func TestForgottenInTwoSteps(t *testing.T) {
	d := visits(t)
	v, err := d.Receive(t.Context(), actor("office"), 1, guest())
	d.code("signing", err, "")
	d.now = d.now.AddDate(7, 0, 0)
	d.code("the vault", d.papers.Erase(t.Context(), v.content), "")
	again := d.anewRead(t)
	d.code("the second try", again.Forget(t.Context()), "")
	if found, _ := again.Visit(v.ID); !found.Erased {
		t.Error("it is not on record")
	}
}

func TestForgedVisits(t *testing.T) {
	d := visits(t)
	for what, e := range map[string]struct {
		kind string
		body body
	}{
		"a person of the register": {KindVisitor, body{Agreement: Visitors, Version: 1, For: "s-teacher"}},
		"no such version":          {KindVisitor, body{Agreement: Visitors, Version: 2, For: visitPrefix + "a"}},
		"another agreement":        {KindVisitor, body{Agreement: Staff, Version: 1, For: visitPrefix + "a"}},
		"nobody's end":             {KindErased, body{Agreement: Visitors, Version: 1, For: visitPrefix + "a"}},
	} {
		entry, err := ledger.NewEntry(e.kind, d.Stamp(), e.body)
		d.code("writing", err, "")
		if err := d.Fold(ledger.Record{Entry: entry}); err == nil {
			t.Errorf("%s: it was believed", what)
		}
	}
}

// anewRead is the book as a restart makes it.
func (d *desk) anewRead(t *testing.T) *Book {
	t.Helper()
	b := d.anew()
	d.code("reading", d.log.Read(context.Background(), 0, b.Fold), "")
	return b
}

// records are the bodies on the ledger.
func (d *desk) records(t *testing.T) map[string]bool {
	t.Helper()
	list := map[string]bool{}
	d.code("reading", d.log.Read(context.Background(), 0, func(r ledger.Record) error {
		list[string(r.Body)] = true
		return nil
	}), "")
	return list
}
