package view

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// anyEvent draws what a ledger of a small bank could hold, likely or not.
func anyEvent(t *rapid.T, n int) locker.Event {
	kinds := []locker.Kind{
		locker.Started, locker.InForce, locker.Turned, locker.Intent, locker.Outcome, locker.Deposited, locker.Collected,
		locker.NothingIn, locker.StillIn, locker.Surveyed, locker.Moved, locker.LeftOpen, locker.Doubted, locker.Help,
		locker.OrderRefused, locker.PINAccepted, locker.PINRefused, locker.WindowOpened, locker.WindowEnded,
		locker.HoldPlaced, locker.HoldEnded,
	}
	door := rapid.IntRange(1, 7).Draw(t, "door")                       // one more than there are
	person := []string{"p-1", "p-2", "p-3", "", "", "", "p-7"}[door-1] // as banks do: nobody at two doors
	item := []string{"", "", "", "", "i-5", "i-6", ""}[door-1]
	return locker.Event{
		Kind:    rapid.SampledFrom(kinds).Draw(t, "kind"),
		At:      school.Instant{Wall: dawn.Add(time.Duration(n) * time.Minute), Trusted: n%3 > 0, Boot: "k", Mono: time.Duration(n) * time.Minute},
		Door:    door,
		Purpose: rapid.SampledFrom([]locker.Purpose{locker.Deposit, locker.Collection, locker.PutItem, locker.TakeItem}).Draw(t, "purpose"),
		Body: locker.Body{
			Person: person, Item: item, Attempt: 1, By: rapid.SampledFrom([]string{"", "s-1"}).Draw(t, "by"),
			Of:        uint64(max(0, n-rapid.IntRange(1, 3).Draw(t, "of"))),
			Answer:    rapid.SampledFrom([]locker.Answer{locker.NoDoor, locker.Barred}).Draw(t, "answer"),
			Result:    rapid.SampledFrom([]locker.Result{locker.Opened, locker.Jammed, locker.Unverified}).Draw(t, "result"),
			Contact:   rapid.SampledFrom([]locker.Contact{locker.Open, locker.Closed, locker.Unknown}).Draw(t, "contact"),
			Directory: uint64(n), Plan: uint64(n / 2), Order: rapid.SampledFrom([]string{"", "o-1", "o-2"}).Draw(t, "order"),
			OpenDoors: []int{1}, Until: int64(n) * 60_000,
		},
	}
}

var dawn = time.Date(2026, 9, 7, 7, 30, 0, 0, time.UTC)

// A fold that was kept and taken up again is the fold that never stopped.
func TestSnapshotAndTailIsTheWholeFold(t *testing.T) {
	setup := locker.Setup{Bank: "a", Doors: []int{1, 2, 3, 4}, Confiscation: []int{5}, Evidence: []int{6}, Allotment: locker.Fixed}
	rules := locker.Rules{Directory: &locker.Directory{People: map[string]locker.Place{"p-1": {Bank: "a", Door: 1}, "p-2": {Bank: "a", Door: 2}}}}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 80).Draw(t, "events")
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		whole, part := NewFold(setup), NewFold(setup)
		for i := range n {
			if i == cut {
				data, err := part.Save()
				if err != nil {
					t.Fatal(err)
				}
				if part, err = Load(setup, data); err != nil {
					t.Fatal(err)
				}
			}
			e := anyEvent(t, i)
			whole.Apply(uint64(i), e)
			part.Apply(uint64(i), e)
		}
		a, errA := whole.Save()
		b, errB := part.Save()
		if errA != nil || errB != nil || !bytes.Equal(a, b) || !reflect.DeepEqual(whole, part) {
			t.Fatalf("cut at %d of %d:\n%s\n%s", cut, n, a, b)
		}
		now := school.Instant{Wall: dawn.Add(2 * time.Hour), Trusted: true, Boot: "k", Mono: 2 * time.Hour}
		x, y := whole.Board(rules, now, time.UTC), part.Board(rules, now, time.UTC)
		if !same(x, y) {
			t.Fatalf("cut at %d of %d:\n%+v\n%+v", cut, n, x, y)
		}
	})
}

// same compares what people would see.
func same(x, y Board) bool {
	x.Problems, y.Problems = inOrder(x.Problems), inOrder(y.Problems)
	return reflect.DeepEqual(x, y)
}

// inOrder sorts problems entirely: holdings come in any order.
func inOrder(list []Problem) []Problem {
	slices.SortFunc(list, func(a, b Problem) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return list
}
