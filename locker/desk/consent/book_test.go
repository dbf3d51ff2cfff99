package consent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

var monday = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

// rig is a school with one bank, e, and a device behind its door 1101.
type rig struct {
	*Book
	t      *testing.T
	log    *memlog.Log
	words  map[string][]byte
	now    time.Time
	rules  policy.Rules
	keys   passkey.Set
	count  []string
	place  desk.Place
	held   bool
	away   bool
	orders []locker.Order
	leaves []string
	school passkey.Set // of the school's own approvers
	answer string
}

var (
	headKey, dslKey, deputyKey = passkeytest.New("s-head"), passkeytest.New("s-dsl"), passkeytest.New("s-deputy")
	dslSecond                  = passkeytest.New("s-dsl")

	head   = somebody("head", "s-head", roles.Head)
	dsl    = somebody("dsl", "s-dsl", roles.DSL)
	deputy = somebody("deputy-dsl", "s-deputy", roles.DeputyDSL)
)

func somebody(account, person string, role roles.Role) desk.By {
	return desk.By{Actor: school.Actor{Account: account, Person: person}, Roles: []roles.Assignment{{Role: role}}}
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, words: map[string][]byte{}, now: monday, rules: policy.Default(), keys: passkeytest.Set(headKey, dslKey, deputyKey),
		count: []string{"s-head", "s-dsl", "s-deputy"}, school: passkeytest.Set(headKey, dslKey, deputyKey), place: desk.Place{Kind: desk.Behind, Bank: "e", Door: 1101}, held: true}
	var err error
	if r.log, err = memlog.New("school", func() time.Time { return r.now }); err != nil {
		t.Fatal(err)
	}
	r.Book = r.again()
	return r
}

// again is the book as a restart finds it.
func (r *rig) again() *Book {
	r.t.Helper()
	b := New(Config{Log: r.log, Vault: r, Custody: r, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: r.now, Trusted: true} },
		Now: func() time.Time { return r.now }, Rules: func() policy.Rules { return r.rules }})
	b.Banks, b.Keys = r, func() passkey.Set { return r.school }
	if err := r.log.Read(context.Background(), 0, b.Fold); err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r *rig) Get(_ context.Context, id string) ([]byte, error) { return r.words[id], nil }
func (r *rig) Put(_ context.Context, id string, content []byte) (vault.Commitment, error) {
	r.words[id] = content
	return vault.Commitment{byte(len(r.words)), 7}, nil
}
func (r *rig) Item(id string) (desk.Item, error) { return desk.Item{ID: id, Place: r.place}, nil }
func (r *rig) Held(desk.Item) bool               { return r.held }
func (r *rig) Leaves(_ context.Context, by desk.By, item string, p locker.Purpose, agreed string) error {
	r.leaves = append(r.leaves, strings.Join([]string{by.Person, item, string(p), agreed}, " "))
	return nil
}
func (r *rig) Goes(_ context.Context, by desk.By, item, agreed string) error {
	r.leaves = append(r.leaves, strings.Join([]string{by.Person, item, "goes", agreed}, " "))
	return nil
}
func (r *rig) Known(string) (passkey.Set, []string) { return r.keys, r.count }
func (r *rig) Approval(context.Context, string) (string, error) {
	if r.away {
		return "", errs.New(errs.Unavailable, "The bank does not answer.", "")
	}
	return "0123456789abcdef0123456789abcdef", nil
}
func (r *rig) Order(_ context.Context, _ string, o locker.Order) (uint64, string, error) {
	if r.away {
		return 0, "", errs.New(errs.Unavailable, "The bank does not answer.", "")
	}
	r.orders = append(r.orders, o)
	return 77, r.answer, nil
}

func police() Ask {
	return Ask{Kind: HandOver, Item: "i-1", Paper: Paper{Why: "They came with a warrant.", Officer: "PC Lowe", Collar: "4471", Force: "Avon and Somerset",
		Reference: "46/123456/26", Seal: "A0093341", State: "on-locked"}}
}

func (r *rig) begin(a Ask) Request {
	r.t.Helper()
	q, err := r.Begin(r.t.Context(), dsl, a)
	if err != nil {
		r.t.Fatal(err)
	}
	return q
}

func (r *rig) sign(who desk.By, key *passkeytest.Authenticator, q Request) (Request, error) {
	return r.Sign(r.t.Context(), who, q.ID, key.Sign(q.Wish))
}

// Two people sign one after the other; only then is the bank told, with both
// signatures and nothing that anybody could change.
func TestHandOver(t *testing.T) {
	r := newRig(t)
	q := r.begin(police())
	if q.Wish.Door != 1101 || q.Wish.Bank != "e" || !strings.HasPrefix(q.Wish.To, "h-") || len(r.orders) != 0 {
		t.Fatalf("%+v", q)
	}
	q, err := r.sign(dsl, dslKey, q)
	if err != nil || len(q.Signs) != 1 || len(r.orders) != 0 || len(r.Waiting()) != 1 {
		t.Fatalf("%+v, %v", q, err)
	}
	r.now = r.now.Add(SecondWithin - time.Second)
	q, err = r.sign(head, headKey, q)
	if err != nil || !q.Done() || q.Seq != 77 || len(r.orders) != 1 || len(r.Waiting()) != 0 {
		t.Fatalf("%+v, %v", q, err)
	}
	o := r.orders[0]
	if o.Kind != locker.OrderEvidence || o.Purpose != locker.HandOver || o.Wish("e") != q.Wish || len(o.Signed) != 2 || o.By != "head" {
		t.Errorf("ordered %+v", o)
	}
	if len(r.leaves) != 1 || r.leaves[0] != "s-head i-1 hand-over "+q.ID {
		t.Errorf("custody was told %q", r.leaves)
	}
	if p, err := r.Words(t.Context(), q); err != nil || p.Seal != "A0093341" {
		t.Errorf("%+v, %v", p, err)
	}
	if err := r.Receive(t.Context(), head, q.ID, Receipt{Number: "R-1", At: r.now}); err != nil {
		t.Error(err)
	}
	if again, err := r.again().Get(q.ID); err != nil || !again.Done() || again.Receipt.IsZero() || len(again.Signs) != 2 {
		t.Errorf("after a restart: %+v, %v", again, err)
	}
	about := 0 // every record says which device, so that whoever must not know of it finds none
	if err := r.log.Read(t.Context(), 0, func(rec ledger.Record) error {
		if bytes.Contains(rec.Body, []byte(`"item":"i-1"`)) {
			about++
		}
		return nil
	}); err != nil || about != 5 {
		t.Errorf("%d records name the device, %v", about, err)
	}
}

func TestSignRefuses(t *testing.T) {
	changed := dsl
	changed.Changed = monday.Add(-time.Hour)
	second := somebody("dsl-two", "s-dsl", roles.Head)
	for name, c := range map[string]struct {
		given func(r *rig)
		who   desk.By
		key   *passkeytest.Authenticator
		first bool // nobody has signed yet
	}{
		"the same person again":               {who: dsl, key: dslKey},
		"the same person by another account":  {who: second, key: dslKey},
		"another's passkey":                   {who: head, key: dslKey},
		"somebody whom the rules do not name": {who: deputy, key: deputyKey},
		"a teacher":                           {who: somebody("t", "s-t", roles.Teacher), key: headKey},
		"a visitor":                           {who: somebody("x", "x-x", roles.Head), key: headKey},
		"whose account changed today":         {who: changed, key: dslKey, first: true},
		"whom the bank does not know":         {given: func(r *rig) { r.keys = passkeytest.Set(dslKey, deputyKey) }, who: head, key: headKey},
		"whom it has not known for a day":     {given: func(r *rig) { r.count = []string{"s-dsl"} }, who: head, key: headKey},
		"too late after the first":            {given: func(r *rig) { r.now = r.now.Add(SecondWithin) }, who: head, key: headKey},
		"too late for the bank":               {given: func(r *rig) { r.now = r.now.Add(Life) }, who: dsl, key: dslKey, first: true},
		"after a restart":                     {given: func(r *rig) { r.Book = r.again() }, who: head, key: headKey},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			q := r.begin(police())
			if !c.first {
				var err error
				if q, err = r.sign(dsl, dslKey, q); err != nil {
					t.Fatal(err)
				}
			}
			if c.given != nil {
				c.given(r)
			}
			before := len(q.Signs)
			if _, err := r.sign(c.who, c.key, q); err == nil {
				t.Error("it is taken")
			}
			if after, _ := r.Book.Get(q.ID); len(after.Signs) != before || len(r.orders) != 0 {
				t.Errorf("%d signatures, %d orders", len(after.Signs), len(r.orders))
			}
		})
	}
}

// What one signed for another request counts for nothing here.
func TestSignatureOfAnotherRequest(t *testing.T) {
	r := newRig(t)
	one := r.begin(police())
	other := police()
	other.Paper.Officer = "PC Nobody"
	two := r.begin(other)
	if one.Wish.To == two.Wish.To {
		t.Fatal("two officers are one")
	}
	if _, err := r.Sign(t.Context(), dsl, two.ID, dslKey.Sign(one.Wish)); !errors.Is(err, passkey.ErrOtherWish) {
		t.Error(err)
	}
}

func TestBeginRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		given func(r *rig, a *Ask)
		who   desk.By
		code  errs.Code
	}{
		"the office":                     {who: somebody("office", "s-o", roles.Office), code: errs.Denied},
		"IT":                             {who: somebody("it", "s-it", roles.IT), code: errs.Denied},
		"a visitor":                      {who: somebody("x", "x-x", roles.DSL), code: errs.Denied},
		"no officer":                     {given: func(_ *rig, a *Ask) { a.Paper.Officer = "" }, who: dsl, code: errs.Invalid},
		"no state":                       {given: func(_ *rig, a *Ask) { a.Paper.State = "good" }, who: dsl, code: errs.Invalid},
		"a long text":                    {given: func(_ *rig, a *Ask) { a.Paper.Why = strings.Repeat("x", 201) }, who: dsl, code: errs.Invalid},
		"a device that is gone":          {given: func(r *rig, _ *Ask) { r.place = desk.Place{Kind: desk.Gone, To: desk.ToPolice} }, who: dsl, code: errs.Conflict},
		"back out of a safe":             {given: func(r *rig, a *Ask) { r.place, r.held, a.Kind = desk.At("safe"), false, Restore }, who: dsl, code: errs.Conflict},
		"a school with one passkey":      {given: func(r *rig, _ *Ask) { r.place, r.school = desk.At("safe"), passkeytest.Set(dslKey, dslSecond) }, who: dsl, code: errs.Conflict},
		"back out, under a hold":         {given: func(_ *rig, a *Ask) { a.Kind = Restore }, who: dsl, code: errs.Denied},
		"a bank that knows one alone":    {given: func(r *rig, _ *Ask) { r.keys = passkeytest.Set(dslKey) }, who: dsl, code: errs.Conflict},
		"a bank that does not answer":    {given: func(r *rig, _ *Ask) { r.away = true }, who: dsl, code: errs.Unavailable},
		"other keys, which are none":     {given: func(_ *rig, a *Ask) { a.Kind, a.Bank = Approvers, "e" }, who: dsl, code: errs.Invalid},
		"something that nobody has made": {given: func(_ *rig, a *Ask) { a.Kind = "open-all" }, who: dsl, code: errs.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			r, a := newRig(t), police()
			if c.given != nil {
				c.given(r, &a)
			}
			if _, err := r.Begin(t.Context(), c.who, a); errs.CodeOf(err) != c.code {
				t.Errorf("%v (%s), want %s", err, errs.CodeOf(err), c.code)
			}
		})
	}
}

// A bank that gives no answer may have opened: the record says that nobody knows.
func TestUnanswered(t *testing.T) {
	r := newRig(t)
	q, err := r.sign(dsl, dslKey, r.begin(police()))
	if err != nil {
		t.Fatal(err)
	}
	r.away = true
	if q, err = r.sign(head, headKey, q); err == nil || q.Refused != Unanswered || q.Open() {
		t.Errorf("%+v, %v", q, err)
	}
}

// At a school whose headteacher leads safeguarding, the deputy or the chair is second.
func TestSecondIsDeputyOrChair(t *testing.T) {
	r := newRig(t)
	r.rules.HoldEnd.First, r.rules.HoldEnd.Second = policy.ApproverHead, policy.ApproverDeputyOrChair
	q, err := r.sign(head, headKey, r.begin(police()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.sign(dsl, dslKey, q); err == nil {
		t.Error("somebody whom the rules do not name signed")
	}
	if q, err = r.sign(deputy, deputyKey, q); err != nil || !q.Done() {
		t.Errorf("%+v, %v", q, err)
	}
}

// What is behind no door goes to the police by two passkeys too, of those the school
// itself knows; no bank is asked. The last record proves it to anybody.
func TestHandOverFromASafe(t *testing.T) {
	r := newRig(t)
	r.place = desk.At("safe")
	q := r.begin(police())
	if q.Wish.Bank != School || q.Wish.Door != 0 || q.Keys == nil {
		t.Fatalf("%+v", q)
	}
	q, err := r.sign(dsl, dslKey, q)
	if err != nil || len(r.leaves) != 0 {
		t.Fatalf("after one: %q, %v", r.leaves, err)
	}
	if q, err = r.sign(head, headKey, q); err != nil || !q.Done() || len(r.orders) != 0 || len(r.leaves) != 1 || r.leaves[0] != "s-head i-1 goes "+q.ID {
		t.Fatalf("%+v, %q, %v", q, r.leaves, err)
	}
	if err := r.Receive(t.Context(), head, q.ID, Receipt{Number: "R-1", At: r.now}); err != nil {
		t.Error(err)
	}
	var last body
	if err := r.log.Read(t.Context(), 0, func(rec ledger.Record) error {
		if rec.Kind != KindAnswered {
			return nil
		}
		return json.Unmarshal(rec.Body, &last)
	}); err != nil || len(last.Both) != 2 {
		t.Fatalf("%+v, %v", last, err)
	}
	for i, person := range []string{"s-dsl", "s-head"} {
		if key, err := last.Keys.Verify(*last.Wish, last.Both[i]); err != nil || key.Person != person {
			t.Errorf("signature %d is of %q, %v", i, key.Person, err)
		}
	}
}

// A passkey that was taken away, or came after it was begun, signs nothing.
func TestKeysOfASafe(t *testing.T) {
	for name, c := range map[string]struct{ before, after passkey.Set }{
		"taken away":      {passkeytest.Set(headKey, dslKey), passkeytest.Set(dslKey)},
		"came after":      {passkeytest.Set(deputyKey, dslKey), passkeytest.Set(headKey, dslKey)},
		"somebody else's": {passkeytest.Set(headKey, dslKey), heldBy("s-deputy", headKey, dslKey)},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.place, r.school = desk.At("safe"), c.before
			q, err := r.sign(dsl, dslKey, r.begin(police()))
			if err != nil {
				t.Fatal(err)
			}
			r.school = c.after
			if _, err := r.sign(head, headKey, q); err == nil || len(r.leaves) != 0 {
				t.Errorf("it is taken: %q", r.leaves)
			}
		})
	}
}

// heldBy is the set of two keys where the first is said to be another person's.
func heldBy(person string, first, second *passkeytest.Authenticator) passkey.Set {
	key := first.Key()
	key.Person = person
	set := passkeytest.Set(second)
	set.Keys = append(set.Keys, key)
	return set.Sorted()
}
