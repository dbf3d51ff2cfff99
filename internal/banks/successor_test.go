package banks

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	custody "github.com/bellkeep/bellkeep/locker/record"
)

// handedIn is what the ledger of bank a says of a hand-in at door 7.
func handedIn(t *testing.T, log *boltlog.Log) {
	t.Helper()
	intent := log.Size()
	for _, e := range []locker.Event{
		{Kind: locker.Intent, Door: 7, Purpose: locker.Deposit, Body: locker.Body{Person: "p-1", Attempt: 1}},
		{Kind: locker.Outcome, Door: 7, Body: locker.Body{Person: "p-1", Of: intent, Result: locker.Opened, Contact: locker.Open}},
		{Kind: locker.Deposited, Door: 7, Body: locker.Body{Person: "p-1", Of: intent}},
	} {
		entry, err := custody.Entry(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Append(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
	}
}

// A bank that is replaced leaves what its copy says is behind its doors, and where
// that copy ends. From then on its own ledger does not grow, and the next epoch is
// followed though records may be missing.
func TestReplace(t *testing.T) {
	copies := t.TempDir()
	log := bankLog(t, t.TempDir(), 5)
	handedIn(t, log)
	h := opened(t, copies, nil)
	if seed, err := h.Replace(t.Context(), "it", "a"); seed != nil || err != nil {
		t.Errorf("a bank nobody has heard of leaves %+v, %v", seed, err)
	}
	f := h.line("a").follower
	take(t, f, journalOf(t, log, 0), log.Size(), "")
	if _, err := h.Replace(t.Context(), "Ada Office", "a"); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("replaced by a name: %v", err)
	}
	if _, err := h.Replace(t.Context(), "it", "z"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("no bank is replaced: %v", err)
	}
	seed, err := h.Replace(t.Context(), "it", "a")
	if err != nil {
		t.Fatal(err)
	}
	if seed.Epoch != 2 || seed.Size != log.Size() || seed.By != "it" || len(seed.Legacy) != 1 || seed.Legacy[0].Person != "p-1" || seed.Legacy[0].Door != 7 {
		t.Errorf("%+v", seed)
	}

	late := log.Size()
	handedIn(t, log)
	take(t, f, journalOf(t, log, late), late, "ended when another took its place")
	await(t, h, "the old machine on the board", func(a, _ Status) bool { return strings.Contains(a.Refused, "old machine of bank a") })
	take(t, f, journalOf(t, log, 0), late, "ended when another") // whatever it begins with
	take(t, f, wire.Journal{Epoch: 1, Ledger: journalOf(t, log, 0).Ledger}, late, "")

	second := t.TempDir()
	if _, err := boltlog.NewEpoch(second, boltlog.Options{Writer: "a"}, boltlog.Successor{By: "it", Why: seed.Why, Epoch: seed.Epoch}); err != nil {
		t.Fatal(err)
	}
	next, err := boltlog.Open(second, boltlog.Options{Writer: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	take(t, f, journalOf(t, next, 0), 1, "")
	again, err := h.Replace(t.Context(), "it", "a")
	if err != nil || again.Epoch != 3 {
		t.Errorf("replaced again: %+v, %v", again, err)
	}
}

// What the school's own ledger says of a replaced bank holds after a restart, and
// names what the server had of it.
func TestReplacedIsOnRecord(t *testing.T) {
	log := schoolLog(t)
	l := NewList(log, stamp)
	if err := l.Add(t.Context(), "it", bankOf("a", 1, 20)); err != nil {
		t.Fatal(err)
	}
	f := openedFollower(t, t.TempDir())
	bank := bankLog(t, t.TempDir(), 5)
	take(t, f, journalOf(t, bank, 0), 6, "")
	if epoch, err := l.replace(t.Context(), "it", "a", f.epochs[1]); epoch != 2 || err != nil {
		t.Fatal(epoch, err)
	}
	again := NewList(log, stamp)
	if err := log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	if again.begins("a") != 2 || !again.accepts("a", 2) || again.accepts("a", 3) || again.begins("b") != 0 {
		t.Error("after a restart another epoch begins")
	}
	root, err := rootOf(f.epochs[1], 6)
	if err != nil {
		t.Fatal(err)
	}
	named := false
	err = log.Read(t.Context(), 0, func(r ledger.Record) error {
		named = named || r.Kind == KindReplaced && bytes.Contains(r.Leaf, []byte(root.Root.String())) && bytes.Contains(r.Leaf, []byte(`"size":6`))
		return nil
	})
	if err != nil || !named {
		t.Errorf("the record does not name where the copy ends: %v", err)
	}
}
