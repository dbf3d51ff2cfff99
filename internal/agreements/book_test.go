package agreements

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

type desk struct {
	*Book
	t      *testing.T
	log    *memlog.Log
	papers vaulttest.Memory
	now    time.Time
	years  int // that visitors are remembered
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, papers: vaulttest.Memory{}, now: monday, years: 6}
	var err error
	if d.log, err = memlog.New("school", func() time.Time { return d.now }); err != nil {
		t.Fatal(err)
	}
	d.Book = d.anew()
	return d
}

func (d *desk) anew() *Book {
	return New(Config{Log: d.log, Vault: d.papers, People: people{}, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: d.now} }, Years: func() int { return d.years }})
}

func (d *desk) code(what string, err error, want errs.Code) {
	d.t.Helper()
	if errs.CodeOf(err) != want {
		d.t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func (d *desk) publish(k Kind, text string, from time.Time) {
	d.t.Helper()
	_, err := d.Publish(d.t.Context(), actor("head"), Draft{Kind: k, Text: text + ", as the school wrote it", From: from, Parents: 2})
	d.code("publishing "+text, err, "")
}

type people struct{}

func (people) Person(id string) (register.Person, bool) {
	p := register.Person{ID: id, Kind: register.Staff}
	switch {
	case id == "p-gone":
		p.Left = monday
	case id == "p-one", id == "p-eight":
		p.Kind, p.Year = register.Pupil, map[string]string{"p-one": "1", "p-eight": "8"}[id]
	}
	return p, strings.HasPrefix(id, "s-") || strings.HasPrefix(id, "p-")
}

func actor(name string) school.Actor { return school.Actor{Account: name, Person: "s-" + name} }

// Nobody has a device without a signature of the version that counts. A new version
// asks again; the one before counts until the day it says.
func TestMayHave(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	d.code("nothing published", d.MayHave("s-teacher"), errs.Denied)
	d.publish(Staff, "first", time.Time{})
	d.code("not signed", d.MayHave("s-teacher"), errs.Denied)
	d.code("signing", d.Sign(ctx, actor("teacher"), Staff, 1, "Tessa Teacher"), "")
	d.code("signed", d.MayHave("s-teacher"), "")
	d.code("signing again", d.Sign(ctx, actor("teacher"), Staff, 1, "Tessa Teacher"), errs.Conflict)
	d.code("nobody on the roll", d.MayHave("p-gone"), errs.Denied)
	d.code("a pupil, by the staff's agreement", d.MayHave("p-eight"), errs.Denied)

	d.publish(Staff, "second", monday.AddDate(0, 0, 14))
	d.code("before the second counts", d.MayHave("s-teacher"), "")
	if counts, until := d.Counts("s-teacher", Staff); !counts || !until.Equal(monday.AddDate(0, 0, 14)) {
		t.Errorf("counts %v until %v", counts, until)
	}
	d.code("signing what is old", d.Sign(ctx, actor("office"), Staff, 1, "Olive Office"), errs.Conflict)
	d.now = monday.AddDate(0, 0, 14)
	d.code("from its day on", d.MayHave("s-teacher"), errs.Denied)
	d.code("signing the second", d.Sign(ctx, actor("teacher"), Staff, 2, "Tessa Teacher"), "")
	d.code("signed the second", d.MayHave("s-teacher"), "")
	again := d.anew()
	if err := d.log.Read(ctx, 0, again.Fold); err != nil || !reflect.DeepEqual(again.signed, d.signed) || !reflect.DeepEqual(again.versions, d.versions) {
		t.Errorf("a restart finds %+v %+v, %v", again.versions, again.signed, err)
	}
}

// Pupils sign at the desk before somebody else; for the youngest a parent does.
func TestWitness(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	d.publish(Pupils, "rules for pupils", time.Time{})
	office := actor("office")
	d.code("a young pupil alone", d.Witness(ctx, office, "p-one", 1, AtDesk, "Sam"), errs.Invalid)
	d.code("without a name", d.Witness(ctx, office, "p-one", 1, ByParent, " "), errs.Invalid)
	d.code("a parent", d.Witness(ctx, office, "p-one", 1, ByParent, "Pat Parent"), "")
	d.code("an older pupil", d.Witness(ctx, office, "p-eight", 1, AtDesk, "Eve Eight"), "")
	d.code("both may have one", errorOf(d.MayHave("p-one"), d.MayHave("p-eight")), "")
	d.code("one who has left", d.Witness(ctx, office, "p-gone", 1, AtDesk, "Gone"), errs.NotFound)
	d.code("how, unheard of", d.Witness(ctx, office, "p-eight", 1, InAccount, "Eve"), errs.Invalid)
	d.publish(Staff, "rules for staff", time.Time{})
	d.code("one's own witness", d.Witness(ctx, office, "s-office", 1, AtDesk, "Olive"), errs.Denied)
	d.code("staff before a witness", d.Witness(ctx, office, "s-cook", 1, AtDesk, "Carla Cook"), "")
	d.code("in an account, what is for pupils", d.Sign(ctx, office, Pupils, 1, "Olive"), errs.Denied)
	d.code("in nobody's account", d.Sign(ctx, school.Actor{Account: "x"}, Staff, 1, "X"), errs.Denied)
}

func errorOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// Advice on own phones is attested or told, and never lets anybody have a device.
func TestOwnPhones(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	d.code("nothing published", d.Advise(ctx, actor("office"), "s-teacher"), errs.NotFound)
	d.publish(OwnPhones, "keep it silent", time.Time{})
	d.code("told", d.Advise(ctx, actor("office"), "s-teacher"), "")
	d.code("told twice", d.Advise(ctx, actor("office"), "s-teacher"), errs.Conflict)
	d.code("a pupil", d.Advise(ctx, actor("office"), "p-one"), errs.NotFound)
	if counts, _ := d.Counts("s-teacher", OwnPhones); counts {
		t.Error("being told counts as signing")
	}
	d.code("attested after that", d.Sign(ctx, actor("teacher"), OwnPhones, 1, "Tessa Teacher"), "")
	if s, _ := d.Signed("s-teacher", OwnPhones); s.How != InAccount {
		t.Errorf("it is %+v", s)
	}
	d.code("a device by it", d.MayHave("s-teacher"), errs.Denied)
}

func TestPublishRefuses(t *testing.T) {
	d := newDesk(t)
	for name, draft := range map[string]Draft{
		"no such agreement": {Kind: "contract", Text: strings.Repeat("x", 30)},
		"no text":           {Kind: Staff, Text: " "},
		"too long":          {Kind: Staff, Text: strings.Repeat("x", MaxText+1)},
		"too late":          {Kind: Staff, Text: strings.Repeat("x", 30), From: monday.AddDate(2, 0, 0)},
	} {
		_, err := d.Publish(t.Context(), actor("head"), draft)
		d.code(name, err, errs.Invalid)
	}
	d.publish(Staff, "the same", time.Time{})
	_, err := d.Publish(t.Context(), actor("head"), Draft{Kind: Staff, Text: "the same, as the school wrote it", Parents: 2})
	d.code("what it says already", err, errs.Conflict)
}

func TestLedgerHoldsNoNames(t *testing.T) {
	d := newDesk(t)
	d.publish(Staff, "silence", time.Time{})
	d.code("signing", d.Sign(t.Context(), actor("teacher"), Staff, 1, "Tessa Teacher"), "")
	err := d.log.Read(t.Context(), 0, func(r ledger.Record) error {
		if strings.Contains(string(r.Leaf), "Tessa") || strings.Contains(string(r.Leaf), "silence") {
			t.Errorf("%s: %s", r.Kind, r.Leaf)
		}
		return nil
	})
	d.code("reading", err, "")
	for kind, body := range map[string]string{KindSigned: `{"agreement":"staff","version":9,"for":"s-x"}`, KindPublished: `{"agreement":"staff","version":7}`, KindAdvised: `[]`} {
		if err := d.Fold(ledger.Record{Entry: ledger.Entry{Kind: kind, Body: []byte(body)}}); err == nil {
			t.Errorf("%s %s was taken", kind, body)
		}
	}
}

// A parent signs for every pupil, however old, before a witness.
func TestParents(t *testing.T) {
	d := newDesk(t)
	d.publish(Parents, "We have read the school’s agreements.", time.Time{})
	who := school.Actor{Account: "office", Person: "s-office"}
	d.code("a member of staff is no pupil", d.WitnessParent(t.Context(), who, "s-teacher", 1, "Ruth Amis"), errs.NotFound)
	d.code("an older text", d.WitnessParent(t.Context(), who, "p-eight", 2, "Ruth Amis"), errs.Conflict)
	d.code("nobody's account", d.WitnessParent(t.Context(), school.Actor{Account: "office"}, "p-eight", 1, "Ruth Amis"), errs.Denied)
	d.code("no name", d.WitnessParent(t.Context(), who, "p-eight", 1, " "), errs.Invalid)
	d.code("the parent", d.WitnessParent(t.Context(), who, "p-eight", 1, "Ruth Amis"), "")
	if counts, _ := d.Counts("p-eight", Parents); !counts {
		t.Error("it does not count")
	}
	if s, _ := d.Signed("p-eight", Parents); s.How != ByParent || s.By != "office" {
		t.Errorf("it is %+v", s)
	}
}

// What is for staff, and what for whoever is on no roll.
func TestReadBy(t *testing.T) {
	staff, pupil := register.Person{Kind: register.Staff}, register.Person{Kind: register.Pupil}
	for _, c := range []struct {
		k                    Kind
		staff, pupil, nobody bool
	}{{Staff, true, false, false}, {Pupils, false, true, false}, {Visitors, false, false, false}, {OwnPhones, true, false, false}, {Parents, false, false, false},
		{SocialMedia, true, false, false}, {Monitoring, true, false, true}, {Briefing, false, false, true}, {Help, false, false, false}} {
		if c.k.ReadBy(staff, true) != c.staff || c.k.ReadBy(pupil, true) != c.pupil || c.k.ReadBy(register.Person{}, false) != c.nobody {
			t.Errorf("%s is for others", c.k)
		}
	}
}

// Whoever works here for a day reads the note first, and again once it changes.
func TestBriefed(t *testing.T) {
	d := newDesk(t)
	d.code("nothing published", d.Briefed("x-pass-1"), "")
	d.publish(Briefing, "Tell the safeguarding lead at once.", time.Time{})
	d.code("not read", d.Briefed("x-pass-1"), errs.Denied)
	who := school.Actor{Account: "pass-1", Person: "x-pass-1"}
	d.code("read", d.Sign(t.Context(), who, Briefing, 1, "Sam Supply"), "")
	d.code("and now", d.Briefed("x-pass-1"), "")
	d.code("the staff's agreement is not theirs", d.Sign(t.Context(), who, Staff, 1, "Sam Supply"), errs.Denied)
	d.publish(Briefing, "Tell the safeguarding lead or the deputy at once.", time.Time{})
	d.code("a newer note", d.Briefed("x-pass-1"), errs.Denied)
}
