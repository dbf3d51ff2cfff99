package agent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

func TestAgentAppliesAndReports(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.hello("S1")
		synctest.Wait()
		if got := r.report(); got.Rev != 0 || got.Session != "S1" {
			t.Errorf("before any document it reports %+v", got)
		}
		if p, err := mdm.DecodePresence(r.bus.Retained(topic + "presence")); err != nil || !p.Online || p.Session != "S1" {
			t.Errorf("presence %+v, %v", p, err)
		}
		time.Sleep(time.Minute)
		r.send(until(time.Hour))
		if got := r.report(); got.Rev != 5 || got.Set[mdm.Camera] != (mdm.Outcome{State: mdm.Applied, Value: mdm.Block}) {
			t.Errorf("it reports %+v", got)
		}
		time.Sleep(time.Hour)
		time.Sleep(2 * time.Second)
		if got := r.report(); got.Rev != 5 || got.Mode != mdm.Home || got.Set[mdm.Camera].Value != mdm.User {
			t.Errorf("an hour later it reports %+v", got)
		}
	})
}

func TestAgentRefusesWhatIsNotSealed(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.hello("S1")
		r.send(until(time.Hour))
		time.Sleep(2 * time.Second)
		r.bus.Sent()
		forged := until(time.Hour)
		forged.Rev, forged.Set = 99, mdm.Set{mdm.Camera: mdm.Allow}
		b, err := json.Marshal(forged)
		if err != nil {
			t.Fatal(err)
		}
		r.raw(b)
		other := forged
		other.Dev = "e"
		r.send(other)
		r.raw(bytes.Repeat([]byte("x"), 10<<20))
		older := until(time.Hour)
		older.Rev = 4
		r.send(older)
		time.Sleep(5 * time.Second)
		if got := r.device.Read(mdm.Camera).Value; got != mdm.Block || r.report().Rev != 5 {
			t.Errorf("the camera is %s, rev %d", got, r.report().Rev)
		}
		if got := r.events(); len(got) != 4 {
			t.Errorf("events %v, want each refused", got)
		}
		stored, err := os.ReadFile(r.file)
		if err != nil || bytes.Contains(stored, []byte("99")) {
			t.Errorf("stored %s, %v", stored, err)
		}
	})
}

// Restarted with the broker away, the agent goes by what it has: the lesson
// until its end, then the fallback.
func TestAgentRestartedOffline(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		bus := mdmtest.NewBus()
		r := newRig(t, bus, path, pretend.Nature{})
		r.send(until(time.Hour))
		r.stop()

		alone := mdmtest.NewBus() // nothing retained: the network is gone
		alone.Down(errors.New("no route"))
		r = newRig(t, alone, path, pretend.Nature{})
		defer r.stop()
		synctest.Wait()
		if got := r.device.Read(mdm.Camera).Value; got != mdm.Block {
			t.Errorf("after the restart the camera is %s", got)
		}
		time.Sleep(time.Hour + time.Second)
		if got := r.device.Read(mdm.Camera).Value; got != mdm.User {
			t.Errorf("after the lesson the camera is %s", got)
		}
		alone.Down(nil)
		r.hello("S2")
		time.Sleep(2 * time.Second)
		if got := r.report(); got.Rev != 5 || got.Mode != mdm.Home || got.Session != "S2" {
			t.Errorf("back online it reports %+v", got)
		}
	})
}

func TestAgentDistrustsItsDisk(t *testing.T) {
	path := file(t)
	b, err := json.Marshal(lesson())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil { // without an envelope
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, mdmtest.NewBus(), path, pretend.Nature{})
		defer r.stop()
		r.hello("S1")
		time.Sleep(2 * time.Second)
		if got := r.report(); got.Rev != 0 {
			t.Errorf("it took rev %d from a file anybody can write", got.Rev)
		}
		if got := r.events(); len(got) != 1 || got[0] != "storage" {
			t.Errorf("events %v", got)
		}
	})
}

func TestAgentCoalescesReports(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.hello("S1")
		r.send(until(time.Hour))
		time.Sleep(3 * time.Second)
		r.bus.Sent()
		for range 20 { // two seconds of fiddling
			r.device.Tamper(mdm.Camera, mdm.Allow)
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(3 * time.Second)
		reports := 0
		for _, m := range r.bus.Sent() {
			if m.Topic == topic+"reported" {
				reports++
			}
		}
		if reports < 2 || reports > 5 {
			t.Errorf("%d reports of 20 changes in two seconds", reports)
		}
		if got := r.report().Set[mdm.Camera]; got.State != mdm.Applied {
			t.Errorf("the last report says %+v", got)
		}
	})
}

// A slow device says so, and says when it has arrived.
func TestAgentFollowsUp(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, mdmtest.NewBus(), path, pretend.Nature{Delay: 5 * time.Second})
		defer r.stop()
		r.hello("S1")
		time.Sleep(2 * time.Second)
		r.send(until(time.Hour))
		if got := r.report().Set[mdm.Camera].State; got != mdm.Updating {
			t.Errorf("at once it reports %s", got)
		}
		time.Sleep(7 * time.Second)
		if got := r.report().Set[mdm.Camera].State; got != mdm.Applied {
			t.Errorf("after 7 s it reports %s", got)
		}
	})
}

// Of documents that overtake each other on their way the newest counts.
func TestAgentKeepsTheNewestThatWaits(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.hello("S1")
		synctest.Wait()
		for rev := uint64(10); rev < 200; rev += 2 {
			for _, n := range []uint64{rev, rev - 1} {
				d := until(time.Hour)
				d.Rev = n
				r.deliver(d)
			}
			synctest.Wait()
			stored, err := os.ReadFile(r.file)
			if want := fmt.Sprintf(`"rev":%d,`, rev); err != nil || !bytes.Contains(stored, []byte(want)) {
				t.Fatalf("want %s in %s, %v", want, stored, err)
			}
		}
	})
}

// What could not be told while the broker was away is told afterwards.
func TestAgentTellsLater(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.hello("S1")
		r.send(until(10 * time.Minute))
		time.Sleep(3 * time.Second)
		r.bus.Sent()
		r.bus.Down(errors.New("no route"))
		r.device.Tamper(mdm.Camera, mdm.Allow)
		time.Sleep(time.Hour)
		r.bus.Down(nil)
		r.hello("S2")
		time.Sleep(3 * time.Second)
		if got := r.report(); got.Mode != mdm.Home {
			t.Errorf("the report says %+v", got)
		}
		if got := r.events(); len(got) != 1 || got[0] != "drift" {
			t.Errorf("events %v", got)
		}
	})
}
