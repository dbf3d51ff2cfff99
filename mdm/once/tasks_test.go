package once_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/once"
)

type errand struct {
	once.Task
	Got bool `json:"got,omitempty"`
}

func (e errand) Given() bool { return e.Got }

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// told takes a command in as a gateway does and gives the answers as "id state".
func told(tasks *once.Tasks[errand], id string, op mdm.Op, now time.Time) []string {
	c := mdm.NewCommand("pad-1", id, op, mdm.Args{}, now, now.Add(time.Hour))
	acks, fresh := tasks.Take(c, now)
	if fresh {
		acks = tasks.Begin(errand{Task: once.Of(c)}, now)
	}
	return words(acks)
}

func words(acks []mdm.Ack) (all []string) {
	for _, a := range acks {
		all = append(all, a.ID+" "+string(a.State))
	}
	return all
}

func check(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s it is answered %q, want %q", what, got, want)
	}
}

func TestATaskIsTakenInOnce(t *testing.T) {
	tasks := once.Tasks[errand]{Memory: once.New(time.Time{})}
	check(t, "told first", told(&tasks, "c-1", mdm.Lock, now))
	check(t, "told again before there is an answer", told(&tasks, "c-1", mdm.Lock, now))
	if len(tasks.Open) != 1 {
		t.Errorf("open are %+v", tasks.Open)
	}
	done := func(errand) (mdm.AckState, string) { return mdm.Done, "it said so" }
	check(t, "at last", words(tasks.Settle(now, done)), "c-1 done")
	check(t, "told again", told(&tasks, "c-1", mdm.Lock, now), "c-1 done")
	if acks, _ := tasks.Take(mdm.NewCommand("pad-1", "c-1", mdm.Lock, mdm.Args{}, now, now.Add(time.Hour)), now); len(acks) != 1 || acks[0].Detail != "it said so" {
		t.Errorf("told again it is answered %+v", acks)
	}
	if len(tasks.Open) != 0 {
		t.Errorf("open are %+v", tasks.Open)
	}
	later := now.Add(2 * time.Hour)
	check(t, "told when it is forgotten", told(&tasks, "c-2", mdm.Sync, later))
	tasks.Say("c-2", mdm.Accepted, "", later)
	if len(tasks.Said) != 1 {
		t.Errorf("answers are kept of what is forgotten: %v", tasks.Said)
	}
}

func TestALaterCommandTakesThePlaceOfOneNotComeFor(t *testing.T) {
	for _, c := range []struct {
		first, second mdm.Op
		given         bool
		want          []string
	}{
		{mdm.Lock, mdm.Lock, false, []string{"c-1 rejected"}},
		{mdm.Lock, mdm.Unlock, false, []string{"c-1 rejected"}},
		{mdm.Unlock, mdm.Lock, false, []string{"c-1 rejected"}},
		{mdm.Wipe, mdm.Wipe, false, []string{"c-1 rejected"}},
		{mdm.Lock, mdm.Wipe, false, nil},
		{mdm.Sync, mdm.Sync, false, nil}, // each is answered for itself
		{mdm.Lock, mdm.Unlock, true, nil},
	} {
		tasks := once.Tasks[errand]{Memory: once.New(time.Time{})}
		told(&tasks, "c-1", c.first, now)
		tasks.Open[0].Got = c.given
		check(t, string(c.second)+" after "+string(c.first), told(&tasks, "c-2", c.second, now), c.want...)
		if last := tasks.Open[len(tasks.Open)-1]; last.ID != "c-2" || len(tasks.Open) != 2-len(c.want) {
			t.Errorf("%s after %s leaves %+v", c.second, c.first, tasks.Open)
		}
	}
}

// What gateways have on their disks stays readable.
func TestTasksOnDisk(t *testing.T) {
	const before = `{"memory":{"v":1,"known":[{"id":"c-1","exp":"2026-11-23T10:00:00Z","state":"accepted"}]},"open":[{"id":"c-1","op":"lock","text":"Lost","exp":"2026-11-23T10:00:00Z","got":true}]}`
	var kept struct{ once.Tasks[errand] }
	if err := json.Unmarshal([]byte(before), &kept); err != nil {
		t.Fatal(err)
	}
	if o := kept.Open[0]; o.ID != "c-1" || o.Op != mdm.Lock || o.Text != "Lost" || !o.Exp.Equal(now.Add(time.Hour)) || !o.Got {
		t.Errorf("read as %+v", o)
	}
	if b, err := json.Marshal(kept); err != nil || string(b) != before {
		t.Errorf("written as %s, %v", b, err)
	}
}

func TestACloneSharesNothing(t *testing.T) {
	tasks := once.Tasks[errand]{Memory: once.New(time.Time{})}
	told(&tasks, "c-1", mdm.Lock, now)
	tasks.Say("c-1", mdm.Accepted, "", now)
	was, err := json.Marshal(tasks)
	if err != nil {
		t.Fatal(err)
	}
	other := tasks.Clone()
	other.Open[0].Got = true
	other.Say("c-1", mdm.Done, strings.Repeat("x", 9), now)
	if b, _ := json.Marshal(tasks); string(b) != string(was) {
		t.Errorf("it was %s and is %s", was, b)
	}
}
