package register

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
)

func TestAssign(t *testing.T) {
	k := newKit(t)
	k.mustImport(t, small())
	a1, a2 := mustID(t, k, "A1"), mustID(t, k, "A2")
	at := func(person, bank string, door int) Placement {
		return Placement{person, locker.Place{Bank: bank, Door: door}}
	}
	for _, c := range []struct {
		name string
		list []Placement
		want errs.Code
	}{
		{"a door each", []Placement{at(a1, "a", 1), at(a2, "a", 2)}, ""},
		{"somebody else's door", []Placement{at(a1, "a", 2)}, errs.Conflict},
		{"the same door of another bank", []Placement{at(a1, "b", 2)}, ""},
		{"two swap", []Placement{at(a1, "a", 2), at(a2, "b", 2)}, ""},
		{"one door for two", []Placement{at(a1, "c", 9), at(a2, "c", 9)}, errs.Conflict},
		{"a stranger", []Placement{at("p-nobody", "a", 3)}, errs.NotFound},
		{"no such bank", []Placement{at(a1, "Bank A", 3)}, errs.Invalid},
		{"no such door", []Placement{at(a1, "a", -1)}, errs.Invalid},
		{"a bank without fixed doors", []Placement{at(a1, "d", 0), at(a2, "d", 0)}, ""},
		{"given up", []Placement{at(a1, "", 0)}, ""},
		{"nothing", nil, ""},
	} {
		if err := k.Assign(t.Context(), "s-office", c.list); errs.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	places := k.again(t).Places()
	if len(places) != 1 || places[a2] != (locker.Place{Bank: "d"}) {
		t.Errorf("places: %v", places)
	}
}

func bank(id string, first, last int) locker.Setup {
	s := locker.Setup{Bank: id, Allotment: locker.Fixed}
	for d := first; d <= last; d++ {
		s.Doors = append(s.Doors, d)
	}
	return s
}

// form makes n pupils of a form.
func form(name, year string, n int) []Person {
	var list []Person
	for i := range n {
		list = append(list, Person{ID: fmt.Sprintf("p-%s-%02d", name, i), Kind: Pupil, Details: Details{Form: name, Year: year}})
	}
	return list
}

func TestAllotKeepsFormsTogether(t *testing.T) {
	people := slices.Concat(form("8a", "8", 4), form("7b", "7", 5), form("7a", "7", 5), form("10a", "10", 5))
	people = append(people, Person{ID: "s-1", Kind: Staff})
	placed, without := Allot(people, []locker.Setup{bank("a", 1, 8), bank("b", 301, 312)}, nil)
	where := map[string]map[string]int{}
	for _, p := range placed {
		name := p.Person[2 : len(p.Person)-3]
		if where[name] == nil {
			where[name] = map[string]int{}
		}
		where[name][p.Bank]++
	}
	want := "map[10a:map[a:3 b:2] 7a:map[a:5] 7b:map[b:5] 8a:map[b:4]]"
	// 7a fills bank a, 7b and 8a go to bank b; for 10a only parts are left.
	if got := fmt.Sprint(where); got != want || len(without) != 0 {
		t.Errorf("%s, without %v; want %s", got, without, want)
	}
	again, _ := Allot(people, []locker.Setup{bank("a", 1, 8), bank("b", 301, 312)}, nil)
	if !slices.Equal(placed, again) {
		t.Error("the same people were placed differently")
	}
}

// A newcomer goes where the form is; a leaver's door is given on only when
// nothing is in it.
func TestAllotLeaversDoors(t *testing.T) {
	people := form("7a", "7", 4)
	for i := range 3 {
		people[i].Place = locker.Place{Bank: "b", Door: 301 + i}
	}
	people[0].Left, people[1].Left = monday, monday
	banks := []locker.Setup{bank("a", 1, 9), bank("b", 301, 303)}
	held := func(person string, at locker.Place) bool { return person == people[0].ID && at.Door == 301 }

	placed, _ := Allot(people, banks, nil)
	if want := (Placement{people[3].ID, locker.Place{Bank: "a", Door: 1}}); len(placed) != 1 || placed[0] != want {
		t.Errorf("nobody looked into the doors: %+v", placed)
	}
	placed, _ = Allot(people, banks, held)
	want := []Placement{{Person: people[1].ID}, {people[3].ID, locker.Place{Bank: "b", Door: 302}}}
	if !slices.Equal(placed, want) {
		t.Errorf("one door is empty: %+v", placed)
	}
}

// Whoever comes: who has a place keeps it, no door has two owners, and nobody
// goes without as long as there is room.
func TestAllotGivesEveryDoorOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		banks := []locker.Setup{bank("a", 1, rapid.IntRange(0, 9).Draw(t, "a")), bank("b", 301, 300+rapid.IntRange(0, 9).Draw(t, "b"))}
		dynamic := bank("d", 1, rapid.IntRange(0, 4).Draw(t, "d"))
		dynamic.Allotment = locker.Dynamic
		banks = append(banks, dynamic)
		var people []Person
		room, owners := 0, map[locker.Place]string{}
		for _, b := range banks {
			room += len(b.Doors)
		}
		for _, name := range []string{"7a", "7b", "8a"} {
			people = append(people, form(name, name[:1], rapid.IntRange(0, 9).Draw(t, name))...)
		}
		newcomers := len(people)
		for i := range people {
			b := banks[rapid.IntRange(0, 1).Draw(t, "bank")]
			if len(b.Doors) == 0 || rapid.Bool().Draw(t, "is new") {
				continue
			}
			at := locker.Place{Bank: b.Bank, Door: rapid.SampledFrom(b.Doors).Draw(t, "door")}
			if owners[at] == "" {
				people[i].Place, owners[at] = at, people[i].ID
				newcomers, room = newcomers-1, room-1
			}
		}
		placed, without := Allot(people, banks, nil)
		inDynamic := 0
		for _, p := range placed {
			if p.Bank == "d" {
				inDynamic++
				continue
			}
			if other := owners[p.Place]; other != "" || p.Door == 0 {
				t.Fatalf("%s and %s share %+v", other, p.Person, p.Place)
			}
			owners[p.Place] = p.Person
		}
		if len(placed) != min(newcomers, room) || len(without) != newcomers-len(placed) || inDynamic > len(dynamic.Doors) {
			t.Fatalf("%d newcomers, room for %d: %d placed, %d without, %d in the bank of %d", newcomers, room, len(placed), len(without), inDynamic, len(dynamic.Doors))
		}
	})
}
