package shadow_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/bus/bustest"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// hall is a shadow and two devices on a broker: tab-1 is a good one with an
// agent, tab-2 is whatever a test makes of it.
type hall struct {
	*shadow.Shadow
	*school
	t       *testing.T
	broker  bustest.Broker
	control bustest.Conn
	orders  *orders
	key     *wire.Key

	good *pretend.Device
	skew atomic.Int64 // of the good device's clock
	evil *bustest.Member

	desired, commands bustest.Inbox // what the server sends
	events            bustest.Inbox // of the good device
}

func onBothBrokers(t *testing.T, run func(h *hall)) {
	t.Parallel() // an agent posts once a second at most, so they mostly wait
	for name, start := range map[string]func(t *testing.T) bustest.Broker{
		"embedded":  func(t *testing.T) bustest.Broker { return bustest.StartEmbedded(t) },
		"mosquitto": func(t *testing.T) bustest.Broker { return bustest.StartMosquitto(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(openHall(t, start(t)))
		})
	}
}

func openHall(t *testing.T, b bustest.Broker) *hall {
	h := &hall{school: newSchool(0), t: t, broker: b, control: b.Control(t), orders: &orders{}, key: wire.NewKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))}
	for _, id := range []string{"tab-1", "tab-2"} {
		h.devices = append(h.devices, mdm.Device{ID: id, Platform: "pretend"})
	}
	h.at(90 * time.Minute) // in the lesson
	var err error
	h.Shadow, err = shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: h.control, Fleet: h, Rules: h, Revs: revFile(t), Day: day, Now: h.Now, Commands: h.orders,
		Seal: func(of wire.Type, p []byte) ([]byte, error) { return wire.Seal(h.key, of, p) }})
	h.must(err)
	h.must(h.Open(t.Context()))
	go h.Run(t.Context(), func(error) {}) //nolint:errcheck // it ends with the test
	h.desired, h.commands = bustest.Subscribe(t, h.control, "bk/1/d/+/desired"), bustest.Subscribe(t, h.control, "bk/1/d/+/cmd")
	h.events = bustest.Subscribe(t, h.control, "bk/1/d/tab-1/event")
	h.evil = bustest.Connect(t, b, "tab-2")
	h.startGood()
	h.row("tab-1", func(r shadow.Row) bool { return r.Verdict == mdm.InForce })
	return h
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// startGood connects tab-1's agent.
func (h *hall) startGood() {
	h.t.Helper()
	h.good = pretend.New(pretend.Nature{}, time.Now)
	a := agent.New(agent.Config{Device: "tab-1", Root: wire.DefaultRoot, Platform: h.good, Store: agent.File(h.t.TempDir() + "/desired"),
		Commands: agent.File(h.t.TempDir() + "/commands"), Tick: 20 * time.Millisecond,
		Open: func(of wire.Type, b []byte) ([]byte, error) { return wire.Open(h.key.Public(), of, b) },
		Now:  func() time.Time { return h.Now().Add(time.Duration(h.skew.Load())) }})
	var birth mdm.Presence
	m := bustest.Dial(h.t, h.broker, "tab-1", func(c *bus.Config) {
		c.Will = func() (string, []byte) {
			death := bus.Presence{Session: bus.NewSession(), TS: time.Now()}
			birth = mdm.NewPresence(true, death.Session, death.TS)
			return "bk/1/d/tab-1/presence", death.Encode()
		}
		c.OnUp = func(context.Context) { a.Hello(birth) }
	})
	go a.Run(h.t.Context(), m.Client) //nolint:errcheck // it ends with the test
}

// row waits until a device's row is as wanted.
func (h *hall) row(dev string, wanted func(shadow.Row) bool) {
	h.t.Helper()
	h.await(dev, func(b shadow.Board) bool {
		n := slices.IndexFunc(b.Rows, func(r shadow.Row) bool { return r.Device.ID == dev })
		return n >= 0 && wanted(b.Rows[n])
	})
}

func (h *hall) await(what string, wanted func(shadow.Board) bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	for {
		b := h.Board()
		if wanted(b) {
			return
		}
		if h.Wait(ctx, b.Size) != nil {
			h.t.Fatalf("%s: the board stays %+v", what, b)
		}
	}
}

// refused waits until a message of a device was refused for a reason.
func (h *hall) refused(dev string, leaf wire.Leaf, reason string) {
	h.t.Helper()
	h.await(dev+" "+string(leaf)+": "+reason, func(b shadow.Board) bool {
		return slices.ContainsFunc(b.Last, func(r shadow.Refusal) bool {
			return r.Device == dev && r.Leaf == leaf && strings.Contains(r.Reason, reason)
		})
	})
}

func (h *hall) seal(of wire.Type, key *wire.Key, message any) []byte {
	h.t.Helper()
	b, err := json.Marshal(message)
	h.must(err)
	b, err = wire.Seal(key, of, b)
	h.must(err)
	return b
}

func (h *hall) inject(topic string, b []byte, retain bool) {
	h.t.Helper()
	bustest.Publish(h.t, h.control, topic, string(b), retain)
}

// told waits until the good device has said of as many messages why it refused
// them.
func (h *hall) told(reasons ...string) {
	h.t.Helper()
	var said []string
	for len(said) < len(reasons) {
		e, err := mdm.DecodeEvent([]byte(h.events.Next(h.t).Payload))
		h.must(err)
		said = append(said, e.Kind+" "+e.Detail)
	}
	for _, reason := range reasons {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "refused ") && strings.Contains(s, reason) }) {
			h.t.Errorf("it never said that it refused for %q, but %q", reason, said)
		}
	}
}

func TestADeviceSpeaksForItselfOnly(t *testing.T) {
	onBothBrokers(t, func(h *hall) {
		h.must(h.evil.Close())
		before := h.Board()
		death := mdm.NewPresence(false, "S", eight)
		for leaf, message := range map[wire.Leaf]any{
			wire.LeafPresence: death, wire.LeafReported: mdm.NewReported(1, mdm.Home, "S", eight), wire.LeafAck: mdm.NewAck("c-1", mdm.Done, "", eight),
			wire.LeafEvent: mdm.NewEvent("tamper", "", eight), wire.LeafDesired: mdm.Desired{}, wire.LeafCommand: mdm.Command{},
		} {
			b, err := json.Marshal(message)
			h.must(err)
			evil := bustest.Connect(h.t, h.broker, "tab-2")
			err = evil.Publish(h.t.Context(), wire.DefaultRoot.Device("tab-1", leaf), b, true)
			if h.broker.Refuses() && err == nil {
				h.t.Errorf("%s: it was taken", leaf)
			}
			h.must(evil.Close())
		}
		evil := bustest.Connect(h.t, h.broker, "tab-2")
		bustest.Publish(h.t, evil, "bk/1/d/tab-2/event", "the last", false) // behind all that
		h.refused("tab-2", wire.LeafEvent, "")
		h.row("tab-1", func(r shadow.Row) bool { return r.Verdict == mdm.InForce && r.Link.Online && r.Event == nil })
		if after := h.Board(); after.Refused != before.Refused+1 {
			h.t.Errorf("refused: %+v", after.Last)
		}
	})
}

func TestBadReportsAreRefusedAndNobodyElseIsTouched(t *testing.T) {
	onBothBrokers(t, func(h *hall) {
		say := func(leaf wire.Leaf, message any) {
			h.t.Helper()
			b, ok := message.([]byte)
			if !ok {
				var err error
				b, err = json.Marshal(message)
				h.must(err)
			}
			bustest.Publish(h.t, h.evil, string(wire.DefaultRoot.Device("tab-2", leaf)), string(b), true)
		}
		say(wire.LeafPresence, mdm.NewPresence(true, "S1", eight))
		say(wire.LeafReported, []byte("{"))
		h.refused("tab-2", wire.LeafReported, "cannot be read")
		say(wire.LeafReported, make([]byte, bus.MaxPayload))
		h.refused("tab-2", wire.LeafReported, "longer than")
		say(wire.LeafReported, mdm.NewReported(1<<40, mdm.Lesson, "S1", eight))
		h.refused("tab-2", wire.LeafReported, "never issued")
		say(wire.LeafAck, mdm.NewAck("c-1", mdm.Done, "", eight))
		h.refused("tab-2", wire.LeafAck, "never told")
		say(wire.LeafPresence, []byte(`{"v":9}`))
		h.refused("tab-2", wire.LeafPresence, "version")
		obeyed := mdm.NewReported(0, mdm.Lesson, "S1", eight)
		obeyed.Set[mdm.Camera] = mdm.Outcome{State: mdm.Applied, Value: mdm.Block}
		say(wire.LeafReported, obeyed) // of an old rev: it counts for nothing
		h.row("tab-2", func(r shadow.Row) bool { return r.Said != nil && r.Verdict == mdm.Pending })
		h.row("tab-1", func(r shadow.Row) bool { return r.Verdict == mdm.InForce })
	})
}

func TestForgedAndReplayedDocumentsAreRefused(t *testing.T) {
	onBothBrokers(t, func(h *hall) {
		const topic = "bk/1/d/tab-1/desired"
		current := h.row1().Rev
		doc := func(dev string, rev uint64, set mdm.Set) mdm.Desired {
			return mdm.Desired{V: 1, Dev: dev, Rev: rev, TS: eight, Stage: mdm.Stage{Mode: mdm.Home, Set: set}}
		}
		free := mdm.Set{mdm.Camera: mdm.Allow}
		stranger := wire.NewKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat("s", ed25519.SeedSize))))
		var reasons []string
		for reason, b := range map[string][]byte{
			"key of somebody else":     h.seal(wire.TypeDesired, stranger, doc("tab-1", 99, free)),
			"false signature":          h.seal(wire.TypeTime, h.key, doc("tab-1", 99, free)),
			"it is for another device": h.seal(wire.TypeDesired, h.key, doc("tab-2", 99, free)),
			"version":                  h.seal(wire.TypeDesired, h.key, mdm.Desired{V: 2, Dev: "tab-1", Rev: 99}),
			"too long":                 []byte(strings.Repeat("x", 500<<10)),
		} {
			h.inject(topic, b, true)
			reasons = append(reasons, reason)
		}
		h.told(reasons...)

		old := h.last(h.desired, topic)
		h.at(2 * time.Hour) // home, a new rev
		h.row("tab-1", func(r shadow.Row) bool { return r.Rev == current+1 && r.Verdict == mdm.InForce })
		h.inject(topic, old, true)
		h.told("older")
		if got := h.row1(); got.Verdict != mdm.InForce || got.Said.Rev != current+1 || h.good.Read(mdm.Camera).Value != mdm.User {
			h.t.Errorf("after a replay it is %s at rev %d, with the camera %s", got.Verdict, got.Said.Rev, h.good.Read(mdm.Camera).Value)
		}
		h.inject(topic, h.seal(wire.TypeDesired, h.key, doc("tab-1", current+2, mdm.Set{"x-ray": mdm.Block})), true)
		h.refused("tab-1", wire.LeafReported, "never issued") // only the server issues revs, whoever has its key
	})
}

func (h *hall) row1() (row shadow.Row) {
	h.t.Helper()
	h.row("tab-1", func(r shadow.Row) bool { row = r; return true })
	return row
}

// last takes what has arrived and gives the newest of a topic that the shadow
// sent, so an envelope of it.
func (h *hall) last(inbox bustest.Inbox, topic string) (b []byte) {
	h.t.Helper()
	for {
		select {
		case got := <-inbox:
			payload, err := wire.Open(h.key.Public(), wire.TypeDesired, []byte(got.Payload))
			if d, bad := mdm.DecodeDesired(payload); got.Topic == topic && err == nil && bad == nil && d.Dev == "tab-1" {
				b = []byte(got.Payload)
			}
		default:
			if b == nil {
				h.t.Fatal("nothing was sent")
			}
			return b
		}
	}
}

func TestReplayedCommandsAreDoneOnce(t *testing.T) {
	onBothBrokers(t, func(h *hall) {
		command := func(dev, id string, exp time.Duration) mdm.Command {
			return mdm.NewCommand(dev, id, mdm.Lock, mdm.Args{}, h.Now(), h.Now().Add(exp))
		}
		h.orders.ask(command("tab-1", "c-1", time.Hour))
		sent := []byte(h.commands.Next(h.t).Payload)
		h.heard("done c-1")
		h.inject("bk/1/d/tab-1/cmd", sent, false)
		h.inject("bk/1/d/tab-1/cmd", sent, true)
		h.inject("bk/1/d/tab-1/cmd", h.seal(wire.TypeCommand, h.key, command("tab-1", "c-2", -time.Second)), false)
		h.refused("tab-1", wire.LeafAck, "never told") // it says that c-2 has expired
		h.inject("bk/1/d/tab-1/cmd", h.seal(wire.TypeCommand, h.key, command("tab-2", "c-3", time.Hour)), false)
		h.inject("bk/1/d/tab-1/cmd", h.seal(wire.TypeDesired, h.key, command("tab-1", "c-4", time.Hour)), false)
		h.told("another device", "false signature")
		if got := h.good.Done(); len(got) != 1 {
			h.t.Errorf("it did %v", got)
		}
	})
}

func (h *hall) heard(what string) {
	h.t.Helper()
	h.await(what, func(shadow.Board) bool {
		h.orders.mu.Lock()
		defer h.orders.mu.Unlock()
		return slices.Contains(h.orders.heard, what)
	})
}

// A device whose clock is a day off goes by it. It is told of as it is: not as
// the lesson wants it.
func TestAClockADayOffIsNoSecret(t *testing.T) {
	onBothBrokers(t, func(h *hall) {
		h.skew.Store(int64(24 * time.Hour))
		h.row("tab-1", func(r shadow.Row) bool { return r.Verdict == mdm.Violating && r.Said.Mode == mdm.Home })
		h.skew.Store(int64(-24 * time.Hour))
		h.row("tab-1", func(r shadow.Row) bool { return r.Verdict == mdm.InForce })
	})
}
