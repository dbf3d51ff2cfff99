package visit

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
	"github.com/bellkeep/bellkeep/locker/desk"
)

var ten = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// tb is what testing.T and rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
	Context() context.Context
}

// reception is a book with a clock, rules and a custody that keeps what it is given.
type reception struct {
	*Book
	log   *memlog.Log
	vault vaulttest.Memory
	now   ledger.Stamp
	rules policy.Rules
	items map[string]desk.Item
	held  bool // a hold stands
}

func newReception(t tb) *reception {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return ten })
	if err != nil {
		t.Fatal(err)
	}
	r := &reception{log: log, vault: vaulttest.Memory{}, now: ledger.Stamp{Wall: ten, Trusted: true}, rules: policy.Default(), items: map[string]desk.Item{}}
	r.Book = r.anew()
	return r
}

func (r *reception) anew() *Book {
	return New(Config{Log: r.log, Vault: r.vault, Custody: r, Random: rand.Reader, Stamp: func() ledger.Stamp { return r.now }, Rules: func() policy.Rules { return r.rules },
		Signed: func(visit string) error {
			if !strings.HasPrefix(visit, "x-v-") || !r.now.Wall.Before(ten.Add(14*time.Hour)) {
				return errs.New(errs.Denied, "They have not signed.", "")
			}
			return nil
		},
		Until: func(visit string) (time.Time, bool) { return ten.Add(14 * time.Hour), strings.HasPrefix(visit, "x-v-") },
		Ends: func(at time.Time) (time.Time, bool) {
			return time.Date(at.Year(), at.Month(), at.Day(), 15, 10, 0, 0, time.UTC), true
		}})
}

func (r *reception) Item(id string) (desk.Item, error) { return r.items[id], nil }

func (r *reception) TakeFromVisitor(_ context.Context, _ desk.By, visit string, in desk.Intake) (desk.Item, error) {
	i := desk.Item{ID: fmt.Sprintf("i-%d", len(r.items)), What: in.What, Why: desk.OfVisitor, Whose: visit, Place: in.Place}
	r.items[i.ID] = i
	return i, nil
}

func (r *reception) GiveToVisitor(_ context.Context, _ desk.By, item string) error {
	if r.held {
		return desk.DoNotRelease()
	}
	i := r.items[item]
	i.Place = desk.Place{Kind: desk.Gone, To: desk.ToOwner}
	r.items[item] = i
	return nil
}

func by(account string, held ...roles.Role) desk.By {
	b := desk.By{Actor: school.Actor{Account: account, Person: "s-" + account}}
	for _, r := range held {
		b.Roles = append(b.Roles, roles.Assignment{Role: r})
	}
	return b
}

var (
	office  = by("office", roles.Office)
	teacher = by("teacher", roles.Teacher)
	head    = by("head", roles.Head)
	dsl     = by("dsl", roles.DSL)
)

func refused(t *testing.T, err error, code errs.Code, says string) {
	t.Helper()
	if errs.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v (%s), want %s: %s", err, errs.CodeOf(err), code, says)
	}
}

var phone = desk.Intake{What: desk.Phone, Place: desk.At("safe")}

// A visitor's device goes back by the slip it was given, and by no other slip.
func TestSlip(t *testing.T) {
	r := newReception(t)
	_, _, err := r.Take(t.Context(), teacher, "x-v-1", phone)
	refused(t, err, errs.Denied, "may not")
	_, _, err = r.Take(t.Context(), office, "p-1", phone)
	refused(t, err, errs.Denied, "not signed")
	one, slip, err := r.Take(t.Context(), office, "x-v-1", phone)
	if err != nil {
		t.Fatal(err)
	}
	two, other, err := r.Take(t.Context(), office, "x-v-2", phone)
	if err != nil || slip == other {
		t.Fatal(err)
	}
	if d, err := r.BySlip(strings.ToLower(slip.Badge())); err != nil || d.Item != one.Item {
		t.Errorf("the slip finds %+v, %v", d, err)
	}
	refused(t, r.Give(t.Context(), office, one.Item, other.Badge(), true), errs.Invalid, "for another device")
	refused(t, r.Give(t.Context(), office, one.Item, "BK1NONSENSE", false), errs.Invalid, "no device that is here")
	refused(t, r.Give(t.Context(), office, one.Item, "", false), errs.Invalid, "Scan the slip")
	r.held = true
	refused(t, r.Give(t.Context(), office, one.Item, slip.Badge(), false), errs.Denied, "Do not release")
	r.held = false
	if err := r.Give(t.Context(), office, one.Item, slip.Badge(), false); err != nil {
		t.Error(err)
	}
	refused(t, r.Give(t.Context(), office, one.Item, slip.Badge(), false), errs.Conflict, "already")
	if _, err := r.BySlip(slip.Badge()); err == nil {
		t.Error("a slip finds what was given back")
	}
	if err := r.Give(t.Context(), office, two.Item, "", true); err != nil { // the slip is lost
		t.Error(err)
	}
	if n := len(r.Deposits()); n != 0 {
		t.Errorf("%d are still here", n)
	}
}

// A slip is good until the visit's end; what is left then, or after school, is told.
func TestLeft(t *testing.T) {
	r := newReception(t)
	d, slip, err := r.Take(t.Context(), office, "x-v-1", phone)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		left  bool
		good  bool
	}{{time.Hour, false, true}, {6 * time.Hour, false, true}, {7 * time.Hour, true, true}, {14 * time.Hour, true, false}} {
		r.now.Wall = ten.Add(c.after)
		if _, err := r.BySlip(slip.Badge()); r.Left(d) != c.left || (err == nil) != c.good {
			t.Errorf("after %s: left over %v, slip %v", c.after, r.Left(d), err)
		}
	}
	_, _, err = r.Take(t.Context(), office, "x-v-1", phone)
	refused(t, err, errs.Denied, "not signed")
}

// A breach stays open until the safeguarding lead takes note, and no other.
func TestBreach(t *testing.T) {
	r := newReception(t)
	asked := Asked{Visit: "x-v-1", At: ten, Zone: desk.Corridor, Outcome: Breach, Text: "Filmed pupils in the corridor."}
	bad := asked
	bad.Visit, bad.At, bad.Zone, bad.Outcome, bad.Text = "x-none", ten.AddDate(0, 0, -8), "moon", "", " "
	if _, err := r.Record(t.Context(), teacher, bad); len(errs.All(err)) != 5 {
		t.Errorf("%v", err)
	}
	c, err := r.Record(t.Context(), teacher, asked)
	if err != nil || c.Outcome != Breach || len(r.Unseen()) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, outcome := range []Outcome{Explained, Stopped} {
		asked.Outcome, asked.Visit = outcome, ""
		if _, err := r.Record(t.Context(), office, asked); err != nil {
			t.Error(err)
		}
	}
	if list := r.Unseen(); len(list) != 1 || len(r.Challenges()) != 3 {
		t.Errorf("%+v are open", list)
	}
	refused(t, r.See(t.Context(), teacher, c.ID, "Fine."), errs.Denied, "may not")
	refused(t, r.See(t.Context(), head, c.ID, "Fine."), errs.Denied, "safeguarding lead")
	refused(t, r.See(t.Context(), dsl, c.ID, " "), errs.Invalid, "what was done")
	if err := r.See(t.Context(), dsl, c.ID, "Spoke with them; the film is gone."); err != nil || len(r.Unseen()) != 0 {
		t.Error(err)
	}
	refused(t, r.See(t.Context(), dsl, c.ID, "Again."), errs.Conflict, "already")
	r.rules.Roles.DSL = policy.IsHead
	c, _ = r.Record(t.Context(), teacher, Asked{At: ten, Zone: desk.Hall, Outcome: Breach, Text: "Took pictures."})
	if err := r.See(t.Context(), head, c.ID, "Noted."); err != nil {
		t.Errorf("where the head is the lead: %v", err)
	}
	if again := r.anew(); r.log.Read(t.Context(), 0, again.Fold) != nil || !reflect.DeepEqual(again.Challenges(), r.Challenges()) {
		t.Error("a restart tells another story")
	}
	err = r.log.Read(t.Context(), 0, func(rec ledger.Record) error {
		if bytes.Contains(rec.Body, []byte("ilm")) {
			t.Errorf("%s says %s", rec.Kind, rec.Body)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Whatever the rules name, and whatever else is done, a breach tells the safeguarding
// lead until they have taken note.
func TestEveryBreachTellsTheLead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, open := newReception(t), 0
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				told := TellsOf(r.rules)
				if !slices.Contains(told.Lead, roles.DSL) || r.rules.Roles.DSL == policy.IsHead && !slices.Contains(told.Lead, roles.Head) || len(r.Unseen()) != open {
					t.Fatalf("%d breaches, of %d unseen %+v are told", open, len(r.Unseen()), told)
				}
			},
			"rules": func(t *rapid.T) {
				r.rules.Notify.Visitor = rapid.SliceOfN(rapid.SampledFrom([]policy.Hears{policy.HearsHead, policy.HearsDSL, policy.HearsLeadership, policy.HearsOffice, policy.HearsParents, policy.HearsChair}), 0, 4).Draw(t, "hears")
				r.rules.Roles.DSL = rapid.SampledFrom([]policy.Holder{policy.OwnPerson, policy.IsHead}).Draw(t, "dsl")
			},
			"record": func(t *rapid.T) {
				who := rapid.SampledFrom([]desk.By{teacher, office, head, dsl}).Draw(t, "by")
				outcome := rapid.SampledFrom([]Outcome{Explained, Stopped, Breach}).Draw(t, "outcome")
				if _, err := r.Record(t.Context(), who, Asked{At: ten, Zone: desk.Hall, Outcome: outcome, Text: "Seen."}); err == nil && outcome == Breach {
					open++
				}
			},
			"see": func(t *rapid.T) {
				who := rapid.SampledFrom([]desk.By{teacher, office, head, dsl}).Draw(t, "by")
				if list := r.Unseen(); len(list) > 0 && r.See(t.Context(), who, list[0].ID, "Noted.") == nil {
					if open--; !Leads(r.rules, who.Roles, ten) {
						t.Fatalf("%s took note", who.Account)
					}
				}
			},
			"restart": func(t *rapid.T) {
				b := r.anew()
				if err := r.log.Read(t.Context(), 0, b.Fold); err != nil {
					t.Fatal(err)
				}
				r.Book = b
			},
		})
	})
}

func TestFollowsTheRules(t *testing.T) {
	see := func(r policy.Rules) string { return fmt.Sprint(TellsOf(r)) }
	policytest.Watch(t, policy.Default(), see, "notify.visitor_breach")
}
