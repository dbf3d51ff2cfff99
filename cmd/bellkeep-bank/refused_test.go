package main

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/nettest"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// A directory or plan that is not the school's, or is older than the one held, is
// refused on the bank's record. What was in force stays in force, over a death of
// the bank too, and doors go on working.
func TestFalseRulesAreRefused(t *testing.T) {
	t.Parallel()
	h := newRig(t).openHouse()
	h.admit(h.rig, "a", 1, 64)
	s := h.work("p-001", "p-002")
	held := h.Rules.Current()
	h.rig.await("the rules in force", func() bool { return h.Banks.Banks()[0].State.Directory == held.Directory.Version })

	key, other := h.Authority.SigningKey(), wire.NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	everybodyOut := wire.Directory{V: wire.V, Directory: locker.Directory{Version: held.Directory.Version + 9}}
	older := wire.Directory{V: wire.V, Directory: locker.Directory{Version: held.Directory.Version - 1}}
	twin := wire.Directory{V: wire.V, Directory: locker.Directory{Version: held.Directory.Version}}
	damaged := h.sealed(key, wire.TypeDirectory, everybodyOut)
	damaged[len(damaged)/2] ^= 1
	for i, c := range []struct {
		name    string
		leaf    wire.Leaf
		payload []byte
		why     string
	}{
		{"a directory under another key", wire.LeafDirectory, h.sealed(other, wire.TypeDirectory, everybodyOut), "denied"},
		{"with a signature of another key", wire.LeafDirectory, h.sealed(&wire.Key{ID: key.ID, Private: other.Private}, wire.TypeDirectory, everybodyOut), "denied"},
		{"an older one", wire.LeafDirectory, h.sealed(key, wire.TypeDirectory, older), "conflict"},
		{"another of the same version", wire.LeafDirectory, h.sealed(key, wire.TypeDirectory, twin), "conflict"},
		{"a plan sealed as a directory", wire.LeafPlan, h.sealed(key, wire.TypeDirectory, everybodyOut), "denied"},
		{"noise", wire.LeafPlan, []byte("noise"), "invalid"},
		{"a damaged one", wire.LeafDirectory, damaged, ""},
	} {
		h.publish(h.Root.Bank("a", c.leaf), c.payload, true)
		if e := h.told(i+1, locker.MessageRefused); e.What != string(c.leaf) || e.Why != c.why && c.why != "" {
			t.Errorf("%s: on record is %s %s, want %s %s", c.name, e.What, e.Why, c.leaf, c.why)
		}
	}
	s.hold(s.badgeOf("p-001"), locker.PutIn)
	h.rig.kill(h.rig.bank)
	h.rig.startBank() // and finds the damaged one with the broker
	s.awaitScreen(locker.Scan)
	h.told(8, locker.MessageRefused)
	s.hold(s.badgeOf("p-002"), locker.PutIn)
	if inForce := h.events(locker.InForce); inForce[len(inForce)-1].Directory != held.Directory.Version {
		t.Errorf("in force is directory %d, want %d", inForce[len(inForce)-1].Directory, held.Directory.Version)
	}
}

// A journal with a gap is answered with where the copy ends, and nothing of it is
// stored. A server that has lost its copy gets all of it again.
func TestGapsInTheJournalAreFilled(t *testing.T) {
	t.Parallel()
	h := newRig(t).openHouse()
	h.admit(h.rig, "a", 1, 64)
	s := h.work("p-001", "p-002")
	s.hold(s.badgeOf("p-001"), locker.PutIn)
	h.caughtUp()
	acks := make(chan wire.JournalAck, 64)
	h.rig.must(h.Broker.Conn().Subscribe(t.Context(), h.Root.Bank("a", wire.LeafJournalAck), func(_ string, payload []byte, _ bool) {
		var ack wire.JournalAck
		if wire.Decode(payload, &ack) == nil {
			acks <- ack
		}
	}))
	c, _ := h.Banks.Copy("a")
	size := c.Size()
	gap := wire.Journal{V: wire.V, Epoch: 1, From: size + 100}
	h.rig.must(c.Read(t.Context(), 0, func(r ledger.Record) error {
		if r.Seq == 0 {
			gap.Ledger = wire.LedgerID(r.Leaf)
		}
		gap.Leaves = [][]byte{bytes.Clone(r.Leaf)} // the last one, out of its place
		return nil
	}))
	data, err := wire.Encode(gap)
	h.rig.must(err)
	h.publish(h.Root.Bank("a", wire.LeafJournal), data, false)
	if ack := <-acks; ack.Size < size || ack.Size >= gap.From || ack.Refused != "" {
		t.Errorf("the gap is answered %+v, the copy has %d", ack, c.Size())
	}

	h.halt()
	h.rig.must(os.RemoveAll(h.rig.path("server", "banks")))
	s.hold(s.badgeOf("p-002"), locker.PutIn)
	h.open()
	h.sameCopy(2)
}

// A second machine with the bank's name, certificate and all, has a ledger of its
// own. The board says so; the copy of the first is not touched; and both go on
// opening doors.
func TestSecondBankOfTheSameName(t *testing.T) {
	t.Parallel()
	first, second := newRig(t), newRig(t)
	h := first.openHouse()
	h.admit(first, "a", 1, 64)
	s := h.work("p-001", "p-002")
	s.hold(s.badgeOf("p-001"), locker.PutIn)
	h.caughtUp()

	second.copyFrom(first, "school/sheet.csv", "data/directory.sealed", "data/plan.sealed")
	second.must(os.CopyFS(second.path("data", "identity"), os.DirFS(first.path("data", "identity"))))
	imposter := second.openScene("p-001", "p-002")
	second.startBank()
	imposter.awaitScreen(locker.Scan)
	first.await("the second bank on the board", func() bool {
		return strings.Contains(h.Banks.Banks()[0].Refused, "Another machine calls itself bank a")
	})
	imposter.hold(imposter.badgeOf("p-001"), locker.PutIn)
	s.hold(s.badgeOf("p-002"), locker.PutIn)
	second.stop()
	h.sameCopy(2)
}

// A bank that was let in by another school is refused by this school's broker,
// and by this school's broker only: its doors work.
func TestBankOfAnotherSchoolOnTheLine(t *testing.T) {
	t.Parallel()
	here, there := newRig(t).openHouse(), newRig(t).openHouse()
	here.admit(here.rig, "a", 1, 64)
	there.admit(there.rig, "a", 1, 64)
	there.rig.redirect(here.config.MQTT)
	s := there.rig.openScene("p-001")
	there.rig.startBank()
	s.awaitScreen(locker.Scan)
	there.rig.await("the refusal", func() bool { return here.Broker.Health().Refused > 0 })
	s.hold(s.badgeOf("p-001"), locker.PutIn)
	if _, copied := here.Banks.Copy("a"); copied || here.online() {
		t.Error("this school follows the bank of another")
	}
	there.rig.stop()
}

// A broker that takes the call and never says a word keeps nobody waiting.
func TestBrokerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := r.openHouse()
	h.admit(r, "a", 1, 64)
	h.halt()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	defer silent.Close()
	called := make(chan net.Conn, 64)
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			called <- conn
		}
	}()
	r.redirect(silent.Addr().String())
	s := r.openScene("p-001", "p-002")
	r.startBank()
	s.awaitScreen(locker.Scan)
	defer (<-called).Close()
	r.must(s.HandIn(t.Context(), 0))
	s.hold(s.badgeOf("p-003"), locker.PutIn)
	r.stop()
}

// Two programs on one data folder would write one ledger twice: the second ends
// and says what to do, and the first is not disturbed.
func TestTwoProgramsOnOneFolder(t *testing.T) {
	t.Parallel()
	r := newRig(t).joinSchool()
	s := r.openScene("p-001")
	r.startBank()
	s.awaitScreen(locker.Scan)
	other := r.path("school", "other-kiosk.yaml")
	text, err := os.ReadFile(r.path("school", "bank-a.yaml"))
	r.must(err)
	r.must(os.WriteFile(other, bytes.ReplaceAll(text, []byte(r.kiosk), []byte(nettest.Free(t))), 0o600))
	for name, args := range map[string][]string{
		"server": {"bellkeep", "serve", "--config", r.path("server.yaml")},
		"bank":   {"bellkeep-bank", "run", "--config", other, "--data", r.path("data"), "--devices", r.path("devices")},
	} {
		out, err := exec.CommandContext(t.Context(), filepath.Join(r.programs, args[0]), args[1:]...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "Next step:") {
			t.Errorf("the second %s ended with %v and says:\n%s", name, err, out)
		}
	}
	s.hold(s.badgeOf("p-001"), locker.PutIn)
	r.must(control.Ask(t.Context(), r.path("server"), "/banks", struct{}{}, &[]server.BankLine{}))
}
