package locker_test

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	. "github.com/bellkeep/bellkeep/locker"
)

var (
	head, dsl, deputy = passkeytest.New("s-head"), passkeytest.New("s-dsl"), passkeytest.New("s-deputy")
	stranger          = passkeytest.New("s-it")
)

// signed has some people sign an order for bank a.
func signed(o Order, by ...*passkeytest.Authenticator) Order {
	o.Approval = "n-1"
	for _, a := range by {
		o.Signed = append(o.Signed, a.Sign(o.Wish("a")))
	}
	return o
}

func evidence(item string, door int, purpose Purpose, by ...*passkeytest.Authenticator) Order {
	return signed(Order{ID: "o-ev-" + item, Kind: OrderEvidence, Item: item, Door: door, Purpose: purpose, To: "h-1", By: "head"}, by...)
}

// learn lets the bank know somebody's keys, by root's word.
func (b *bank) learn(of ...*passkeytest.Authenticator) {
	b.t.Helper()
	e, err := LearnApprovers(b.state, passkeytest.Set(of...), "root", b.now)
	if err != nil {
		b.t.Fatal(err)
	}
	b.record(e)
}

func (b *bank) bar(on Subject) {
	b.rules.Directory.Bars = append(b.rules.Directory.Bars, Bar{ID: "b", Subject: on, From: morning})
}

// A device under a hold goes to the police when two people have signed that: past
// the bar on it, and past one on its door.
func TestHandOver(t *testing.T) {
	b := newOffice(t)
	door := b.put("i-1", ClassEvidence)
	b.bar(Subject{Item: "i-1"})
	b.wish(holdOn(door))
	o := evidence("i-1", door, HandOver, head, dsl)
	e := b.order(o)
	if e.Kind != Intent || e.Door != door || e.Purpose != HandOver || e.To != "h-1" || e.Approval != "n-1" || e.Approvals != [2]string{"s-head", "s-dsl"} || len(e.Signed) != 2 {
		t.Fatalf("%+v", e)
	}
	again := TryAgain(b.state.ItemVisits["i-1"], b.now)
	if !MayGoOn(b.state, b.rules, b.state.ItemVisits["i-1"], b.now) || again.Purpose != HandOver {
		t.Errorf("the door is not tried again: %+v", again)
	}
	if out := b.shuts(door); out.Kind != Collected || out.Item != "i-1" || len(b.state.Items) != 0 {
		t.Errorf("it ended as %+v", out)
	}
}

// Whoever signed can be told from the record alone, long afterwards.
func TestRecordProvesWhoSigned(t *testing.T) {
	b := newOffice(t)
	e := b.order(evidence("i-1", b.put("i-1", ClassEvidence), HandOver, head, dsl))
	w := passkey.Wish{Bank: "a", Door: e.Door, Item: e.Item, Kind: string(e.Purpose), To: e.To, Nonce: e.Approval}
	for i, s := range e.Signed {
		if key, err := b.state.Approvers.Set.Verify(w, s); err != nil || key.Person != e.Approvals[i] {
			t.Errorf("%s, %v", key.Person, err)
		}
	}
}

// Back into the hands of staff it comes only when no hold stands any more.
func TestRestore(t *testing.T) {
	b := newOffice(t)
	door := b.put("i-1", ClassEvidence)
	b.bar(Subject{Item: "i-1"})
	o := evidence("i-1", door, Restore, head, dsl)
	if e := b.order(o); e.Answer != Barred {
		t.Fatalf("%s %q", e.Kind, e.Answer)
	}
	b.rules.Directory.Bars = nil
	o.ID = "o-2"
	if e := b.order(o); e.Kind != Intent || e.Purpose != Restore {
		t.Errorf("%s %q", e.Kind, e.Answer)
	}
}

func TestEvidenceRefuses(t *testing.T) {
	elsewhere := passkeytest.New("s-dsl")
	elsewhere.ID = []byte("another")
	at := func(site, origin string, flags byte) Order {
		o := evidence("i-1", 7, HandOver, head)
		o.Signed = append(o.Signed, dsl.SignAt(o.Wish("a"), site, origin, flags))
		return o
	}
	changed := func(change func(*Order)) Order {
		o := evidence("i-1", 7, HandOver, head, dsl)
		change(&o)
		return o
	}
	for _, c := range []struct {
		name  string
		given func(b *bank)
		order Order
		want  Answer
	}{
		{"nobody", nil, evidence("i-1", 7, HandOver), TwoNeeded},
		{"one", nil, evidence("i-1", 7, HandOver, head), TwoNeeded},
		{"one twice", nil, evidence("i-1", 7, HandOver, head, head), SamePerson},
		{"two keys of one", func(b *bank) { b.learn(head, dsl, elsewhere); b.pass(NewFor) }, evidence("i-1", 7, HandOver, dsl, elsewhere), SamePerson},
		{"one whom nobody knows", nil, evidence("i-1", 7, HandOver, head, stranger), UnknownKey},
		{"one who is no approver any more", func(b *bank) { b.learn(head, deputy) }, evidence("i-1", 7, HandOver, head, dsl), UnknownKey},
		{"one known for less than a day", func(b *bank) { b.learn(head, dsl, stranger); b.pass(NewFor - time.Second) }, evidence("i-1", 7, HandOver, head, stranger), NewKey},
		{"a bank that knows nobody", func(b *bank) { b.state.Approvers = Approvers{} }, evidence("i-1", 7, HandOver, head, dsl), UnknownKey},
		{"signed for another door", nil, changed(func(o *Order) { *o = evidence("i-1", 8, HandOver, head, dsl); o.Door = 7 }), OtherWish},
		{"signed for another device", nil, changed(func(o *Order) { *o = evidence("i-2", 7, HandOver, head, dsl); o.Item = "i-1" }), OtherWish},
		{"signed for another purpose", nil, changed(func(o *Order) { o.Purpose = Restore }), OtherWish},
		{"signed for somebody else", nil, changed(func(o *Order) { o.To = "h-2" }), OtherWish},
		{"signed at another time", nil, changed(func(o *Order) { o.Approval = "n-2" }), OtherWish},
		{"signed on another site", nil, at("evil.test", passkeytest.Origin, 5), OtherSite},
		{"nobody was verified", nil, at(passkeytest.Site, passkeytest.Origin, 1), NotVerified},
		{"forged", nil, changed(func(o *Order) { o.Signed[1].Signature = o.Signed[0].Signature }), BadSignature},
		{"the door is another's", nil, evidence("i-1", 8, HandOver, head, dsl), NothingHeld},
		{"no such device", nil, evidence("i-9", 7, HandOver, head, dsl), NothingHeld},
		{"no door", nil, evidence("i-1", 0, HandOver, head, dsl), Malformed},
		{"to nobody", nil, changed(func(o *Order) { o.To = "" }), Malformed},
		{"another purpose", nil, evidence("i-1", 7, TakeItem, head, dsl), Malformed},
		{"its door cannot be asked", func(b *bank) { b.see(7, Unknown) }, evidence("i-1", 7, HandOver, head, dsl), NoReply},
		{"by another kind of order", nil, changed(func(o *Order) { o.Kind = OrderTake }), EvidenceKept},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newOffice(t)
			b.put("i-1", ClassEvidence)
			if c.given != nil {
				c.given(b)
			}
			if e := b.order(c.order); e.Kind != OrderRefused || e.Answer != c.want {
				t.Errorf("%s %q, want %q", e.Kind, e.Answer, c.want)
			}
			if len(b.state.Items) != 1 || b.state.ItemVisits["i-1"].UnderWay() {
				t.Error("something opened")
			}
		})
	}
}

func approversOrder(keys passkey.Set, by ...*passkeytest.Authenticator) Order {
	return signed(Order{ID: "o-keys", Kind: OrderApprovers, Keys: &keys, By: "it"}, by...)
}

// Two whom a bank knows say who comes next; it counts them after a day, by its own
// clock, over restarts too.
func TestChangeApprovers(t *testing.T) {
	for name, later := range map[string]func(b *bank){
		"in the same run": func(b *bank) { b.pass(NewFor) },
		"after a restart": func(b *bank) { b.now.Boot, b.now.Mono = "b2", 0; b.now.Wall = b.now.Wall.Add(NewFor) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newOffice(t)
			door := b.put("i-1", ClassEvidence)
			next := passkeytest.Set(head, stranger)
			if e := b.order(approversOrder(next, head, dsl)); e.Kind != ApproversChanged || e.Approvals != [2]string{"s-head", "s-dsl"} || e.Keys.ID() != next.ID() {
				t.Fatalf("%+v", e)
			}
			if got := b.state.Approvers.People(b.now); len(got) != 1 || got[0] != "s-head" {
				t.Errorf("known for long enough: %v", got)
			}
			later(b)
			o := evidence("i-1", door, HandOver, head, stranger)
			b.now.Trusted = false
			if e := b.order(o); b.now.Boot != "one" && e.Answer != NewKey {
				t.Errorf("by a clock that nobody trusts: %s %q", e.Kind, e.Answer)
			}
			b.now.Trusted = true
			o.ID = "o-9"
			if e := b.order(o); b.now.Boot != "one" && e.Kind != Intent {
				t.Errorf("%s %q", e.Kind, e.Answer)
			}
			if v := b.state.ItemVisits["i-1"]; v == nil || v.Purpose != HandOver {
				t.Error("the door did not open")
			}
		})
	}
}

func TestChangeApproversRefuses(t *testing.T) {
	spoilt := passkeytest.Set(head)
	spoilt.Site = ""
	for name, c := range map[string]struct {
		order Order
		want  Answer
	}{
		"nobody":     {approversOrder(passkeytest.Set(stranger)), TwoNeeded},
		"one":        {approversOrder(passkeytest.Set(stranger), head), TwoNeeded},
		"themselves": {approversOrder(passkeytest.Set(stranger), stranger, head), UnknownKey},
		"for another set": {func() Order {
			o := approversOrder(passkeytest.Set(head), head, dsl)
			k := passkeytest.Set(stranger)
			o.Keys = &k
			return o
		}(), OtherWish},
		"the same set":       {approversOrder(passkeytest.Set(head, dsl, deputy), head, dsl), NoChange},
		"a set that is none": {approversOrder(spoilt, head, dsl), Malformed},
		"without a set":      {signed(Order{ID: "o-1", Kind: OrderApprovers, By: "it"}, head, dsl), Malformed},
		"what they ended once": {func() Order {
			o := endHold(1, head, dsl)
			o.Kind = OrderApprovers
			k := passkeytest.Set(stranger)
			o.Keys = &k
			return o
		}(), OtherWish},
	} {
		t.Run(name, func(t *testing.T) {
			b := newOffice(t)
			if e := b.order(c.order); e.Kind != OrderRefused || e.Answer != c.want {
				t.Errorf("%s %q, want %q", e.Kind, e.Answer, c.want)
			}
		})
	}
}

// A bank that knows nobody takes no server's word for who they are: a technician at
// its kiosk holds one fingerprint against the other.
func TestLearnAtTheKiosk(t *testing.T) {
	b := newOffice(t)
	b.state.Approvers = Approvers{}
	door := b.put("i-1", ClassEvidence)
	set := passkeytest.Set(head, dsl)
	if e := b.order(approversOrder(set, head, dsl)); e.Kind != ApproversOffered {
		t.Fatalf("%+v", e)
	}
	if e := b.order(evidence("i-1", door, HandOver, head, dsl)); e.Answer != UnknownKey {
		t.Fatalf("what was only offered counts: %s %q", e.Kind, e.Answer)
	}
	b.want(b.wish(Wish{Kind: WishLearn, Keys: set.Fingerprint()}), Office, 0, Barred) // no technician
	entry := b.rules.Directory.Staff["s-1"]
	entry.Technician = true
	b.rules.Directory.Staff["s-1"] = entry
	b.want(b.wish(Wish{Kind: WishLearn, Keys: "AAAA-BBBB-CCCC"}), Office, 0, NoChange)
	d := b.wish(Wish{Kind: WishLearn, Keys: set.Fingerprint()})
	if d.Event.Kind != ApproversLearned || d.Event.By != "s-1" || d.Event.AtOnce || d.Screen.Word != KeysKnown {
		t.Fatalf("%+v", d)
	}
	o := evidence("i-1", door, HandOver, head, dsl)
	o.ID = "o-2"
	if e := b.order(o); e.Answer != NewKey { // something was behind a door already
		t.Errorf("%s %q", e.Kind, e.Answer)
	}
	b.pass(NewFor)
	o.ID = "o-3"
	if e := b.order(o); e.Kind != Intent {
		t.Errorf("%s %q", e.Kind, e.Answer)
	}
}
