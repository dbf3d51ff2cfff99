package station

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

var noon = school.Instant{Wall: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Trusted: true, Boot: "one"}

func config(data string) Config {
	return Config{
		Cabinet: cabinet.Cabinet{Setup: locker.Setup{Bank: "a", Doors: []int{1, 2}}, Kiosk: cabinet.Kiosk{Name: "front", Listen: "127.0.0.1:0"}},
		Rules:   locker.Rules{Directory: &locker.Directory{Version: 1}},
		Data:    data, Version: "test", Now: func() school.Instant { return noon },
	}
}

// What was handed in under the last epoch is still held under the next.
func TestCustodyOutlivesAnEpoch(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	first, err := Open(config(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []locker.Event{
		{Kind: locker.Surveyed, At: noon},
		{Kind: locker.Intent, At: noon, Door: 1, Purpose: locker.Deposit, Body: locker.Body{Person: "ann", Attempt: 1}},
		{Kind: locker.Outcome, At: noon, Door: 1, Body: locker.Body{Person: "ann", Of: 2, Result: locker.Opened}},
		{Kind: locker.Deposited, At: noon, Door: 1, Body: locker.Body{Person: "ann", Of: 2}},
	} {
		entry, err := record.Entry(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := first.Log.Append(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := boltlog.NewEpoch(dir, boltlog.Options{Writer: "a"}, boltlog.Successor{By: "the technician", Why: "new disk"}); err != nil {
		t.Fatal(err)
	}
	next, err := Open(config(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if next.Log.Name().Epoch != 2 {
		t.Fatalf("epoch %d", next.Log.Name().Epoch)
	}
	bank, err := bridge.NewBank(t.Context(), bridge.Parts{Setup: next.Cabinet.Setup, Rules: next.Rules, History: next.Past(), Log: next.Log},
		bridge.Moment{School: noon, Machine: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if h := bank.State().Holdings["ann"]; h == nil || h.Door != 1 || !h.Secured {
		t.Errorf("holding %+v", h)
	}
}

// A damaged ledger of an earlier epoch keeps no bank from its work: what the
// bank holds is unsure from then on.
func TestDamagedHistoryIsDoubted(t *testing.T) {
	log, err := memlog.New("a", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	damage := errors.New("record 5 is damaged")
	bank, err := bridge.NewBank(t.Context(), bridge.Parts{
		Setup: config("").Cabinet.Setup, Rules: config("").Rules, Log: log, History: []bridge.Past{halfRead{damage}},
	}, bridge.Moment{School: noon, Machine: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if h := bank.State().Holdings["ann"]; h == nil || !h.Unsure {
		t.Errorf("holding %+v", h)
	}
}

// halfRead is a ledger that ends in damage after ann has handed in.
type halfRead struct{ damage error }

func (h halfRead) Read(_ context.Context, _ uint64, fn func(ledger.Record) error) error {
	for seq, e := range []locker.Event{
		{Kind: locker.Surveyed, At: noon},
		{Kind: locker.Intent, At: noon, Door: 1, Purpose: locker.Deposit, Body: locker.Body{Person: "ann", Attempt: 1}},
		{Kind: locker.Outcome, At: noon, Door: 1, Body: locker.Body{Person: "ann", Of: 1, Result: locker.Opened}},
		{Kind: locker.Deposited, At: noon, Door: 1, Body: locker.Body{Person: "ann", Of: 1}},
	} {
		entry, err := record.Entry(e)
		if err != nil {
			return err
		}
		if err := fn(ledger.Record{Seq: uint64(seq), Entry: entry}); err != nil {
			return err
		}
	}
	return h.damage
}

// A bank whose serial ports are missing still starts, serves its kiosk and ends
// in order.
func TestRunWithoutItsPorts(t *testing.T) {
	s, err := Open(config(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	if err := s.Log.Wait(t.Context(), 2); err != nil { // it has recorded that it started
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run gave %v", err)
	}
	var kinds []string
	f, err := boltlog.OpenFile(s.Log.Name().Path())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Read(t.Context(), 0, func(r ledger.Record) error { kinds = append(kinds, r.Kind); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(kinds, " "); got != "epoch-opened started in-force" {
		t.Errorf("the ledger holds %s", got)
	}
}

func TestOpenTwice(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(config(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := Open(config(dir)); errs.CodeOf(err) != errs.Conflict || errs.HintOf(err) == "" {
		t.Errorf("a second bank on the same ledger: %v", err)
	}
}

func TestLoadRules(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := LoadRules(dir); errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
		t.Errorf("without files: %v", err)
	}
	write("directory.json", `{"version":4,"badges":{},"people":{"ann":{"bank":"a","door":1}}}`)
	write("plan.json", `{"version":5,"windows":[]}`)
	rules, err := LoadRules(dir)
	if err != nil || rules.Directory.Version != 4 || rules.Plan.Version != 5 || rules.Directory.People["ann"].Door != 1 {
		t.Errorf("%+v, %v", rules, err)
	}
	write("plan.json", `{"version":5,"windoes":[]}`)
	if _, err := LoadRules(dir); err == nil {
		t.Error("an unknown key was taken")
	}
}
