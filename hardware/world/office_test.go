package world

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/wait"
)

// Somebody without a badge puts a phone behind a door that stands open, and
// takes it out again. The truth names no pupil for it.
func TestPutInAndTakeOut(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{Dir: dir, Truth: filepath.Join(dir, "truth"), Buses: []Bus{{Name: "one", Boards: 1}}, Wiring: []Wire{{Door: 3, Bus: "one"}}}
	w := openWorld(t, cfg)
	for _, step := range []struct {
		name string
		do   func() (bool, error)
		in   int
	}{
		{"in", func() (bool, error) { return w.PutIn(t.Context(), 3, "i-1") }, 1},
		{"out", func() (bool, error) { return w.TakeOut(t.Context(), 3, "i-1") }, 0},
	} {
		if err := w.Force(3); err != nil {
			t.Fatal(err)
		}
		if ok, err := step.do(); !ok || err != nil {
			t.Fatalf("%s: %v, %v", step.name, ok, err)
		}
		if d := w.Door(3); d.Open || len(d.Phones) != step.in {
			t.Errorf("%s: %+v", step.name, d)
		}
	}
	if err := w.Force(3); err != nil {
		t.Fatal(err)
	}
	if ok, err := w.TakeOut(t.Context(), 3, "i-1"); ok || err != nil {
		t.Errorf("what is not there was taken: %v, %v", ok, err)
	}
	var moved []string
	for _, l := range told(t, cfg) {
		if l.What == Put || l.What == Took {
			moved = append(moved, string(l.What)+l.Pupil+" "+l.Phone)
		}
	}
	if len(moved) != 2 || moved[0] != "put i-1" || moved[1] != "took i-1" {
		t.Errorf("the truth says %q", moved)
	}
}

// Somebody who is late for the first of their errands does not begin the next before
// it is done; others do not wait for them.
func TestErrandsInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		start, said := time.Now(), []string(nil)
		c := (&World{ctx: t.Context(), cfg: Config{Now: time.Now, Sleep: wait.For}}).newCrowd(t.Context())
		takes := func(d time.Duration, what string) func(context.Context) error {
			return func(context.Context) error {
				time.Sleep(d)
				mu.Lock()
				defer mu.Unlock()
				said = append(said, what)
				return nil
			}
		}
		c.inTurn([]Errand{{At: start.Add(2 * time.Minute), Do: takes(0, "put away")}, {At: start.Add(time.Minute), Do: takes(10*time.Minute, "taken")}})
		c.inTurn([]Errand{{At: start.Add(3 * time.Minute), Do: takes(0, "another")}})
		if err := c.wait(); err != nil {
			t.Fatal(err)
		}
		if want := []string{"another", "taken", "put away"}; !slices.Equal(said, want) {
			t.Errorf("in turn: %q, want %q", said, want)
		}
	})
}
