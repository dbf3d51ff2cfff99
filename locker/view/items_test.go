package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

var officeSetup = locker.Setup{Bank: "d", Doors: []int{7}, Confiscation: []int{3, 4}, Evidence: []int{5}}

// item is an event of one item at 11:31 and so many minutes.
func item(minutes int, kind locker.Kind, id string, door int, body locker.Body) locker.Event {
	at := morning.Add(191*time.Minute + time.Duration(minutes)*time.Minute)
	body.Item = id
	e := locker.Event{Kind: kind, At: school.Instant{Wall: at, Boot: "one", Mono: at.Sub(morning), Trusted: true}, Door: door, Body: body}
	if kind == locker.Intent {
		e.Purpose, e.Attempt = locker.PutItem, 1
		if body.Class == "" {
			e.Purpose = locker.TakeItem
		}
	}
	return e
}

// putIn is an item on its way behind door 3: told, opened, shut.
func putIn(steps int) []locker.Event {
	return []locker.Event{
		item(0, locker.Intent, "i-1", 3, locker.Body{Class: locker.ClassConfiscation, By: "office"}),
		item(0, locker.Outcome, "i-1", 3, locker.Body{Of: 1, Result: locker.Opened}),
		item(1, locker.Deposited, "i-1", 3, locker.Body{Of: 1, By: "office"}),
	}[:steps]
}

// The board shows where an item is at every step of its stay, and forgets it
// with the shut door behind which it was.
func TestBoardItems(t *testing.T) {
	hold := locker.Event{Kind: locker.HoldPlaced, Door: 3, At: school.Instant{Wall: morning.Add(4 * time.Hour)}, Body: locker.Body{By: "s-1"}}
	out := func(steps int) []locker.Event {
		return append(putIn(3), []locker.Event{
			item(240, locker.Intent, "i-1", 3, locker.Body{By: "office"}),
			item(240, locker.Outcome, "i-1", 3, locker.Body{Of: 4, Result: locker.Opened}),
			item(241, locker.Collected, "i-1", 3, locker.Body{Of: 4}),
		}[:steps]...)
	}
	cases := []struct {
		name   string
		events []locker.Event
		items  string // id, door, class, since, by, state, held
		door   DoorState
	}{
		{"nothing", nil, "", DoorFree},
		{"its door is told to open", putIn(1), "i-1 3 confiscation 11:31 office coming false", DoorFree},
		{"its door is open", putIn(2), "i-1 3 confiscation 11:31 office coming false", DoorOpen},
		{"in", putIn(3), "i-1 3 confiscation 11:31 office in false", DoorKeeping},
		{"held", append(putIn(3), hold), "i-1 3 confiscation 11:31 office in true", DoorHeld},
		{"nobody saw", append(putIn(1), item(1, locker.Outcome, "i-1", 3, locker.Body{Of: 1, Result: locker.Unverified})), "i-1 3 confiscation 11:32 office unsure false", DoorTrouble},
		{"told to come out", out(1), "i-1 3 confiscation 11:31 office going false", DoorKeeping},
		{"its door open again", out(2), "i-1 3 confiscation 11:31 office going false", DoorOpen},
		{"gone", out(3), "", DoorFree},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := NewFold(officeSetup)
			f.Apply(0, locker.Event{Kind: locker.Surveyed, At: school.Instant{Wall: morning}})
			for i, e := range c.events {
				f.Apply(uint64(i+1), e)
			}
			b := boardAt(t, f, "2026-11-23 16:00")
			var got []string
			for _, i := range b.Items {
				got = append(got, fmt.Sprintf("%s %d %s %s %s %s %v", i.ID, i.Door, i.Class, i.Since.Format("15:04"), i.By, i.State, i.Held))
			}
			if strings.Join(got, ", ") != c.items {
				t.Errorf("items %q, want %q", got, c.items)
			}
			door := b.Doors[0]
			if door.Number != 3 || door.Class != locker.ClassConfiscation || door.State != c.door || (door.Item != "") != (c.items != "") || (door.Hold != nil) != (c.door == DoorHeld) {
				t.Errorf("door %+v, want %s", door, c.door)
			}
			if numbers := numbersOf(b); !slices.Equal(numbers, []int{3, 4, 5, 7}) {
				t.Errorf("doors %v", numbers)
			}
			if len(b.People) != 0 || b.Counts.In != 0 {
				t.Errorf("an item is counted as a person: %+v", b.Counts)
			}
		})
	}
}

func numbersOf(b Board) (numbers []int) {
	for _, d := range b.Doors {
		numbers = append(numbers, d.Number)
	}
	return numbers
}

func TestItemProblems(t *testing.T) {
	taking := append(putIn(3), item(240, locker.Intent, "i-1", 3, locker.Body{By: "office"}), item(240, locker.Outcome, "i-1", 3, locker.Body{Of: 4, Result: locker.Opened}))
	forced := school.Instant{Wall: morning.Add(5 * time.Hour)}
	for _, c := range []struct {
		events []locker.Event
		want   string
	}{
		{putIn(3), ""},
		{append(putIn(1), item(1, locker.Outcome, "i-1", 3, locker.Body{Of: 1, Result: locker.Unverified})), "unverified 3 i-1"},
		{append(slices.Clone(taking), item(241, locker.StillIn, "i-1", 3, locker.Body{Of: 4})), "not-emptied 3 i-1"},
		{append(putIn(3), locker.Event{Kind: locker.Moved, Door: 3, At: forced, Body: locker.Body{Contact: locker.Open}}), "forced 3 i-1"},
	} {
		f := NewFold(officeSetup)
		f.Apply(0, locker.Event{Kind: locker.Surveyed, At: school.Instant{Wall: morning}})
		for i, e := range c.events {
			f.Apply(uint64(i+1), e)
		}
		var got []string
		for _, p := range boardAt(t, f, "2026-11-23 16:00").Problems {
			got = append(got, fmt.Sprintf("%s %d %s", p.Code, p.Door, p.Item))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("problems %q, want %q", got, c.want)
		}
	}
}

// What is remembered of items and holds is bounded, newest first, and of that
// item or of holds only.
func TestItemHistory(t *testing.T) {
	l := &Live{fold: NewFold(officeSetup)}
	for i := range 2 * mostOfItems {
		l.fold.Apply(uint64(2*i), item(i, locker.Intent, fmt.Sprint("i-", i%2), 3, locker.Body{Class: locker.ClassConfiscation}))
		l.fold.Apply(uint64(2*i+1), locker.Event{Kind: locker.Moved, Door: 4})
	}
	l.fold.Apply(0, locker.Event{Kind: locker.HoldPlaced, Door: 5})
	if n := len(l.fold.ofItems); n != mostOfItems {
		t.Errorf("%d events are kept", n)
	}
	events := l.ItemHistory("i-1")
	if len(events) < mostOfItems/2-1 || !events[0].At.Wall.After(events[1].At.Wall) || slices.ContainsFunc(events, func(e locker.Event) bool { return e.Item != "i-1" }) {
		t.Errorf("%d events, first %+v", len(events), events[0])
	}
	if holds := l.HoldHistory(); len(holds) != 1 || holds[0].Door != 5 {
		t.Errorf("holds %+v", holds)
	}
}
