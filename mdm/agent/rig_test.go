package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

const topic = "bk/1/d/d/"

// rig is one agent on a bus, in a bubble of synctest: school time is the
// bubble's.
type rig struct {
	t      *testing.T
	file   string // in which it keeps what it was told
	bus    *mdmtest.Bus
	device *pretend.Device
	agent  *agent.Agent
	stop   func()
}

// newRig starts an agent; change may change on what it runs.
func newRig(t *testing.T, bus *mdmtest.Bus, file string, nature pretend.Nature, change ...func(*agent.Config)) *rig {
	device := pretend.New(nature, time.Now)
	cfg := agent.Config{Device: "d", Root: wire.DefaultRoot, Platform: device, Store: agent.File(file),
		Commands: agent.File(file + "-commands"), Open: mdmtest.Open, Now: time.Now, Changed: device.Changed()}
	for _, f := range change {
		f(&cfg)
	}
	a := agent.New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, bus) }()
	r := &rig{t: t, file: file, bus: bus, device: device, agent: a}
	r.stop = func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the agent ended with %v", err)
		}
	}
	return r
}

// play gives a test an agent that starts from nothing, in a bubble.
func play(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	path := file(t)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, mdmtest.NewBus(), path, pretend.Nature{})
		defer r.stop()
		test(t, r)
	})
}

func (r *rig) send(d mdm.Desired) {
	r.t.Helper()
	r.deliver(d)
	synctest.Wait()
}

func (r *rig) deliver(d mdm.Desired) {
	r.t.Helper()
	r.publish("desired", sealed(r.t, wire.TypeDesired, d), true)
}

func (r *rig) publish(leaf string, b []byte, retain bool) {
	r.t.Helper()
	if err := r.bus.Publish(r.t.Context(), topic+leaf, b, retain); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) hello(session string) { r.agent.Hello(mdm.NewPresence(true, session, time.Now())) }

// arrive has the device come online, and what it says then said.
func (r *rig) arrive(session string) {
	r.t.Helper()
	r.hello(session)
	time.Sleep(2 * time.Second)
	r.acks()
}

func (r *rig) raw(b []byte) {
	r.t.Helper()
	r.publish("desired", b, true)
	synctest.Wait()
}

func (r *rig) report() mdm.Reported {
	r.t.Helper()
	got, err := mdm.DecodeReported(r.bus.Retained(topic + "reported"))
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

func (r *rig) events() (kinds []string) {
	for _, m := range r.bus.Sent() {
		if m.Topic == topic+"event" {
			e, err := mdm.DecodeEvent(m.Payload)
			if err != nil {
				r.t.Fatal(err)
			}
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func file(t *testing.T) string { return filepath.Join(t.TempDir(), "desired") }

// until makes a document whose lesson ends after d.
func until(d time.Duration) mdm.Desired {
	doc := lesson()
	doc.TS, doc.Until = time.Now().UTC(), time.Now().Add(d).UTC()
	return doc
}

func lock(id string, life time.Duration) mdm.Command {
	return mdm.NewCommand("d", id, mdm.Lock, mdm.Args{}, time.Now(), time.Now().Add(life))
}

// tell sends a command and waits until its answers are out.
func (r *rig) tell(c mdm.Command) {
	r.t.Helper()
	r.tellRaw(sealed(r.t, wire.TypeCommand, c))
}

func (r *rig) tellRaw(b []byte) {
	r.t.Helper()
	r.publish("cmd", b, false)
	time.Sleep(3 * time.Second)
	synctest.Wait()
}

func sealed(t *testing.T, of wire.Type, message any) []byte {
	t.Helper()
	b, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = mdmtest.Seal(of, b); err != nil {
		t.Fatal(err)
	}
	return b
}

// acks are the answers since the last call, as "id state".
func (r *rig) acks() (list []string) {
	r.t.Helper()
	for _, m := range r.bus.Sent() {
		if m.Topic != topic+"ack" {
			continue
		}
		a, err := mdm.DecodeAck(m.Payload)
		if err != nil || m.Retain {
			r.t.Fatalf("%+v, retained %v, %v", a, m.Retain, err)
		}
		list = append(list, a.ID+" "+string(a.State))
	}
	return list
}

func (r *rig) answers(what string, want ...string) {
	r.t.Helper()
	if got := r.acks(); !slices.Equal(got, want) {
		r.t.Errorf("%s it answers %v, want %v", what, got, want)
	}
}

func (r *rig) did(what string, want int) {
	r.t.Helper()
	if got := len(r.device.Done()); got != want {
		r.t.Errorf("%s it did %d things, want %d", what, got, want)
	}
}
