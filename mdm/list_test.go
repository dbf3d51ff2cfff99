package mdm

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// A list travels once with its document, and a list that changed is news.
func TestListsTravelWithTheDocument(t *testing.T) {
	r := Rules{
		Lists:    []List{{ID: "social", Items: []string{"chat.example", "app.chat"}}, {ID: "games", Items: []string{"app.game"}}, {ID: "unused", Items: []string{"x"}}},
		Profiles: []Profile{{ID: "p", Set: Set{Apps: Lists{Block: []string{"social", "games"}}.Value(), Web: Lists{Block: []string{"social"}}.Value()}}},
	}
	r.Assignments = []Assignment{{Profile: "p"}}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	now := clock(t, "08:00:00")
	compile := func() Desired {
		d := Compile(ipad, r, day(t, "2026-11-23"), nil, now)
		d.Rev = 1
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if d, err = DecodeDesired(b); err != nil {
			t.Fatal(err)
		}
		return d
	}
	one := compile()
	if got := one.Items(one.Set[Apps]); !slices.Equal(got, []string{"app.chat", "app.game", "chat.example"}) {
		t.Errorf("apps names %v", got)
	}
	if last := one.At(now.Add(24 * time.Hour)); !slices.Equal(one.Items(last.Set[Web]), []string{"app.chat", "chat.example"}) || len(one.Lists) != 2 {
		t.Errorf("at the end %v of %v", last.Set[Web], one.Lists)
	}
	before := r.Profiles[0].Set[Apps]
	r.Lists[1].Items = []string{"app.game", "app.other"}
	two := compile()
	if two.Set[Apps] == one.Set[Apps] || two.Sum() == one.Sum() || two.Set[Web] != one.Set[Web] {
		t.Errorf("another list is asked for as %s, before as %s", two.Set[Apps], one.Set[Apps])
	}
	if r.Profiles[0].Set[Apps] != before {
		t.Error("Compile changed the rules")
	}
}
