package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/nettest"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// house is a school server inside the test, which so can look at its boards and
// speak on its broker with any voice. Its banks are processes.
type house struct {
	*server.Server
	rig    *rig
	config server.Config
	halt   func()
	ended  string // the last checkpoint the server had of a bank that died
}

// openHouse starts a server with the pupils of Mill Lane.
func (r *rig) openHouse() *house {
	r.t.Helper()
	r.fillServer()
	r.letCollect()
	s, err := roster.Load(r.path("school"))
	r.must(err)
	h := &house{rig: r, config: server.Config{
		Dir: r.path("server"), School: s, Names: []string{"127.0.0.1"}, MQTT: nettest.Free(r.t), Join: nettest.Free(r.t),
		Now: func() school.Instant { return school.Instant{Wall: time.Now(), Trusted: true, Boot: "test"} },
	}}
	h.open()
	r.t.Cleanup(func() { h.halt() })
	return h
}

// open starts the server, again after halt.
func (h *house) open() {
	h.rig.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s, err := server.Open(ctx, h.config)
	h.rig.must(err)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	h.Server = s
	h.halt = func() {
		stop()
		if err := <-ended; err != nil {
			h.rig.t.Errorf("the server ended with %v", err)
		}
		h.halt = func() {}
	}
}

// admit lets the bank of a rig join: that of the house's own, or another.
func (h *house) admit(r *rig, bank string, first, last int) {
	r.t.Helper()
	h.invite(r, server.Invitation{ID: bank, First: first, Last: last})
}

// invite lets a bank join that is listed like this.
func (h *house) invite(r *rig, in server.Invitation) {
	r.t.Helper()
	in.By, in.Kind, in.Allotment = "it", cert.Bank, locker.Fixed
	code, _, err := h.Invite(r.t.Context(), in)
	r.must(err)
	text, err := code.Text()
	r.must(err)
	join := exec.Command(filepath.Join(r.programs, "bellkeep-bank"), "join", "--code", text, "--config", r.path("school", "bank-a.yaml"), "--data", r.path("data"))
	if out, err := join.CombinedOutput(); err != nil {
		r.t.Fatalf("joining: %v\n%s", err, out)
	}
}

// work starts the house's bank and waits until it serves and is connected.
func (h *house) work(some ...string) *scene {
	h.rig.t.Helper()
	s := h.rig.openScene(some...)
	h.rig.startBank()
	s.awaitScreen(locker.Scan)
	h.rig.await("the bank on the line", h.online)
	return s
}

func (h *house) online() bool { return h.Banks.Banks()[0].Online }

// events are what the server's copy of bank a's ledger says of some kinds.
func (h *house) events(kinds ...locker.Kind) (list []locker.Event) {
	h.rig.t.Helper()
	c, ok := h.Banks.Copy("a")
	if !ok {
		return nil
	}
	h.rig.must(c.Read(h.rig.t.Context(), 0, func(rec ledger.Record) error {
		e, err := record.Event(rec)
		if err == nil && slices.Contains(kinds, e.Kind) {
			list = append(list, e)
		}
		return nil
	}))
	return list
}

// told waits until the server's copy says something of a kind for the n-th time.
func (h *house) told(n int, kind locker.Kind) locker.Event {
	h.rig.t.Helper()
	h.rig.await("on the server's copy, "+string(kind), func() bool { return len(h.events(kind)) >= n })
	return h.events(kind)[n-1]
}

// publish says something on the broker with the server's own voice.
func (h *house) publish(topic string, payload []byte, retain bool) {
	h.rig.t.Helper()
	h.rig.must(h.Broker.Conn().Publish(h.rig.t.Context(), topic, payload, retain))
}

// sealed is a message in an envelope.
func (h *house) sealed(key *wire.Key, t wire.Type, message any) []byte {
	h.rig.t.Helper()
	payload, err := wire.Encode(message)
	h.rig.must(err)
	sealed, err := wire.Seal(key, t, payload)
	h.rig.must(err)
	return sealed
}

// caughtUp waits until the copy of bank a has all its records.
func (h *house) caughtUp() {
	h.rig.t.Helper()
	h.rig.await("the last record at the server", func() bool {
		c, ok := h.Banks.Copy("a")
		state := h.Banks.Banks()[0].State
		return ok && state.Size > 0 && c.Size() >= state.Size
	})
}

// sameCopy waits until the server knows of some openings, ends it and the bank,
// and compares the ledger with the copy. What the bank wrote last it may lack.
func (h *house) sameCopy(openings int) {
	h.rig.t.Helper()
	h.told(openings, locker.Outcome)
	h.rig.stop()
	h.halt()
	h.sameFile("a.1.ledger")
}

// sameFile compares a ledger of the bank with the copy, when both have ended.
func (h *house) sameFile(name string) {
	h.rig.t.Helper()
	files := &schoolRig{rig: h.rig}
	mine, theirs := files.leaves("data", "ledger", name), files.leaves("server", "banks", "a", name)
	if len(theirs) > len(mine) {
		h.rig.t.Errorf("the bank has %d records, the server %d", len(mine), len(theirs))
	}
	for i := range min(len(mine), len(theirs)) {
		if !bytes.Equal(mine[i], theirs[i]) {
			h.rig.t.Fatalf("record %d is %s, copied %s", i, mine[i], theirs[i])
		}
	}
}

// rewrite changes words in a file of the rig.
func (r *rig) rewrite(path string, oldnew ...string) {
	r.t.Helper()
	text, err := os.ReadFile(path)
	r.must(err)
	changed := strings.NewReplacer(oldnew...).Replace(string(text))
	if changed == string(text) {
		r.t.Fatalf("nothing to change in %s", path)
	}
	r.must(os.WriteFile(path, []byte(changed), 0o600))
}

// redirect lets the bank look for its broker at another address.
func (r *rig) redirect(address string) {
	r.t.Helper()
	path := r.path("data", "identity", "identity.json")
	text, err := os.ReadFile(path)
	r.must(err)
	found := regexp.MustCompile(`"mqtt":\s*"[^"]+"`).Find(text)
	r.rewrite(path, string(found), `"mqtt": "`+address+`"`)
}

// copyFrom brings files of another rig here.
func (r *rig) copyFrom(other *rig, names ...string) {
	r.t.Helper()
	for _, name := range names {
		text, err := os.ReadFile(other.path(name))
		r.must(err)
		r.must(os.MkdirAll(filepath.Dir(r.path(name)), 0o700))
		r.must(os.WriteFile(r.path(name), text, 0o600))
	}
}
