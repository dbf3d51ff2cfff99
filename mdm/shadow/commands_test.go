package shadow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// orders is a book of commands in memory.
type orders struct {
	mu      sync.Mutex
	waiting []mdm.Command
	whose   map[string]string // device, by command
	heard   []string
}

func (o *orders) ask(c mdm.Command) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, c)
	if o.whose == nil {
		o.whose = map[string]string{}
	}
	o.whose[c.ID] = c.Dev
}

func (o *orders) Waiting(now time.Time) []mdm.Command {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(o.waiting), func(c mdm.Command) bool { return !now.Before(c.Exp) })
}

func (o *orders) Sent(_ context.Context, id string) error { return o.note("sent " + id) }

func (o *orders) Answered(_ context.Context, device string, a mdm.Ack) error {
	o.mu.Lock()
	whose := o.whose[a.ID]
	if whose == device && a.State.Final() {
		o.waiting = slices.DeleteFunc(o.waiting, func(c mdm.Command) bool { return c.ID == a.ID })
	}
	o.mu.Unlock()
	if whose != device {
		return errors.New("never told")
	}
	return o.note(string(a.State) + " " + a.ID)
}

func (o *orders) note(what string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.heard = append(o.heard, what)
	return nil
}

// sent are the commands that went out since the last call.
func (r *rig) sent() (list []string) {
	r.t.Helper()
	for _, m := range r.bus.Sent() {
		if !strings.HasSuffix(m.Topic, "/cmd") {
			continue
		}
		b, err := mdmtest.Open(wire.TypeCommand, m.Payload)
		if err != nil || m.Retain {
			r.t.Fatalf("%s: retained %v, %v", m.Topic, m.Retain, err)
		}
		c, err := mdm.DecodeCommand(b)
		if err != nil || m.Topic != "bk/1/d/"+c.Dev+"/cmd" {
			r.t.Fatalf("%s: %+v, %v", m.Topic, c, err)
		}
		list = append(list, c.ID)
	}
	return list
}

func TestACommandWaitsForItsDevice(t *testing.T) {
	revs := revFile(t)
	synctest.Test(t, func(t *testing.T) {
		s, bus, book := newSchool(2), mdmtest.NewBus(), &orders{}
		sh, err := shadow.New(shadow.Config{Root: wire.DefaultRoot, Bus: bus, Fleet: s, Rules: s, Revs: revs, Seal: mdmtest.Seal, Day: day, Now: s.Now, Commands: book})
		if err == nil {
			err = sh.Open(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{Shadow: sh, school: s, t: t, bus: bus}
		go sh.Run(t.Context(), func(error) {}) //nolint:errcheck // it ends with the test
		expect := func(what string, want ...string) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			if got := r.sent(); !slices.Equal(got, want) {
				t.Errorf("%s %v went out, want %v", what, got, want)
			}
		}
		ask := func(id string) {
			book.ask(mdm.NewCommand("d-1", id, mdm.Lock, mdm.Args{}, s.Now(), s.Now().Add(30*time.Minute)))
		}
		ask("c-1")
		expect("while it is away")
		r.birth("d-1", "S1")
		expect("at its birth", "c-1")
		time.Sleep(time.Minute)
		expect("in the same session")
		ask("c-2")
		expect("while it is there", "c-2")
		r.say("d-1", "ack", mdm.NewAck("c-1", mdm.Accepted, "", eight))
		r.death("d-1", "S1")
		r.birth("d-1", "S2")
		expect("at its next birth, unanswered,", "c-1", "c-2")
		r.say("d-1", "ack", mdm.NewAck("c-1", mdm.Done, "", eight))
		r.say("d-2", "ack", mdm.NewAck("c-2", mdm.Done, "", eight))
		r.raw("d-1", "ack", []byte("nonsense"))
		r.say("d-9", "ack", mdm.NewAck("c-2", mdm.Done, "", eight))
		if got := r.refusals(); len(got) != 3 {
			t.Errorf("refused: %v", got)
		}
		s.at(31 * time.Minute)
		r.death("d-1", "S2")
		r.birth("d-1", "S3")
		expect("when one is done and the other over")
		want := []string{"sent c-1", "sent c-2", "accepted c-1", "sent c-1", "sent c-2", "done c-1"}
		if !slices.Equal(book.heard, want) {
			t.Errorf("the book heard %v", book.heard)
		}
	})
}
