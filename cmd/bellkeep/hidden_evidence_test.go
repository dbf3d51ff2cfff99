package main

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

// own is what changes without anybody's doing: what school devices say of themselves,
// and a list with the minute it was made.
var own = regexp.MustCompile(`^/devices|^/device-history|^/api/v1/devices|\.pdf$`)

const mostRounds = 20 // of reading everything until nothing changes by itself

// Whoever a file is about finds no trace of its device behind an evidence door either:
// not on the bank's page, its door's or its record, nor on the lists of all doors.
func TestEvidenceIsInvisibleToItsSubject(t *testing.T) {
	w := openWorkday(t, "bank-e.yaml")
	w.at(13, 9)
	s := w.server
	gate := &saysSo{proved: time.Now()}
	w.gate.Gate = gate
	site := &wholeSite{Site: w.pages.site, gate: gate, server: s, objects: map[string]objects{ownPupil: {
		"bank": "e", "banks": "e", "door": "1101", "doors": "1101", "takeover": "e", "handover": "e"}}}
	readers := []string{"head", "dsl", "it", "office", "chair"}
	var staff register.Changes
	var about []string
	for _, who := range readers {
		staff.New = append(staff.New, register.Entry{ID: "s-" + who, Kind: register.Staff, Details: register.Details{MIS: "X-" + who, Given: who, Family: "Example"}})
		about = append(about, "s-"+who)
	}
	w.must(s.People.Apply(t.Context(), "it", staff, register.Stated{}))
	readers = append(readers, asProgram)
	before := map[string]map[string]string{}
	for rest, round := false, 0; !rest; round++ {
		if round == mostRounds {
			t.Fatal("the school does not come to rest")
		}
		rest = true
		for _, who := range readers {
			now := site.read(who)
			maps.DeleteFunc(now, func(address, _ string) bool { return own.MatchString(address) })
			rest = rest && maps.Equal(now, before[who])
			before[who] = now
		}
	}
	by := desk.By{Actor: school.Actor{Account: "maker", Person: "s-maker"}, Roles: []roles.Assignment{{Role: roles.Office}, {Role: roles.DSL}}}
	f, err := s.Concerns.Raise(t.Context(), by, concern.Raised{Category: concern.Indecent, About: about, Text: "zebra",
		Device: concern.Device{In: concern.InHand, What: desk.Phone, Zone: desk.Elsewhere}})
	w.must(err)
	item := f.Items[0]
	ordered, err := s.Custody.Put(t.Context(), by, item, "e", locker.ClassEvidence)
	w.must(err)
	done, err := s.Banks.Order(t.Context(), ordered.Bank, ordered.Order)
	w.must(err)
	w.await("the evidence door to open", func() bool { return w.bank("e").world.Door(done.Door).Open })
	w.hands(w.bank("e").world.PutIn, done.Door, item)
	w.await("the device behind it", func() bool {
		i, _ := s.Custody.Item(item)
		return i.Place.Kind == desk.Behind
	})
	if answer := site.do(http.MethodGet, "/banks/e/replace", asEverybody, ""); !strings.Contains(answer.Body.String(), "1 devices") {
		t.Error("the deputy sees nothing behind the door: the test compares nothing")
	}
	for _, who := range readers {
		after := site.read(who)
		for address, was := range before[who] {
			if is := after[address]; is != was {
				t.Errorf("%s finds a trace at %s: %s", who, address, difference(was, is))
			}
		}
	}
}
