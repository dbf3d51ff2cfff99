package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
	"github.com/bellkeep/bellkeep/locker"
)

type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// family is a register with one pair of contacts for every pupil p-...
type family struct{}

func (family) Person(id string) (register.Person, bool) {
	return register.Person{ID: id}, strings.HasPrefix(id, "p-")
}

func (family) Contacts(string) []register.Contact {
	return []register.Contact{
		{ID: "C1", Given: "Ruth", Family: "Amis", Relationship: "Mother", ParentalResponsibility: true},
		{ID: "C2", Given: "Gus", Family: "Amis", Relationship: "Father", ParentalResponsibility: true, NoContact: true},
		{ID: "C3", Given: "Joan", Family: "Amis", Relationship: "Grandmother"},
		{ID: "C4", Given: "Kit", Family: "Amis", Relationship: "Father", ParentalResponsibility: true, CourtOrder: true},
	}
}

// The school day of the tests, which ends at 15:15.
var (
	monday = time.Date(2026, 11, 23, 11, 20, 0, 0, time.UTC)
	bell   = time.Date(2026, 11, 23, 15, 15, 0, 0, time.UTC)
)

// counter is a desk with its clock, rules and exempt pupils.
type counter struct {
	*Custody
	log    *memlog.Log
	bars   *Book
	vault  vaulttest.Memory
	now    ledger.Stamp
	rules  policy.Rules
	exempt map[string]bool
	free   bool   // phones are not banned
	seq    uint64 // of the bank's ledger
}

func newCounter(t tb) *counter {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{log: log, vault: vaulttest.Memory{}, now: ledger.Stamp{Wall: monday, Trusted: true}, rules: policy.Default(), exempt: map[string]bool{}}
	c.bars = New(log, c.stamp, policy.Default)
	c.Custody = NewCustody(c.config())
	return c
}

func (c *counter) stamp() ledger.Stamp { return c.now }

func (c *counter) config() Config {
	return Config{Log: c.log, Vault: c.vault, People: family{}, Bars: c.bars, Stamp: c.stamp,
		Rules: func() policy.Rules { return c.rules },
		Ends: func(at time.Time) (time.Time, bool) {
			return time.Date(at.Year(), at.Month(), at.Day(), 15, 15, 0, 0, time.UTC), true
		},
		Exempt: func(person string, _ time.Time) bool { return c.exempt[person] },
		Banned: func(time.Time) bool { return !c.free },
	}
}

// again is the same custody after a restart.
func (c *counter) again(t tb) *Custody {
	t.Helper()
	book := NewCustody(c.config())
	if err := c.log.Read(t.Context(), 0, book.Fold); err != nil {
		t.Fatal(err)
	}
	return book
}

// somebody signed in with one role.
func somebody(r roles.Role) By {
	return By{school.Actor{Account: string(r), Person: "s-" + string(r)}, []roles.Assignment{{Role: r}}}
}

var (
	teacher = somebody(roles.Teacher)
	office  = somebody(roles.Office)
	head    = somebody(roles.Head)
)

func phoneOf(pupil string, why Reason, now time.Time) Confiscation {
	return Confiscation{Whose: pupil, What: Phone, Reason: why, Zone: Classroom, Taken: now.Add(-4 * time.Minute), Considered: true,
		Account: Account{Room: "14", Happened: "In use.", Condition: "Crack at the top left."}}
}

func (c *counter) confiscate(t tb, in Confiscation) Case {
	t.Helper()
	file, err := c.Confiscate(t.Context(), teacher, in)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// bank lets a bank's ledger tell of an event.
func (c *counter) bank(t tb, e locker.Event) {
	t.Helper()
	c.seq++
	e.At = school.Instant(c.now)
	if err := c.Tell(t.Context(), Ref{"d", 1, c.seq}, e); err != nil {
		t.Fatal(err)
	}
}

func (c *counter) behind(t tb, item string, n int) {
	t.Helper()
	c.bank(t, locker.Event{Kind: locker.Deposited, Door: n, Body: locker.Body{Item: item, By: "office"}})
}

func toMother(id string) Release {
	return Release{Case: id, To: ToParent, Contact: "C1", Identity: PhotoID, Signed: Signature{Name: "R. Amis"}}
}

// The day of the second scenario: taken at 11:20, behind a door at 11:31, the
// father refused at 15:12, the mother served at 15:40.
func TestConfiscatedAndReleased(t *testing.T) {
	c := newCounter(t)
	file := c.confiscate(t, phoneOf("p-1", Breach, monday))
	place := func(want Place) {
		t.Helper()
		for name, book := range map[string]*Custody{"": c.Custody, " after a restart": c.again(t)} {
			if i, err := book.Item(file.Item); err != nil || !i.Place.same(want) {
				t.Errorf("the device%s is at %+v, want %+v", name, i.Place, want)
			}
		}
	}
	place(InHandsOf("s-teacher"))
	c.now.Wall = monday.Add(11 * time.Minute)
	if list := c.Problems(c.now.Wall); len(list) != 1 || list[0].Code != InHandsLong {
		t.Errorf("after 11 minutes in somebody's hands: %v", list)
	}
	ordered, err := c.Put(t.Context(), office, file.Item, "d", locker.ClassConfiscation)
	if err != nil || ordered.Order.Kind != locker.OrderPut || ordered.Order.Item != file.Item {
		t.Fatalf("Put = %+v, %v", ordered, err)
	}
	place(InHandsOf("s-teacher")) // the bank has not said anything yet
	c.behind(t, file.Item, 1003)
	place(Place{Kind: Behind, Bank: "d", Door: 1003})
	if len(c.Problems(c.now.Wall)) != 0 || len(c.ForBanks(c.now.Wall)) != 1 {
		t.Errorf("problems %v, bars %v", c.Problems(c.now.Wall), c.ForBanks(c.now.Wall))
	}

	c.now.Wall = bell.Add(-10 * time.Minute)
	if err := c.Hand(t.Context(), office, toMother(file.ID)); errs.CodeOf(err) != errs.NotNow {
		t.Errorf("released at 15:05: %v", err)
	}
	father := toMother(file.ID)
	father.Contact = "C2"
	err = c.Hand(t.Context(), office, father)
	if errs.CodeOf(err) != errs.Denied || !strings.HasPrefix(err.Error(), "Do not release. See the safeguarding lead.") {
		t.Errorf("released to the father: %v", err)
	}
	if list := c.Problems(c.now.Wall); len(list) != 1 || list[0].Code != TurnedAway {
		t.Errorf("after the father was turned away: %v", list)
	}
	if err := c.SeeRefusals(t.Context(), office, file.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("the office takes note for the safeguarding lead: %v", err)
	}
	if err := c.SeeRefusals(t.Context(), head, file.ID); err != nil {
		t.Error(err)
	}

	if list := c.ForBanks(bell); len(list) != 0 {
		t.Errorf("after the bell the pupil is still sent to the office: %v", list)
	}
	c.now.Wall = bell.Add(25 * time.Minute)
	if err := c.Hand(t.Context(), office, toMother(file.ID)); err != nil {
		t.Fatal(err)
	}
	place(Place{Kind: Behind, Bank: "d", Door: 1003}) // on record before any door opens
	if ordered, err = c.TakeOut(t.Context(), office, file.Item); err != nil || ordered.Bank != "d" || ordered.Order.Door != 1003 {
		t.Fatalf("TakeOut = %+v, %v", ordered, err)
	}
	c.bank(t, locker.Event{Kind: locker.Collected, Door: 1003, Body: locker.Body{Item: file.Item, By: "office"}})
	place(Place{Kind: Gone, To: ToParent})
	file, _ = c.Case(file.ID)
	if file.Outcome != ReleasedToAdult || len(c.Problems(c.now.Wall)) != 0 || len(c.ForBanks(monday)) != 0 {
		t.Errorf("at the end %+v, problems %v", file, c.Problems(c.now.Wall))
	}
	i, _ := c.Item(file.Item)
	if len(i.Trail) != 3 || i.Trail[1].Ref != (Ref{"d", 1, 1}) || i.Trail[2].Ref != (Ref{"d", 1, 2}) {
		t.Errorf("its trail names %+v", i.Trail)
	}
}

// Whatever is written about a case, the ledger has no word of it.
func TestLedgerHoldsNoWords(t *testing.T) {
	c := newCounter(t)
	file := c.confiscate(t, phoneOf("p-1", Breach, monday))
	_ = c.AddNote(t.Context(), office, file.ID, false, "Ruth telephoned.")
	_ = c.RecordSearch(t.Context(), head, file.ID, fullSearch(monday))
	_ = c.RecordDeletion(t.Context(), head, file.ID, fullDeletion(monday))
	c.now.Wall = bell
	if _, err := c.MakeCode(t.Context(), office, file.ID, "C1"); err != nil {
		t.Fatal(err)
	}
	if err := c.Hand(t.Context(), office, toMother(file.ID)); err != nil {
		t.Fatal(err)
	}
	if c.log.Size() != 7 {
		t.Fatalf("%d records", c.log.Size())
	}
	_ = c.log.Read(t.Context(), 0, func(r ledger.Record) error {
		for _, word := range []string{"Ruth", "Amis", "Mother", "C1", "Crack", "In use", "cigarettes", "clip", "Witness"} {
			if strings.Contains(string(r.Body), word) {
				t.Errorf("%s holds %q: %s", r.Kind, word, r.Body)
			}
		}
		var e body
		if json.Unmarshal(r.Body, &e) == nil && (e.Content == "") != (e.Commitment == nil) {
			t.Errorf("%s: content %q, commitment %v", r.Kind, e.Content, e.Commitment)
		}
		return nil
	})
}

// Staff put a device in at a kiosk and explain it later.
func TestPutInAtABank(t *testing.T) {
	c := newCounter(t)
	c.bank(t, locker.Event{Kind: locker.Deposited, Door: 1001, Body: locker.Body{Item: "i-kiosk", By: "s-9"}})
	if list := c.Problems(c.now.Wall); len(list) != 1 || list[0].Code != Unexplained {
		t.Errorf("problems %v", list)
	}
	in := phoneOf("p-2", Behaviour, monday)
	in.Item = "i-kiosk"
	file := c.confiscate(t, in)
	i, _ := c.Item("i-kiosk")
	if i.Place.Kind != Behind || i.Case != file.ID || i.Whose != "p-2" || len(c.Problems(c.now.Wall)) != 0 {
		t.Errorf("%+v, problems %v", i, c.Problems(c.now.Wall))
	}
	if _, err := c.Confiscate(t.Context(), teacher, in); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a second case about it: %v", err)
	}
}

// The bank is right about what is behind its doors; that we thought otherwise is
// a problem until somebody has moved the device.
func TestBankIsRight(t *testing.T) {
	c := newCounter(t)
	file := c.confiscate(t, phoneOf("p-1", Breach, monday))
	c.behind(t, file.Item, 1001)
	c.behind(t, file.Item, 1002)
	i, _ := c.Item(file.Item)
	if i.Place.Door != 1002 || i.Conflict == nil || i.Conflict.Door != 1001 {
		t.Fatalf("%+v", i)
	}
	if list := c.Problems(c.now.Wall); len(list) != 1 || list[0].Code != Disagree {
		t.Errorf("problems %v", list)
	}
	if err := c.Move(t.Context(), office, file.Item, At("safe")); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("moved past the bank: %v", err)
	}
	size := c.log.Size()
	if err := c.Tell(t.Context(), Ref{"d", 1, 1}, locker.Event{Kind: locker.Collected, Body: locker.Body{Item: file.Item}}); err != nil || c.log.Size() != size {
		t.Errorf("an old record told again: %v, %d records more", err, c.log.Size()-size)
	}
	if epoch, seq := c.again(t).From("d"); epoch != 1 || seq != 3 {
		t.Errorf("after a restart From = %d, %d", epoch, seq)
	}
}

// An exempt pupil is announced before a device is taken, and gets it back by one
// tap; nobody else does.
func TestExemptPupil(t *testing.T) {
	c := newCounter(t)
	c.exempt["p-1"] = true
	in := phoneOf("p-1", Breach, monday)
	if _, err := c.Confiscate(t.Context(), teacher, in); errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), "Return it now") {
		t.Errorf("taken from an exempt pupil: %v", err)
	}
	in.Despite = true
	file := c.confiscate(t, in)
	if !file.Facts.Despite {
		t.Error("it is not on record that the pupil is exempt")
	}
	if err := c.Return(t.Context(), teacher, file.ID); err != nil {
		t.Fatal(err)
	}
	if file, _ = c.Case(file.ID); file.Outcome != Returned {
		t.Errorf("%+v", file)
	}
	other := c.confiscate(t, phoneOf("p-2", Breach, monday))
	if err := c.Return(t.Context(), teacher, other.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("given back to the pupil: %v", err)
	}
}

// What may hold an indecent image is held at once, and nobody looks at it.
func TestPossibleImage(t *testing.T) {
	c := newCounter(t)
	file := c.confiscate(t, phoneOf("p-1", PossibleImage, monday))
	if bars := c.bars.Standing(); len(bars) != 1 || bars[0].Kind != Hold || bars[0].On.Item != file.Item {
		t.Fatalf("bars %+v", bars)
	}
	c.now.Wall = bell
	if err := c.Hand(t.Context(), office, toMother(file.ID)); errs.CodeOf(err) != errs.Denied {
		t.Errorf("released: %v", err)
	}
	s := fullSearch(c.now.Wall)
	s.Of = OfContent
	if err := c.RecordSearch(t.Context(), head, file.ID, s); errs.CodeOf(err) != errs.Denied {
		t.Errorf("viewed: %v", err)
	}
	if err := c.RecordDeletion(t.Context(), head, file.ID, fullDeletion(c.now.Wall)); errs.CodeOf(err) != errs.Denied {
		t.Errorf("deleted: %v", err)
	}
	if list := c.Problems(c.now.Wall); len(list) != 2 || list[0].Code != TellDSL {
		t.Errorf("problems %v", list)
	}
}

func TestCorrectionsAreNewEntries(t *testing.T) {
	c := newCounter(t)
	file := c.confiscate(t, phoneOf("p-1", Breach, monday))
	if err := c.Correct(t.Context(), head, file.ID, 1, "It was room 15."); err != nil {
		t.Fatal(err)
	}
	if err := c.Correct(t.Context(), head, file.ID, 9, "?"); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("a correction of nothing: %v", err)
	}
	if err := c.Correct(t.Context(), office, file.ID, 1, "No."); errs.CodeOf(err) != errs.Denied {
		t.Errorf("a correction by the office: %v", err)
	}
	file, _ = c.Case(file.ID)
	account, err := c.Account(t.Context(), file)
	var note Note
	if err := c.Text(t.Context(), file.Entries[1], &note); err != nil || note.Text != "It was room 15." || file.Entries[1].Corrects != 1 {
		t.Errorf("entries %+v, %v", file.Entries, err)
	}
	if err != nil || account.Room != "14" {
		t.Errorf("the first account is now %+v, %v", account, err)
	}
}

func TestOneTimeCode(t *testing.T) {
	c := newCounter(t)
	file := c.confiscate(t, phoneOf("p-1", Breach, monday))
	if _, err := c.MakeCode(t.Context(), office, file.ID, "C2"); errs.CodeOf(err) != errs.Denied {
		t.Errorf("a code for the father: %v", err)
	}
	old, _ := c.MakeCode(t.Context(), office, file.ID, "C1")
	text, err := c.MakeCode(t.Context(), office, file.ID, "C1")
	if err != nil {
		t.Fatal(err)
	}
	release := func(code, contact string) error {
		return c.Hand(t.Context(), office, Release{Case: file.ID, To: ToParent, Contact: contact, Identity: ByCode, Code: code, Signed: Signature{Path: "M1,2L30,40"}})
	}
	if found, err := c.CaseOfCode(strings.ToLower(text)); err != nil || found.ID != file.ID {
		t.Errorf("CaseOfCode = %v, %v", found.ID, err)
	}
	if err := release(text, ""); errs.CodeOf(err) != errs.NotNow {
		t.Errorf("a code opens nothing before the end of the day: %v", err)
	}
	c.now.Wall = bell
	for name, try := range map[string]func() error{
		"an older code": func() error { return release(old, "") }, "no code": func() error { return release("", "") },
		"another adult": func() error { return release(text, "C3") },
	} {
		if err := try(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.now.Wall = monday.Add(CodeLasts)
	if err := release(text, ""); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("after 7 days: %v", err)
	}
	c.now.Wall = bell
	if err := release(text, ""); err != nil {
		t.Fatal(err)
	}
	if err := release(text, ""); err == nil {
		t.Error("the code was used twice")
	}
}

func TestWhoMayReceive(t *testing.T) {
	for contact, want := range map[string]errs.Code{"C1": "", "C2": errs.Denied, "C3": errs.Invalid, "C4": errs.Denied, "C9": errs.Invalid, "": errs.Invalid} {
		if err := MayReceive(family{}.Contacts("p-1"), contact); errs.CodeOf(err) != want {
			t.Errorf("%q: %v", contact, err)
		}
	}
}

func TestSpentCode(t *testing.T) {
	k := &Code{Until: bell, Used: monday, hash: hashOf("BR1A")}
	if errs.CodeOf(k.good("BR1A", monday)) != errs.Invalid {
		t.Error("a code that was used is good")
	}
	k.Used = time.Time{}
	if err := k.good(" br1a", monday); err != nil {
		t.Error(err)
	}
}

// Nothing is deleted where there may be an indecent image, even after its hold
// has ended.
func TestNoDeletionOfPossibleImages(t *testing.T) {
	file := Case{Facts: Facts{Reason: PossibleImage}}
	if err := fullDeletion(monday).Check(file, nil, monday); errs.CodeOf(err) != errs.Denied {
		t.Error(err)
	}
}

// A device goes back to a teacher, to a spot, and to its owner, without a case.
func TestFoundAndGivenBack(t *testing.T) {
	c := newCounter(t)
	i, err := c.Take(t.Context(), office, Intake{What: Watch, Why: Found, Place: At("envelope-12"), Condition: "Scratched."})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := c.Condition(t.Context(), i); text != "Scratched." || err != nil {
		t.Errorf("its condition: %q, %v", text, err)
	}
	if err := c.GiveBack(t.Context(), office, i.ID, ToOwner); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("given to nobody knows whom: %v", err)
	}
	for name, err := range map[string]error{
		"an owner nobody knows": c.Own(t.Context(), office, i.ID, "x-1"), "nowhere": c.Move(t.Context(), office, i.ID, Place{}),
		"behind a door": c.Move(t.Context(), office, i.ID, Place{Kind: Behind, Bank: "d", Door: 1}),
	} {
		if errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := cmp.Or(c.Own(t.Context(), office, i.ID, "p-1"), c.GiveBack(t.Context(), office, i.ID, ToOwner)); err != nil {
		t.Fatal(err)
	}
	if i, _ = c.again(t).Item(i.ID); i.Place.Kind != Gone || i.Whose != "p-1" || len(i.Trail) != 2 {
		t.Errorf("%+v", i)
	}
}

// A release that would be good is refused as soon as one thing about it is wrong.
func TestReleaseNeedsEverything(t *testing.T) {
	for name, spoil := range map[string]func(*counter, *By, *Release){
		"":                      func(*counter, *By, *Release) {},
		"a teacher":             func(_ *counter, by *By, _ *Release) { *by = teacher },
		"before the bell":       func(c *counter, _ *By, _ *Release) { c.now.Wall = bell.Add(-time.Second) },
		"a clock nobody trusts": func(c *counter, _ *By, _ *Release) { c.now.Trusted = false },
		"the pupil":             func(_ *counter, _ *By, r *Release) { r.To = ToOwner },
		"nobody":                func(_ *counter, _ *By, r *Release) { r.To = "" },
		"no identity":           func(_ *counter, _ *By, r *Release) { r.Identity = "" },
		"no signature":          func(_ *counter, _ *By, r *Release) { r.Signed = Signature{} },
		"a stop on the pupil": func(c *counter, _ *By, _ *Release) {
			_, _ = c.bars.Place(t.Context(), "office", Stop, locker.Subject{Person: "p-1"})
		},
		"a hold at the bank": func(c *counter, _ *By, _ *Release) { c.bank(t, locker.Event{Kind: locker.HoldPlaced, Door: 7}) },
	} {
		c := newCounter(t)
		file := c.confiscate(t, phoneOf("p-1", Breach, monday))
		c.behind(t, file.Item, 7)
		c.now.Wall = bell
		by, r := office, toMother(file.ID)
		spoil(c, &by, &r)
		if err := c.Hand(t.Context(), by, r); (err == nil) != (name == "") {
			t.Errorf("with %q: %v", name, err)
		}
	}
}

// No date that somebody types makes a release due earlier.
func TestBackdatingReleasesNothing(t *testing.T) {
	c := newCounter(t)
	in := phoneOf("p-1", Breach, monday)
	in.Taken = monday.Add(-24 * time.Hour)
	file := c.confiscate(t, in)
	if err := c.Hand(t.Context(), office, toMother(file.ID)); errs.CodeOf(err) != errs.NotNow {
		t.Errorf("released on the morning it was put on record: %v", err)
	}
}
