package agent_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

func TestACommandIsDoneOnce(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		bus := mdmtest.NewBus()
		r := newRig(t, bus, path, pretend.Nature{})
		r.arrive("S1")
		c := lock("c-1", time.Hour)
		r.tell(c)
		r.answers("told once", "c-1 accepted", "c-1 done")
		r.tell(c)
		r.answers("told again", "c-1 done")
		r.did("told twice", 1)
		r.stop()

		r = newRig(t, bus, path, pretend.Nature{})
		defer r.stop()
		r.arrive("S2")
		r.tell(c)
		r.answers("told again after a restart", "c-1 done")
		r.did("after a restart", 0)
		time.Sleep(time.Hour)
		for n := range 300 { // make it forget, were there nothing in its place
			r.tell(lock(fmt.Sprint("x-", n), time.Second))
		}
		r.acks()
		r.tell(c)
		r.answers("told again when it is over", "c-1 expired")
	})
}

// Turning the clock back does not bring a command back that is over.
func TestAForgottenCommandStaysOver(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Int64 // how much too early the agent's clock is
		r := newRig(t, mdmtest.NewBus(), path, pretend.Nature{}, func(c *agent.Config) {
			c.Now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
		})
		defer r.stop()
		r.arrive("S1")
		c := lock("c-1", time.Minute)
		r.tell(c)
		time.Sleep(time.Hour)
		r.tell(lock("c-2", time.Minute)) // c-1 is forgotten now
		r.did("so far", 2)
		back.Store(int64(time.Hour))
		r.acks()
		r.tell(c)
		r.answers("by a clock set back", "c-1 expired")
		r.did("by a clock set back", 2)
	})
}

func TestACommandOutOfOrderIsNotDone(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.arrive("S1")
		with := func(id string, change func(*mdm.Command)) mdm.Command {
			c := lock(id, time.Hour)
			change(&c)
			return c
		}
		for _, c := range []struct {
			what string
			c    mdm.Command
			want []string
		}{
			{"one that is over", with("c-1", func(c *mdm.Command) { c.Exp = time.Now() }), []string{"c-1 expired"}},
			{"one for a hundred days", with("c-2", func(c *mdm.Command) { c.Exp = time.Now().Add(100 * 24 * time.Hour) }), []string{"c-2 rejected"}},
			{"one nobody knows", with("c-3", func(c *mdm.Command) { c.Op = "sing" }), []string{"c-3 rejected"}},
			{"one of another device", with("c-4", func(c *mdm.Command) { c.Dev = "e" }), nil},
		} {
			r.tell(c.c)
			r.answers("to "+c.what, c.want...)
		}
		good := lock("c-5", time.Hour)
		r.tellRaw(sealed(t, wire.TypeDesired, good)) // in a desired document's envelope
		r.bus.Repeat(topic+"cmd", sealed(t, wire.TypeCommand, good))
		r.tellRaw(bytes.Repeat([]byte("x"), 10<<20))
		r.tellRaw([]byte(`{"v":1}`))
		r.answers("to forged ones", []string(nil)...)
		r.did("of all these", 0)
		r.tell(good)
		r.did("of a good one", 1)
	})
}

func TestRefusedCommandsAreTold(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.arrive("S1")
		r.tellRaw([]byte("forged"))
		if got := r.events(); !slices.Equal(got, []string{"refused"}) {
			t.Errorf("events %v", got)
		}
	})
}

// Without its memory a device cannot know what it did, and does nothing that was
// asked for before.
func TestALostMemoryDoesNothingTwice(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		if err := os.WriteFile(path+"-commands", []byte("garbage"), 0o600); err != nil {
			t.Fatal(err)
		}
		c := lock("c-1", time.Hour)
		time.Sleep(time.Minute)
		r := newRig(t, mdmtest.NewBus(), path, pretend.Nature{})
		defer r.stop()
		r.arrive("S1")
		r.tell(c)
		r.answers("to what was asked for before", "c-1 rejected")
		r.tell(lock("c-2", time.Hour))
		r.answers("to what is asked for now", "c-2 accepted", "c-2 done")
	})
}

// fullDisk keeps nothing.
type fullDisk struct{}

func (fullDisk) Load() ([]byte, error) { return nil, nil }
func (fullDisk) Save([]byte) error     { return errors.New("no space") }

func TestNothingIsDoneThatCannotBeRemembered(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, mdmtest.NewBus(), path, pretend.Nature{}, func(c *agent.Config) { c.Commands = fullDisk{} })
		defer r.stop()
		r.arrive("S1")
		r.tell(lock("c-1", time.Hour))
		r.answers("with a full disk", "c-1 rejected")
		r.did("with a full disk", 0)
	})
}

func TestSyncReportsAnew(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.hello("S1")
		r.send(until(time.Hour))
		time.Sleep(3 * time.Second)
		before := r.report()
		time.Sleep(time.Minute)
		c := lock("c-1", time.Hour)
		c.Op = mdm.Sync
		r.tell(c)
		if after := r.report(); !after.Same(before) || !after.TS.After(before.TS) {
			t.Errorf("before it reported %+v, after %+v", before, after)
		}
	})
}

// A platform that only holds settings rejects what it has no way to do.
type settingsOnly struct{ agent.Platform }

func TestWhatADeviceCannotDoIsRejected(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, mdmtest.NewBus(), path, pretend.Nature{}, func(c *agent.Config) { c.Platform = settingsOnly{c.Platform} })
		defer r.stop()
		r.arrive("S1")
		r.tell(lock("c-1", time.Hour))
		r.answers("it", "c-1 accepted", "c-1 rejected")
	})
}

// The lists of apps reach the device with the value that names them.
func TestListsReachTheDevice(t *testing.T) {
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		rules := mdm.Rules{
			Lists:       []mdm.List{{ID: "social", Items: []string{"com.example.chat", "com.example.clips"}}},
			Profiles:    []mdm.Profile{{ID: "p", Set: mdm.Set{mdm.Apps: mdm.Lists{Block: []string{"social"}}.Value()}}},
			Assignments: []mdm.Assignment{{Profile: "p"}},
		}
		doc := mdm.Compile(mdm.Device{ID: "d"}, rules, nil, nil, time.Now())
		doc.Rev = 1
		r := newRig(t, mdmtest.NewBus(), path, pretend.Nature{})
		defer r.stop()
		r.hello("S1")
		r.send(doc)
		time.Sleep(3 * time.Second)
		if got := r.device.Items(mdm.Apps); !slices.Equal(got, rules.Lists[0].Items) || r.report().Set[mdm.Apps].State != mdm.Applied {
			t.Errorf("the device blocks %v and reports %+v", got, r.report().Set[mdm.Apps])
		}
	})
}
