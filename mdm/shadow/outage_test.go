package shadow_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// change is a value that a device's camera really took.
type change struct {
	at    time.Duration // after the start
	value mdm.Value
}

// memoryStore is a device's disk.
type memoryStore struct{ b []byte }

func (m *memoryStore) Load() ([]byte, error) { return m.b, nil }
func (m *memoryStore) Save(b []byte) error   { m.b = b; return nil }

// The broker is gone for an hour from the middle of a lesson, and comes back
// without its memory. Each of 200 devices goes on by its own clock, to the tick,
// and has what changed meanwhile once it is back; what the broker brings up of
// before is refused by all.
func TestTheBrokerIsGoneForAnHour(t *testing.T) {
	t.Parallel()
	const devices, look = 200, 5 * time.Second
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		after := func(m float64) time.Time { return start.Add(time.Duration(m * float64(time.Minute))) }
		day := func(time.Time) []mdm.Period {
			return []mdm.Period{
				{Kind: mdm.Lesson, Name: "P1", From: after(1), Until: after(30)},
				{Kind: mdm.Break, Name: "Break", From: after(30), Until: after(50)},
				{Kind: mdm.Lesson, Name: "P2", From: after(50), Until: after(90)},
			}
		}
		s, bus := newSchool(devices), mdmtest.NewBus()
		revs := shadow.RevFile(filepath.Join(dir, "revs.json"))
		sh, err := shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: bus, Fleet: s, Rules: s, Revs: revs, Seal: mdmtest.Seal, Day: day, Now: time.Now})
		if err == nil {
			err = revs.Save(nil)
		}
		if err == nil {
			err = sh.Open(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		go sh.Run(t.Context(), func(error) {}) //nolint:errcheck // it ends with the test
		var mu sync.Mutex
		truth := map[string][]change{}
		agents := map[string]*agent.Agent{}
		for _, d := range s.Devices() {
			device := pretend.New(pretend.Nature{Witness: func(set mdm.Setting, v mdm.Value, _ time.Time) {
				mu.Lock()
				defer mu.Unlock()
				if set == mdm.Camera {
					truth[d.ID] = append(truth[d.ID], change{time.Since(start), v})
				}
			}}, time.Now)
			a := agent.New(agent.Config{Device: d.ID, Root: wire.DefaultRoot, Platform: device, Store: &memoryStore{}, Commands: &memoryStore{},
				Open: mdmtest.Open, Now: time.Now, Tick: look})
			agents[d.ID] = a
			go a.Run(t.Context(), bus) //nolint:errcheck // it ends with the test
			a.Hello(mdm.NewPresence(true, "S1-"+d.ID, time.Now()))
		}
		time.Sleep(time.Until(after(10)))
		if got := sh.Board().Counts[mdm.InForce]; got != devices {
			t.Fatalf("before it is gone %v", sh.Board().Counts)
		}
		old := map[string][]byte{}
		for id := range agents {
			old[id] = bus.Retained("bk/1/d/" + id + "/desired")
		}

		bus.Down(errors.New("no route"))
		time.Sleep(time.Until(after(40)))
		s.set(func() { s.policy = mdmtest.InLessons(mdm.Share) }) // the camera is free in lessons from now on
		time.Sleep(time.Until(after(70)))
		bus.Lose()
		bus.Down(nil)
		sh.Anew()
		random := rand.New(rand.NewPCG(1, 0))
		for id, a := range agents {
			go func(wait time.Duration) {
				time.Sleep(wait) // as clients do
				bus.Repeat("bk/1/d/"+id+"/desired", old[id])
				a.Hello(mdm.NewPresence(true, "S2-"+id, time.Now()))
				bus.Repeat("bk/1/d/"+id+"/desired", old[id])
			}(time.Duration(random.Int64N(int64(time.Minute))))
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := sh.Board().Counts[mdm.InForce]; got != devices {
			t.Errorf("after it came back %v", sh.Board().Counts)
		}
		want := []change{{time.Minute, mdm.Block}, {30 * time.Minute, mdm.User}, {50 * time.Minute, mdm.Block}, {70 * time.Minute, mdm.User}}
		mu.Lock()
		defer mu.Unlock()
		for id, got := range truth {
			if problem := compare(got, want, 2*look); problem != "" {
				t.Errorf("%s: %s", id, problem)
			}
		}
		if len(truth) != devices {
			t.Errorf("%d devices changed", len(truth))
		}
		revsGrow(t, bus.Sent())
	})
}

// compare tells where what a device did is not what it should have, each change
// at most late after its time and never before.
func compare(got, want []change, late time.Duration) string {
	if len(got) != len(want) {
		return fmt.Sprintf("it did %v, want %v", got, want)
	}
	for i, w := range want {
		if got[i].value != w.value || got[i].at < w.at || got[i].at > w.at+late {
			return fmt.Sprintf("it did %v, want %v", got[i], w)
		}
	}
	return ""
}

// revsGrow holds every report against the last of its device.
func revsGrow(t *testing.T, sent []mdmtest.Message) {
	t.Helper()
	last := map[string]uint64{}
	for _, m := range sent {
		if _, leaf, _ := wire.DefaultRoot.Whose(m.Topic); leaf != wire.LeafReported {
			continue
		}
		r, err := mdm.DecodeReported(m.Payload)
		if err != nil {
			t.Fatal(err)
		}
		if r.Rev < last[m.Topic] {
			t.Errorf("%s: rev %d after %d", m.Topic, r.Rev, last[m.Topic])
		}
		last[m.Topic] = r.Rev
	}
}
