package view

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

var morning = time.Date(2026, 11, 23, 8, 20, 0, 0, time.UTC)

// play folds events told in short: "08:20 intent ann 1 deposit", the sequence
// being the line's number.
func play(t *testing.T, script string) *Fold {
	t.Helper()
	f := NewFold(locker.Setup{Bank: "a", Doors: []int{1, 2, 3}})
	for i, line := range strings.Split(strings.TrimSpace(script), "\n") {
		word := strings.Fields(line)
		at, err := time.Parse("2006-01-02 15:04", "2026-11-23 "+word[0])
		if err != nil {
			t.Fatal(err)
		}
		e := locker.Event{Kind: locker.Kind(word[1]), At: school.Instant{Wall: at, Boot: "one", Mono: at.Sub(morning), Trusted: true}}
		for _, w := range word[2:] {
			var n int
			switch _, err := fmt.Sscanf(w, "%d", &n); {
			case err == nil:
				e.Door = n
			case strings.HasPrefix(w, "of="):
				fmt.Sscanf(w, "of=%d", &e.Of)
			case w == "deposit" || w == "collection":
				e.Purpose = locker.Purpose(w)
			case e.Kind == locker.Outcome && w != "ann" && w != "bob":
				e.Result = locker.Result(w)
			case w == "open" || w == "closed" || w == "unknown":
				e.Contact = locker.Contact(w)
			case w == "no-door":
				e.Answer = locker.Answer(w)
			case w == "late":
				e.Timing = school.Late
			default:
				e.Person = w
			}
		}
		f.Apply(uint64(i+1), e)
	}
	return f
}

func boardAt(t *testing.T, f *Fold, clock string) Board {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", clock)
	if err != nil {
		t.Fatal(err)
	}
	rules := locker.Rules{
		Directory: &locker.Directory{
			People: map[string]locker.Place{"ann": {Bank: "a", Door: 1}, "bob": {Bank: "a", Door: 2}, "cy": {Bank: "a"}, "dee": {Bank: "b"}},
			Grants: []locker.Grant{{Kind: locker.MayKeep, Person: "cy", From: morning.Add(-time.Hour), Until: morning.Add(time.Hour * 24 * 300)}},
		},
		Plan: school.Plan{Windows: []school.Window{
			{Use: school.Collection, Wave: "early", From: morning.Add(400 * time.Minute), Until: morning.Add(410 * time.Minute)},
			{Use: school.Collection, From: morning.Add(410 * time.Minute), Until: morning.Add(490 * time.Minute)},
		}},
	}
	return f.Board(rules, school.Instant{Wall: at, Boot: "one", Mono: at.Sub(morning), Trusted: true}, time.UTC)
}

const annIsIn = `08:20 surveyed
08:21 intent ann 1 deposit late
08:21 outcome ann 1 opened of=2
08:22 deposited ann 1 of=2`

func TestBoardPeople(t *testing.T) {
	cases := []struct {
		name, script, at string
		want             string // standings of ann, bob, cy
	}{
		{"nobody came", "08:20 surveyed", "2026-11-23 08:30", "not-yet not-yet exempt"},
		{"at the door", "08:20 surveyed\n08:21 intent ann 1 deposit\n08:21 outcome ann 1 opened of=2", "2026-11-23 08:21", "at-door not-yet exempt"},
		{"in", annIsIn, "2026-11-23 12:00", "in not-yet exempt"},
		{"in while the first wave collects", annIsIn, "2026-11-23 15:05", "in not-yet exempt"},
		{"in when collection has begun", annIsIn, "2026-11-23 15:10", "still-in not-yet exempt"},
		{"in overnight", annIsIn, "2026-11-24 08:00", "still-in not-yet exempt"},
		{"out", annIsIn + "\n15:12 intent ann 1 collection\n15:12 outcome ann 1 opened of=5\n15:13 collected ann 1 of=5", "2026-11-23 15:14", "out not-yet exempt"},
		{"out yesterday", annIsIn + "\n15:12 intent ann 1 collection\n15:12 outcome ann 1 opened of=5\n15:13 collected ann 1 of=5", "2026-11-24 08:00", "not-yet not-yet exempt"},
		{"unsure", "08:20 surveyed\n08:21 intent ann 1 deposit\n08:21 outcome ann 1 unverified of=2", "2026-11-23 08:30", "unsure not-yet exempt"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := boardAt(t, play(t, c.script), c.at)
			var got []string
			for _, p := range b.People {
				got = append(got, string(p.State))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("people are %v, want %s", got, c.want)
			}
			if sum := b.Counts.In + b.Counts.Out + b.Counts.NotYet + b.Counts.Exempt; sum != 3 {
				t.Errorf("%d people are counted, want 3: %+v", sum, b.Counts)
			}
		})
	}
}

func TestBoardProblems(t *testing.T) {
	cases := []struct {
		name, script, at string
		want             string // codes, gravest first
		door             DoorState
	}{
		{"none", annIsIn, "2026-11-23 12:00", "", DoorKeeping},
		{"forced", annIsIn + "\n11:00 moved 1 open", "2026-11-23 12:00", "forced", DoorTrouble},
		{"forced and shut again", annIsIn + "\n11:00 moved 1 open\n11:01 moved 1 closed", "2026-11-23 12:00", "forced", DoorTrouble},
		{"unverified", "08:20 surveyed\n08:21 intent ann 1 deposit\n08:21 outcome ann 1 unverified of=2", "2026-11-23 08:30", "unverified", DoorTrouble},
		{"no reply", annIsIn + "\n11:00 moved 1 unknown", "2026-11-23 12:00", "no-reply", DoorUnasked},
		{"jammed", "08:20 surveyed\n08:21 intent ann 1 deposit\n08:21 outcome ann 1 jammed of=2", "2026-11-23 08:30", "jammed", DoorOut},
		{"left open", "08:20 surveyed\n08:21 intent ann 1 deposit\n08:21 outcome ann 1 opened of=2\n08:22 left-open 1", "2026-11-23 08:30", "left-open", DoorTrouble},
		{"help, and soon forgotten", annIsIn + "\n09:00 help\n09:00 turned bob no-door", "2026-11-23 09:10", "help no-door", DoorKeeping},
		{"help long ago", annIsIn + "\n09:00 help", "2026-11-23 09:20", "", DoorKeeping},
		{"not emptied", annIsIn + "\n15:12 intent ann 1 collection\n15:12 outcome ann 1 opened of=5\n15:13 still-in ann 1 of=5", "2026-11-23 15:14", "not-emptied", DoorKeeping},
		{"overdue", annIsIn, "2026-11-23 16:30", "overdue", DoorKeeping},
		{"several, gravest first", annIsIn + "\n09:00 help\n09:01 moved 2 open\n09:02 moved 3 unknown", "2026-11-23 09:10", "forced no-reply help", DoorKeeping},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := boardAt(t, play(t, c.script), c.at)
			var got []string
			for _, p := range b.Problems {
				got = append(got, string(p.Code))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("problems %v, want %s", got, c.want)
			}
			if b.Doors[0].State != c.door {
				t.Errorf("door 1 is %s, want %s", b.Doors[0].State, c.door)
			}
		})
	}
}
