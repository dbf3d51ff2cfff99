package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
	"github.com/bellkeep/bellkeep/mdm"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// rig is a book with what it asks, all of which says yes until a test turns it.
type rig struct {
	*Book
	t        tb
	log      *memlog.Log
	papers   vaulttest.Memory
	now      time.Time
	unsigned map[string]bool         // persons
	passcode map[string]Confirmation // by device; "" for reported
	joined   map[string]bool
	rules    policy.Rules
}

// tb is what testing.T and rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
	Context() context.Context
}

func newRig(t tb) *rig {
	t.Helper()
	r := &rig{t: t, papers: vaulttest.Memory{}, now: monday, unsigned: map[string]bool{}, passcode: map[string]Confirmation{}, joined: map[string]bool{}, rules: policy.Default()}
	var err error
	if r.log, err = memlog.New("school", func() time.Time { return r.now }); err != nil {
		t.Fatal(err)
	}
	r.Book = New(Config{Log: r.log, Vault: r.papers, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: r.now} }, Rules: func() policy.Rules { return r.rules },
		MayHave: func(person string) error {
			if r.unsigned[person] {
				return errs.New(errs.Denied, "unsigned", "sign")
			}
			return nil
		},
		Joined:   func(device string) bool { return r.joined[device] },
		Passcode: func(device string) Confirmation { return cmp.Or(r.passcode[device], Reported) },
	})
	return r
}

// again is the book as a restart makes it.
func (r *rig) again() *Book {
	r.t.Helper()
	b := New(Config{Vault: r.papers})
	if err := r.log.Read(r.t.Context(), 0, b.Fold); err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	r.now = r.now.Add(time.Minute)
}

func device(n int) mdm.Device {
	return mdm.Device{ID: fmt.Sprintf("ipad-%d", n), Groups: []string{"ipads"}, Platform: "ipad"}
}

func TestBookIsAFold(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	var many []mdm.Device
	for n := range 600 { // more than one append holds
		many = append(many, device(n))
	}
	r.must(r.List(ctx, "s-it", many...))
	changed := device(3)
	changed.Label, changed.Flags = "Trolley 1", []mdm.Flag{mdm.Assistive}
	r.must(r.List(ctx, "s-it", changed, device(4)))
	r.must(r.Issue(ctx, "s-it", Handover{Device: "ipad-3", To: "s-one"}))
	r.must(r.TakeBack(ctx, "ipad-3", "s-it"))
	r.must(r.Issue(ctx, "s-it", Handover{Device: "ipad-3", To: "s-two"}))
	r.must(r.Retire(ctx, "ipad-5", "s-it"))

	for what, b := range map[string]*Book{"the book": r.Book, "the book made again": r.again()} {
		if got := len(b.Devices()); got != 599 {
			t.Errorf("%s has %d devices", what, got)
		}
		if l, ok := b.Device("ipad-3"); !ok || !l.Device.Equal(changed) || l.Holder != "s-two" || !l.Since.Equal(monday) {
			t.Errorf("%s: ipad-3 is %+v", what, l)
		}
		if l, _ := b.Device("ipad-5"); l.Retired.IsZero() {
			t.Errorf("%s: ipad-5 is not retired", what)
		}
		register := b.Register()
		if len(register) != 2 || register[0].Until.IsZero() || register[0].EndedBy != "s-it" || !register[1].Until.IsZero() {
			t.Errorf("%s: the register is %+v", what, register)
		}
	}
	if !reflect.DeepEqual(r.Listings(), r.again().Listings()) {
		t.Error("the book made again differs")
	}
}

func TestCommandsRefuse(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.must(r.List(ctx, "s-it", device(1), device(2), device(3)))
	r.must(r.Issue(ctx, "s-it", Handover{Device: "ipad-1", To: "s-one"}))
	r.must(r.Retire(ctx, "ipad-2", "s-it"))
	size := r.log.Size()
	bad := device(4)
	bad.Platform = ""
	for what, c := range map[string]struct {
		err  error
		code errs.Code
	}{
		"listing a faulty one":    {r.List(ctx, "s-it", device(5), bad), errs.Invalid},
		"listing a retired one":   {r.List(ctx, "s-it", device(2)), errs.Conflict},
		"listing by nobody":       {r.List(ctx, "", device(6)), errs.Invalid},
		"issuing a second time":   {r.Issue(ctx, "s-it", Handover{Device: "ipad-1", To: "s-two"}), errs.Conflict},
		"issuing to nobody":       {r.Issue(ctx, "s-it", Handover{Device: "ipad-3", To: ""}), errs.Invalid},
		"issuing a retired one":   {r.Issue(ctx, "s-it", Handover{Device: "ipad-2", To: "s-two"}), errs.Conflict},
		"issuing an unknown one":  {r.Issue(ctx, "s-it", Handover{Device: "ipad-9", To: "s-two"}), errs.NotFound},
		"taking back a spare":     {r.TakeBack(ctx, "ipad-3", "s-it"), errs.Conflict},
		"retiring again":          {r.Retire(ctx, "ipad-2", "s-it"), errs.Conflict},
		"nothing, which is right": {r.List(ctx, "s-it", device(1)), ""},
	} {
		if got := errs.CodeOf(c.err); got != c.code {
			t.Errorf("%s: %v", what, c.err)
		}
	}
	if r.log.Size() != size {
		t.Errorf("%d records were written", r.log.Size()-size)
	}
}

func TestVersionGrowsWithWhatMatters(t *testing.T) {
	r := newRig(t)
	last := r.Version()
	step := func(what string, grows bool, err error) {
		t.Helper()
		r.must(err)
		if got := r.Version(); (got > last) != grows {
			t.Errorf("%s: version went from %d to %d", what, last, got)
		}
		last = r.Version()
	}
	ctx := t.Context()
	step("listing", true, r.List(ctx, "s-it", device(1)))
	step("listing the same", false, r.List(ctx, "s-it", device(1)))
	step("issuing", true, r.Issue(ctx, "s-it", Handover{Device: "ipad-1", To: "s-one"}))
	step("retiring", true, r.Retire(ctx, "ipad-1", "s-it"))
}

type brokenLog struct{ error }

func (l brokenLog) Append(context.Context, ...ledger.Entry) ([]ledger.Receipt, error) {
	return nil, l.error
}

func TestNothingHoldsThatIsNotOnRecord(t *testing.T) {
	disk := errors.New("disk")
	b := New(Config{Log: brokenLog{disk}, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: monday} }})
	if err := b.List(t.Context(), "s-it", device(1)); !errors.Is(err, disk) {
		t.Errorf("List: %v", err)
	}
	if len(b.Devices()) != 0 || b.Version() != 0 {
		t.Error("the book holds what the ledger refused")
	}
}

func TestFoldRefusesWhatDoesNotFit(t *testing.T) {
	for kind, body := range map[string]string{
		kindLost: `{"device":"ipad-1"}`, kindFound: `{}`, kindReplaced: `{"device":"a","with":"b"}`, kindQuarantined: `{"device":"ipad-1"}`, kindEnded: `{}`,
		kindListed: `{"device":{"id":"A"}}`, kindIssued: `{"device":"ipad-1","to":"s-one"}`, kindReturned: `{}`, kindRetired: `{"device":"ipad-1"}`,
	} {
		b := New(Config{})
		if err := b.Fold(ledger.Record{Seq: 7, Entry: ledger.Entry{Kind: kind, Body: []byte(body)}}); err == nil || errs.HintOf(err) == "" {
			t.Errorf("%s %s: %v", kind, body, err)
		}
	}
	b := New(Config{})
	if err := b.Fold(ledger.Record{Entry: ledger.Entry{Kind: "badge-issued", Body: []byte(`{}`)}}); err != nil {
		t.Errorf("a record of another book: %v", err)
	}
}
