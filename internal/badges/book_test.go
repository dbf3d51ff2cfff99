package badges_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/badges/typed"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

func TestIssuedBadgesAreInForce(t *testing.T) {
	d := newDesk(t)
	fresh, err := d.IssueTo(t.Context(), "s-1", people(3)...)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range fresh {
		want := badges.Badge{Hash: f.Token.Hash(), Serial: i + 1, Person: people(3)[i], State: badges.Live, Since: monday, Seq: uint64(i + 1)}
		if got := d.Of(f.Person); !reflect.DeepEqual(got, []badges.Badge{want}) {
			t.Errorf("%s has %+v", f.Person, got)
		}
		if entry := d.Entries()[f.Token.Hash()]; entry != (locker.BadgeEntry{Person: f.Person}) {
			t.Errorf("the directory says %+v of %s", entry, f.Person)
		}
	}
}

func TestALostBadgeIsReplacedInOneStep(t *testing.T) {
	d := newDesk(t)
	old := d.issue(t, "ann")
	d.now = monday.Add(time.Hour)
	d.log.calls = nil
	fresh, err := d.Replace(t.Context(), "s-1", "ann", badges.Lost)
	if err != nil {
		t.Fatal(err)
	}
	want := []badges.Badge{
		{Hash: old.Token.Hash(), Serial: 1, Person: "ann", State: badges.Revoked, Since: d.now, Why: badges.Lost, Seq: 2},
		{Hash: fresh.Token.Hash(), Serial: 2, Person: "ann", State: badges.Live, Since: d.now, Seq: 3},
	}
	if got := d.Of("ann"); !reflect.DeepEqual(got, want) {
		t.Errorf("ann has %+v", got)
	}
	if !reflect.DeepEqual(d.log.calls, []int{2}) {
		t.Errorf("it was recorded in calls of %v entries", d.log.calls)
	}
	if old.Token == fresh.Token || old.Code == fresh.Code {
		t.Error("the new badge has a secret of the old one")
	}
}

func TestAReplacementThatFailsChangesNothing(t *testing.T) {
	d := newDesk(t)
	d.issue(t, "ann")
	before := d.All()
	d.log.refuse = 2
	if _, err := d.Replace(t.Context(), "s-1", "ann", badges.Lost); !errors.Is(err, errDisk) {
		t.Errorf("the error is %v", err)
	}
	if !reflect.DeepEqual(d.All(), before) || !reflect.DeepEqual(d.again(t).All(), before) {
		t.Errorf("the book says %+v, want %+v", d.All(), before)
	}
}

func TestSparesOpenNothingUntilAssigned(t *testing.T) {
	d := newDesk(t)
	spare := d.spare(t)
	if len(d.Entries()) != 0 {
		t.Error("banks hear of a spare")
	}
	if err := d.Assign(t.Context(), "s-1", spare.Token, "bob", ""); err != nil {
		t.Fatal(err)
	}
	if entry := d.Entries()[spare.Token.Hash()]; entry != (locker.BadgeEntry{Person: "bob"}) {
		t.Errorf("the directory says %+v", entry)
	}
}

func TestASpareReplacesALostBadgeInOneStep(t *testing.T) {
	d := newDesk(t)
	old, spare := d.issue(t, "ann"), d.spare(t)
	d.log.calls = nil
	if err := d.Assign(t.Context(), "s-1", spare.Token, "ann", badges.Lost); err != nil {
		t.Fatal(err)
	}
	want := map[school.BadgeHash]locker.BadgeEntry{
		old.Token.Hash():   {Person: "ann", Revoked: true},
		spare.Token.Hash(): {Person: "ann"},
	}
	if got := d.Entries(); !reflect.DeepEqual(got, want) {
		t.Errorf("the directory says %v", got)
	}
	if !reflect.DeepEqual(d.log.calls, []int{2}) {
		t.Errorf("it was recorded in calls of %v entries", d.log.calls)
	}
}

func TestRefusals(t *testing.T) {
	d := newDesk(t)
	ann, lost, spare := d.issue(t, "ann"), d.issue(t, "bob"), d.spare(t)
	if err := d.Revoke(t.Context(), "s-1", badges.Lost, lost.Token.Hash()); err != nil {
		t.Fatal(err)
	}
	before := d.log.Size()
	issue := func(by string, persons ...string) error { _, err := d.IssueTo(t.Context(), by, persons...); return err }
	spares := func(n int) error { _, err := d.Spares(t.Context(), "s-1", n); return err }
	replace := func(person string, why badges.Why) error {
		_, err := d.Replace(t.Context(), "s-1", person, why)
		return err
	}
	assign := func(f badges.Fresh, person string, why badges.Why) error {
		return d.Assign(t.Context(), "s-1", f.Token, person, why)
	}
	revoke := func(why badges.Why, hashes ...school.BadgeHash) error {
		return d.Revoke(t.Context(), "s-1", why, hashes...)
	}
	cases := []struct {
		name string
		err  error
		want errs.Code
	}{
		{"a second badge", issue("s-1", "ann"), errs.Conflict},
		{"one person twice", issue("s-1", "cay", "cay"), errs.Invalid},
		{"nobody", issue("s-1", ""), errs.Invalid},
		{"no list", issue("s-1"), errs.Invalid},
		{"a name for an id", issue("s-1", "Cay Smith"), errs.Invalid},
		{"too many", issue("s-1", people(badges.MaxAtOnce+1)...), errs.Invalid},
		{"by nobody", issue("", "cay"), errs.Invalid},
		{"no spares", spares(0), errs.Invalid},
		{"too many spares", spares(badges.MaxAtOnce + 1), errs.Invalid},
		{"replacing none", replace("cay", badges.Lost), errs.NotFound},
		{"replacing a revoked one", replace("bob", badges.Lost), errs.NotFound},
		{"replacing for no reason", replace("ann", "just so"), errs.Invalid},
		{"assigning a revoked one", assign(lost, "bob", ""), errs.Conflict},
		{"assigning somebody's", assign(ann, "bob", ""), errs.Conflict},
		{"assigning a stranger's", assign(badges.Fresh{Token: school.Token{7}}, "bob", ""), errs.NotFound},
		{"assigning a second badge", assign(spare, "ann", ""), errs.Conflict},
		{"assigning instead of none", assign(spare, "bob", badges.Lost), errs.NotFound},
		{"assigning to nobody", assign(spare, "", ""), errs.Invalid},
		{"revoking twice", revoke(badges.Lost, lost.Token.Hash()), errs.Conflict},
		{"revoking one twice at once", revoke(badges.Lost, ann.Token.Hash(), ann.Token.Hash()), errs.Conflict},
		{"revoking a stranger's", revoke(badges.Lost, school.BadgeHash{}), errs.NotFound},
		{"revoking none", revoke(badges.Lost), errs.Invalid},
		{"revoking for no reason", revoke("", ann.Token.Hash()), errs.Invalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantCode(t, c.err, c.want) })
	}
	if d.log.Size() != before {
		t.Errorf("%d records were written", d.log.Size()-before)
	}
}

// A list longer than one append may be cut by a failing disk: what is on record
// comes back, so that it can be printed or revoked.
func TestALongListThatFailsSaysWhatIsOnRecord(t *testing.T) {
	d := newDesk(t)
	d.log.refuse = 3
	fresh, err := d.IssueTo(t.Context(), "s-1", people(badges.MaxAtOnce)...)
	if !errors.Is(err, errDisk) || len(fresh) != 2*ledger.MaxEntries {
		t.Errorf("%d badges came back with %v", len(fresh), err)
	}
	if len(d.Entries()) != len(fresh) || len(d.again(t).Entries()) != len(fresh) {
		t.Errorf("the directory has %d", len(d.Entries()))
	}
}

func TestAWholeSchoolAtOnce(t *testing.T) {
	d := newDesk(t)
	if _, err := d.IssueTo(t.Context(), "s-1", people(badges.MaxAtOnce)...); err != nil {
		t.Fatal(err)
	}
	if got := d.again(t).Entries(); len(got) != badges.MaxAtOnce || !reflect.DeepEqual(got, d.Entries()) {
		t.Errorf("after a restart the directory has %d badges", len(got))
	}
}

func TestAnEndedContextIssuesNothing(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if fresh, err := d.IssueTo(ctx, "s-1", "ann"); err == nil || len(fresh) != 0 || len(d.All()) != 0 {
		t.Errorf("%v, %v", fresh, err)
	}
}

// Two people replace the same badge at the same moment: both get a working
// book and only one live badge is left.
func TestCommandsDoNotInterleave(t *testing.T) {
	d := newDesk(t)
	d.issue(t, "ann")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := d.Replace(context.Background(), "s-1", "ann", badges.Lost); err != nil {
				t.Error(err)
			}
			d.Entries()
		})
	}
	wg.Wait()
	live := 0
	for _, b := range d.again(t).Of("ann") {
		if b.State == badges.Live {
			live++
		}
	}
	if live != 1 || len(d.All()) != 9 {
		t.Errorf("%d of %d badges are live", live, len(d.All()))
	}
}

// A ledger that does not fit is refused where it stops to fit.
func TestFoldRefusesWhatDoesNotFit(t *testing.T) {
	d := newDesk(t)
	ann, lost, spare := d.issue(t, "ann"), d.issue(t, "bob"), d.spare(t)
	if err := d.Revoke(t.Context(), "s-1", badges.Lost, lost.Token.Hash()); err != nil {
		t.Fatal(err)
	}
	before := d.All()
	unknown, code := school.BadgeHash{1}, typed.Hash{2}
	cases := map[string]struct {
		kind string
		body map[string]any
	}{
		"the same badge again":      {"badge-issued", map[string]any{"person": "dee", "hash": ann.Token.Hash(), "code": code, "serial": 4}},
		"a revoked badge again":     {"badge-issued", map[string]any{"person": "bob", "hash": lost.Token.Hash(), "code": code, "serial": 4}},
		"a gap in the serials":      {"badge-issued", map[string]any{"person": "dee", "hash": unknown, "code": code, "serial": 5}},
		"a second badge":            {"badge-issued", map[string]any{"person": "ann", "hash": unknown, "code": code, "serial": 4}},
		"a name":                    {"badge-issued", map[string]any{"person": "Dee Oak", "hash": unknown, "code": code, "serial": 4}},
		"assigning a revoked badge": {"badge-assigned", map[string]any{"person": "bob", "hash": lost.Token.Hash()}},
		"assigning somebody's":      {"badge-assigned", map[string]any{"person": "bob", "hash": ann.Token.Hash()}},
		"assigning an unknown one":  {"badge-assigned", map[string]any{"person": "bob", "hash": unknown}},
		"assigning a second":        {"badge-assigned", map[string]any{"person": "ann", "hash": spare.Token.Hash()}},
		"assigning to nobody":       {"badge-assigned", map[string]any{"hash": spare.Token.Hash()}},
		"revoking twice":            {"badge-revoked", map[string]any{"hash": lost.Token.Hash(), "why": "damaged"}},
		"revoking an unknown one":   {"badge-revoked", map[string]any{"hash": unknown, "why": "lost"}},
		"revoking for no reason":    {"badge-revoked", map[string]any{"hash": ann.Token.Hash()}},
		"no body":                   {"badge-revoked", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(c.body)
			if err != nil {
				t.Fatal(err)
			}
			wantCode(t, d.Fold(ledger.Record{Entry: ledger.Entry{Kind: c.kind, Body: body}}), errs.Invalid)
			if !reflect.DeepEqual(d.All(), before) {
				t.Error("the book changed")
			}
		})
	}
	if err := d.Fold(ledger.Record{Entry: ledger.Entry{Kind: "person-left", Body: []byte(`{"hash":7}`)}}); err != nil {
		t.Errorf("a record of somebody else's is refused: %v", err)
	}
}

// A spare is found by its QR text and by its typed code, however both are
// written, and by nothing else.
func TestScanned(t *testing.T) {
	d := newDesk(t)
	spare, ann := d.spare(t), d.issue(t, "ann")
	code := spare.Code.Text()
	for _, text := range []string{spare.Token.Badge(), strings.ToLower(spare.Token.Badge()) + "\n", code, " " + strings.ToLower(code), strings.ReplaceAll(code, "-", " ")} {
		if got, err := d.Scanned(t.Context(), text); err != nil || got.Serial != spare.Serial {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if got, err := d.Scanned(t.Context(), ann.Code.Text()); err != nil || got.Person != "ann" {
		t.Errorf("a badge in use: %+v, %v", got, err)
	}
	stranger := newDesk(t).spare(t)
	for text, want := range map[string]errs.Code{
		"": errs.Invalid, "ann": errs.Invalid, spare.Token.Badge()[:20]: errs.Invalid,
		stranger.Token.Badge(): errs.NotFound, stranger.Code.Text(): errs.NotFound,
	} {
		_, err := d.Scanned(t.Context(), text)
		wantCode(t, err, want)
	}
	if err := d.Hand(t.Context(), "s-1", spare.Token.Hash(), "ann", badges.Lost); err != nil {
		t.Fatal(err)
	}
	if e := d.Entries(); !e[ann.Token.Hash()].Revoked || e[spare.Token.Hash()].Person != "ann" || e[spare.Token.Hash()].Revoked {
		t.Errorf("the directory says %v", e)
	}
}
