package relay_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

// seen writes down what the devices behind a gateway hear.
type seen struct{ all []string }

func (s *seen) Listed(ids []string) { s.all = append(s.all, "list "+strings.Join(ids, " ")) }

func (s *seen) Document(id string, d mdm.Desired, sealed []byte) {
	s.all = append(s.all, "document "+id)
	if again, err := relay.Opener(mdmtest.Open).Document(sealed); err != nil || again.Rev != d.Rev {
		s.all = append(s.all, "another envelope")
	}
}

func (s *seen) Command(id string, c mdm.Command) { s.all = append(s.all, "command "+id+" "+c.ID) }

func (s *seen) Refused(id, what string, _ error) {
	s.all = append(s.all, "refused "+id+" "+what)
}

func (s *seen) since(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.all, want) {
		t.Errorf("the devices heard %q, want %q", s.all, want)
	}
	s.all = nil
}

type school struct {
	*testing.T
	bus *mdmtest.Bus
}

func (s school) send(topic string, of wire.Type, message any, retain bool) {
	s.Helper()
	payload, err := json.Marshal(message)
	if err != nil {
		s.Fatal(err)
	}
	sealed, err := mdmtest.Seal(of, payload)
	if err == nil {
		err = s.bus.Publish(s.Context(), topic, sealed, retain)
	}
	if err != nil {
		s.Fatal(err)
	}
}

func (s school) list(rev uint64, ids ...string) {
	s.send("bk/1/g/pads/devices", wire.TypeDevices, wire.Devices{V: 1, Rev: rev, Devices: ids}, true)
}

func (s school) want(dev string, rev uint64) {
	s.send("bk/1/d/"+dev+"/desired", wire.TypeDesired, mdm.Desired{V: 1, Dev: dev, Rev: rev, TS: time.Now(), Stage: mdm.Stage{Mode: mdm.Home, Set: mdm.Set{mdm.Camera: mdm.User}}}, true)
}

func (s school) tell(topic string, dev, id string) {
	now := time.Now()
	s.send(topic, wire.TypeCommand, mdm.NewCommand(dev, id, mdm.Sync, mdm.Args{}, now, now.Add(time.Hour)), false)
}

func TestWhatComesIn(t *testing.T) {
	s, heard := school{t, mdmtest.NewBus()}, &seen{}
	in := &relay.Intake{ID: "pads", Root: wire.DefaultRoot, Open: mdmtest.Open, Devices: heard, Log: slog.New(slog.DiscardHandler)}
	for _, begin := range []func(context.Context, relay.Bus) error{in.Run, in.Commands} {
		if err := begin(t.Context(), s.bus); err != nil {
			t.Fatal(err)
		}
	}
	s.want("pad-1", 1)
	heard.since(t)
	if in.Heard() {
		t.Error("there was no list yet")
	}
	s.list(2, "pad-1", "pad-2")
	heard.since(t, "list pad-1 pad-2", "document pad-1") // the document came early
	s.list(1, "pad-9")
	heard.since(t) // an older list
	s.want("pad-2", 1)
	s.want("pad-9", 1)
	heard.since(t, "document pad-2")
	s.tell("bk/1/d/pad-1/cmd", "pad-1", "c-1")
	command := s.bus.Sent()
	s.bus.Repeat("bk/1/d/pad-1/cmd", command[len(command)-1].Payload) // as if it had been retained
	s.tell("bk/1/d/pad-1/cmd", "pad-2", "c-3")
	s.tell("bk/1/d/pad-9/cmd", "pad-9", "c-4")
	heard.since(t, "command pad-1 c-1", "refused pad-1 a command", "refused pad-1 a command")
	for _, topic := range []string{"bk/1/d/pad-1/desired", "bk/1/d/pad-1/cmd", "bk/1/g/pads/devices"} {
		for _, payload := range []string{"nonsense", strings.Repeat("x", relay.MaxSealed+1)} {
			if err := s.bus.Publish(t.Context(), topic, []byte(payload), false); err != nil {
				t.Fatal(err)
			}
		}
	}
	heard.since(t, "refused pad-1 a document", "refused pad-1 a document", "refused pad-1 a command", "refused pad-1 a command")
	s.list(3, "pad-2")
	s.want("pad-1", 2)
	heard.since(t, "list pad-2")
}

// A death is believed of the session that was born last. One that came and went while
// the broker was out of reach was never born there.
func TestADeathIsOfABirthThatWasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := mdmtest.NewBus()
		out := relay.NewOutbox(wire.DefaultRoot, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- out.Run(ctx, bus) }()
		stand := func(here bool, session string) {
			now := time.Now()
			out.Stand("pad-1", mdm.NewPresence(here, session, now), mdm.NewReported(1, mdm.Home, session, now))
			time.Sleep(time.Minute)
		}
		stand(true, "A")
		bus.Down(errors.New("no broker"))
		stand(false, "A")
		stand(true, "B")
		stand(false, "B")
		bus.Down(nil)
		out.Again("pad-1")
		time.Sleep(time.Minute)
		life, err := mdm.DecodePresence(bus.Retained("bk/1/d/pad-1/presence"))
		if err != nil || life.Online || life.Session != "A" {
			t.Errorf("it tells %+v, %v", life, err)
		}
		said, err := mdm.DecodeReported(bus.Retained("bk/1/d/pad-1/reported"))
		if err != nil || said.Session != "A" {
			t.Errorf("it reports %+v, %v", said, err) // any other session is a sign of life
		}
		stand(true, "C")
		stand(false, "C")
		if life, err = mdm.DecodePresence(bus.Retained("bk/1/d/pad-1/presence")); err != nil || life.Online || life.Session != "C" {
			t.Errorf("then it tells %+v, %v", life, err)
		}
		stop()
		<-done
	})
}

// told are the topics' leaves and what was sent there since the last call.
func told(bus *mdmtest.Bus) (all []string) {
	for _, m := range bus.Sent() {
		all = append(all, strings.TrimPrefix(m.Topic, "bk/1/d/"))
	}
	return all
}

func TestWhatGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := mdmtest.NewBus()
		out := relay.NewOutbox(wire.DefaultRoot, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- out.Run(ctx, bus) }()
		expect := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			if got := told(bus); !slices.Equal(got, want) {
				t.Errorf("%s, it tells %q, want %q", when, got, want)
			}
		}
		now := time.Now()
		report := func(rev uint64) mdm.Reported { return mdm.NewReported(rev, mdm.Home, "S", now) }
		ack := mdm.NewAck("c-1", mdm.Done, "", now)

		out.Stand("pad-1", mdm.Presence{}, report(1))
		expect("of a device that was never seen")
		out.Stand("pad-1", mdm.NewPresence(true, "S", now), report(1))
		out.Answer("pad-1", ack)
		expect("of a device that is there", "pad-1/presence", "pad-1/reported", "pad-1/ack")
		out.Stand("pad-1", mdm.NewPresence(true, "S", now), report(1))
		time.Sleep(time.Minute)
		expect("of nothing new")

		bus.Down(errors.New("no broker"))
		out.Stand("pad-1", mdm.NewPresence(true, "S", now), report(2))
		out.Answer("pad-1", ack)
		time.Sleep(time.Minute)
		expect("without a broker")
		out.Stand("pad-1", mdm.NewPresence(true, "S", now), report(3))
		bus.Down(nil)
		time.Sleep(time.Minute)
		expect("once the broker is back, only the newest", "pad-1/reported", "pad-1/ack")

		out.Again("pad-1")
		expect("to a broker without a memory", "pad-1/presence", "pad-1/reported")
		out.Tell("pad-1", mdm.NewEvent("drift", "", now))
		expect("what happened", "pad-1/event")
		out.Answer("pad-2", ack)
		out.Drop("pad-2")
		expect("of a device that was retired")
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
	})
}
