package command_test

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
)

var (
	monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	it     = school.Actor{Account: "it", Person: "s-it", Changed: monday.AddDate(0, -1, 0)}
	head   = school.Actor{Account: "head", Person: "s-head", Changed: monday.AddDate(0, -1, 0)}
	again  = school.Actor{Account: "it-2", Person: "s-it", Changed: monday.AddDate(0, -1, 0)} // another account of the same person
	late   = school.Actor{Account: "dsl", Person: "s-dsl", Changed: monday}                   // its password is an hour old
	guest  = school.Actor{Account: "guest", Person: "x-guest", Changed: monday.AddDate(0, -1, 0)}
)

// rig is a book over a fleet of two.
type rig struct {
	*command.Book
	t     *testing.T
	log   *memlog.Log
	vault *vault.Vault
	now   time.Time
	fleet []mdm.Device
	lost  map[string]bool
}

func (r *rig) Devices() []mdm.Device { return r.fleet }

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, now: monday, fleet: []mdm.Device{{ID: "ipad-1"}, {ID: "ipad-2"}}, lost: map[string]bool{}}
	var err error
	r.log, err = memlog.New("school", func() time.Time { return r.now })
	r.must(err)
	r.vault, err = vault.Open(filepath.Join(t.TempDir(), "vault"))
	r.must(err)
	t.Cleanup(func() { r.must(r.vault.Close()) })
	r.Book = r.book()
	return r
}

func (r *rig) book() *command.Book {
	return command.New(command.Config{Log: r.log, Vault: r.vault, Fleet: r, Lost: func(id string) bool { return r.lost[id] },
		Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: r.now} }})
}

// restart gives the book as a restart makes it.
func (r *rig) restart() *command.Book {
	r.t.Helper()
	b := r.book()
	r.must(r.log.Read(r.t.Context(), 0, b.Fold))
	return b
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) ask(op mdm.Op, text string) string {
	r.t.Helper()
	id, err := r.Ask(r.t.Context(), it, "ipad-1", op, mdm.Args{Text: text}, r.now.Add(time.Hour))
	r.must(err)
	r.now = r.now.Add(time.Minute)
	return id
}

func (r *rig) answer(id string, s mdm.AckState) error {
	return r.Answered(r.t.Context(), "ipad-1", mdm.NewAck(id, s, "in room 12", r.now))
}

func (r *rig) progress(id string, want command.Progress) {
	r.t.Helper()
	for what, b := range map[string]*command.Book{"the book": r.Book, "the book made again": r.restart()} {
		if l, ok := b.Line(id, r.now); !ok || l.Progress != want {
			r.t.Errorf("%s: it is %s, want %s", what, l.Progress, want)
		}
	}
}

func (r *rig) code(what string, err error, want errs.Code) {
	r.t.Helper()
	if errs.CodeOf(err) != want {
		r.t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func TestACommandFromAskedToDone(t *testing.T) {
	r := newRig(t)
	id := r.ask(mdm.Message, "Bring it to the office.")
	r.progress(id, command.Waiting)
	if w := r.Waiting(r.now); len(w) != 1 || w[0].ID != id || w[0].Args.Text != "Bring it to the office." {
		t.Errorf("waiting: %+v", w)
	}
	r.must(r.Sent(t.Context(), id))
	r.progress(id, command.Sent)
	size := r.log.Size()
	r.must(r.Sent(t.Context(), id))
	if r.log.Size() != size {
		t.Error("sending it again is on record")
	}
	r.must(r.answer(id, mdm.Accepted))
	r.progress(id, command.Accepted)
	if len(r.Waiting(r.now)) != 1 {
		t.Error("a command without a final answer is not sent again")
	}
	r.must(r.answer(id, mdm.Done))
	r.progress(id, command.Done)
	size = r.log.Size()
	r.must(r.answer(id, mdm.Done))
	r.must(r.answer(id, mdm.Accepted)) // it overtook nothing: a repeat
	if r.log.Size() != size || len(r.Waiting(r.now)) != 0 {
		t.Error("a repeated answer is on record, or the command is sent again")
	}
	if l := r.Of("ipad-1", r.now)[0]; l.Detail != "in room 12" || l.By != "it" {
		t.Errorf("%+v", l)
	}
	if !reflect.DeepEqual(r.Of("ipad-1", r.now), r.restart().Of("ipad-1", r.now)) {
		t.Error("the book made again differs")
	}
}

// What a device cannot say of itself may be found out later; what it said does not
// change.
func TestWhatIsHandedOverMayBeFoundOut(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	for _, found := range []mdm.AckState{mdm.Done, mdm.Failed} {
		id := r.ask(mdm.Lock, "")
		r.must(r.Sent(ctx, id))
		r.must(r.answer(id, mdm.Accepted))
		r.must(r.answer(id, mdm.HandedOver))
		r.must(r.answer(id, mdm.HandedOver))
		r.must(r.answer(id, mdm.Accepted))
		r.progress(id, command.HandedOver)
		if len(r.Waiting(r.now)) != 0 {
			t.Error("what is handed over is sent again")
		}
		r.code("expired after that", r.answer(id, mdm.Expired), errs.Conflict)
		r.code("withdrawn after that", r.Withdraw(ctx, it, id), errs.Conflict)
		r.must(r.answer(id, found))
		r.progress(id, command.Progress(found))
		r.code("handed over after that", r.answer(id, mdm.HandedOver), errs.Conflict)
	}
}

// Texts may say where somebody is, or what they did.
func TestTheLedgerHoldsNoTexts(t *testing.T) {
	r := newRig(t)
	id := r.ask(mdm.Message, "Tom, bring it to the office.")
	r.must(r.Sent(t.Context(), id))
	r.must(r.answer(id, mdm.Done))
	r.must(r.log.Read(t.Context(), 0, func(rec ledger.Record) error {
		if s := string(rec.Leaf); strings.Contains(s, "Tom") || strings.Contains(s, "room") {
			t.Errorf("the ledger tells: %s", s)
		}
		return nil
	}))
}

func TestAWipeTakesTwoPeople(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	_, err := r.Ask(ctx, guest, "ipad-1", mdm.Wipe, mdm.Args{}, r.now.Add(time.Hour))
	r.code("asked for by a visitor", err, errs.Denied)
	id := r.ask(mdm.Wipe, "")
	r.progress(id, command.Unapproved)
	if len(r.Waiting(r.now)) != 0 {
		t.Error("one person's wipe is sent")
	}
	r.code("answered before it was sent", r.answer(id, mdm.Done), errs.Denied)
	r.code("by the same person", r.Approve(ctx, it, id), errs.Denied)
	r.code("by another account of theirs", r.Approve(ctx, again, id), errs.Denied)
	r.code("by a new password", r.Approve(ctx, late, id), errs.Denied)
	r.code("by a visitor", r.Approve(ctx, guest, id), errs.Denied)
	r.progress(id, command.Unapproved)
	r.must(r.Approve(ctx, head, id))
	r.progress(id, command.Waiting)
	if l, _ := r.restart().Line(id, r.now); l.Approved == nil || l.Approved.Person != "s-head" {
		t.Errorf("approved: %+v", l.Approved)
	}
	r.code("twice", r.Approve(ctx, head, id), errs.Conflict)
	r.code("what needs nobody", r.Approve(ctx, head, r.ask(mdm.Lock, "")), errs.Conflict)
}

func TestNothingIsDestroyedInQuarantine(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	before, asked := r.ask(mdm.ClearPasscode, ""), r.ask(mdm.Wipe, "")
	r.fleet[0].Quarantined = true // by a book that does not write to Follow
	r.code("sending", r.Sent(ctx, before), errs.Conflict)
	for _, op := range []mdm.Op{mdm.Wipe, mdm.ClearPasscode} {
		_, err := r.Ask(ctx, it, "ipad-1", op, mdm.Args{}, r.now.Add(time.Hour))
		r.code(string(op), err, errs.Conflict)
	}
	r.code("approving", r.Approve(ctx, head, asked), errs.Conflict)
	lock := r.ask(mdm.Lock, "")
	if w := r.Waiting(r.now); len(w) != 1 || w[0].ID != lock {
		t.Errorf("in quarantine %+v is sent", w)
	}
	r.quarantine("quarantine-ended")
	r.fleet[0].Quarantined = false
	r.progress(before, command.Quarantined)
	r.progress(asked, command.Quarantined)
	if w := r.Waiting(r.now); len(w) != 1 || w[0].ID != lock {
		t.Errorf("after it %+v is sent", w)
	}
}

// quarantine is a record of the book of devices about ipad-1.
func (r *rig) quarantine(kind string) {
	r.t.Helper()
	e, err := ledger.NewEntry(kind, ledger.Stamp{Wall: r.now}, map[string]string{"device": "ipad-1", "by": "dsl"})
	r.must(err)
	receipts, err := r.Follow().Append(r.t.Context(), e)
	r.must(err)
	if len(receipts) != 1 {
		r.t.Errorf("%d receipts for one record", len(receipts))
	}
}

// What would destroy evidence is over with the beginning of a quarantine, however far
// it got, and does not come back with its end.
func TestAQuarantineEndsWhatDestroys(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	approved, waits, lock := r.ask(mdm.Wipe, ""), r.ask(mdm.Wipe, ""), r.ask(mdm.Lock, "")
	r.must(r.Approve(ctx, head, approved))
	sent, done := r.ask(mdm.ClearPasscode, ""), r.ask(mdm.ClearPasscode, "")
	r.must(r.Sent(ctx, sent))
	r.must(r.Sent(ctx, done))
	r.must(r.answer(done, mdm.Done))
	other, err := r.Ask(ctx, it, "ipad-2", mdm.ClearPasscode, mdm.Args{}, r.now.Add(time.Hour))
	r.must(err)
	r.quarantine("device-quarantined")
	for id, want := range map[string]command.Progress{approved: command.Quarantined, waits: command.Quarantined, sent: command.Quarantined,
		done: command.Done, lock: command.Waiting, other: command.Waiting} {
		r.progress(id, want)
	}
	r.code("approving", r.Approve(ctx, head, waits), errs.Conflict)
	r.code("withdrawing", r.Withdraw(ctx, it, approved), errs.Conflict)
	r.code("sending", r.Sent(ctx, approved), errs.Conflict)
	r.quarantine("quarantine-ended")
	for _, c := range append(r.Waiting(r.now), r.restart().Waiting(r.now)...) {
		if c.Op.Destroys() && c.Dev == "ipad-1" {
			t.Errorf("after the quarantine %s is sent", c.Op)
		}
	}
	r.must(r.answer(sent, mdm.Done)) // it was told before
	r.progress(sent, command.Done)
}

func TestOnlyWhatIsLostIsLocated(t *testing.T) {
	r := newRig(t)
	ask := func() (string, error) {
		return r.Ask(t.Context(), it, "ipad-1", mdm.Locate, mdm.Args{}, r.now.Add(time.Hour))
	}
	_, err := ask()
	r.code("of a device that somebody has", err, errs.Conflict)
	r.lost["ipad-1"] = true
	id, err := ask()
	r.must(err)
	if w := r.Waiting(r.now); len(w) != 1 || w[0].ID != id {
		t.Errorf("waiting: %+v", w)
	}
	r.lost["ipad-1"] = false
	if w := r.Waiting(r.now); len(w) != 0 {
		t.Errorf("once it is found %+v is sent", w)
	}
	r.code("sending it then", r.Sent(t.Context(), id), errs.Conflict)
	none := command.New(command.Config{Log: r.log, Vault: r.vault, Fleet: r, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: r.now} }})
	_, err = none.Ask(t.Context(), it, "ipad-1", mdm.Locate, mdm.Args{}, r.now.Add(time.Hour))
	r.code("where nobody knows what is lost", err, errs.Conflict)
}

func TestCommandsEnd(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	expired, back, sent := r.ask(mdm.Lock, ""), r.ask(mdm.Lock, ""), r.ask(mdm.Lock, "")
	r.must(r.Withdraw(ctx, head, back))
	r.progress(back, command.Withdrawn)
	r.code("withdrawn twice", r.Withdraw(ctx, head, back), errs.Conflict)
	r.must(r.Sent(ctx, sent))
	r.now = r.now.Add(time.Hour)
	r.progress(expired, command.Expired)
	if w := r.Waiting(r.now); len(w) != 0 {
		t.Errorf("what is over is sent: %+v", w)
	}
	r.code("withdrawn when it is over", r.Withdraw(ctx, head, expired), errs.Conflict)
	r.must(r.answer(sent, mdm.Done)) // done in time, heard of later
	r.progress(sent, command.Done)
	r.code("said otherwise", r.answer(sent, mdm.Failed), errs.Conflict)
}

func TestCommandsRefuse(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	ask := func(by school.Actor, device string, op mdm.Op, text string, life time.Duration) error {
		_, err := r.Ask(ctx, by, device, op, mdm.Args{Text: text}, r.now.Add(life))
		return err
	}
	id := r.ask(mdm.Lock, "")
	r.must(r.Sent(ctx, id))
	size := r.log.Size()
	r.code("nobody", ask(school.Actor{}, "ipad-1", mdm.Lock, "", time.Hour), errs.Invalid)
	r.code("no such device", ask(it, "ipad-9", mdm.Lock, "", time.Hour), errs.NotFound)
	r.code("no such thing", ask(it, "ipad-1", "sing", "", time.Hour), errs.Invalid)
	r.code("for a year", ask(it, "ipad-1", mdm.Lock, "", 365*24*time.Hour), errs.Invalid)
	r.code("a long text", ask(it, "ipad-1", mdm.Message, strings.Repeat("x", 300), time.Hour), errs.Invalid)
	r.code("another device's answer", r.Answered(ctx, "ipad-2", mdm.NewAck(id, mdm.Done, "", r.now)), errs.Denied)
	r.code("an answer to nothing", r.Answered(ctx, "ipad-1", mdm.NewAck("c-0", mdm.Done, "", r.now)), errs.Denied)
	r.code("approving nothing", r.Approve(ctx, head, "c-0"), errs.NotFound)
	if r.log.Size() != size {
		t.Error("what was refused is on the ledger as done")
	}
	for range command.MaxOpen - 1 {
		r.ask(mdm.Lock, "")
	}
	r.code("too many", ask(it, "ipad-1", mdm.Lock, "", time.Hour), errs.Conflict)
	if w := r.Waiting(r.now); !slices.IsSortedFunc(w, func(a, b mdm.Command) int { return a.TS.Compare(b.TS) }) {
		t.Error("they are not sent in the order in which they were asked for")
	}
}

func TestFoldRefusesWhatDoesNotFit(t *testing.T) {
	r := newRig(t)
	for kind, body := range map[string]string{
		"device-command-asked": `{"id":"c-1"}`, "device-command-approved": `{"id":"c-1"}`, "device-command-sent": `{"id":"c-1"}`,
		"device-command-withdrawn": `[]`, "device-command-answered": `{"id":"c-1","state":"done"}`,
	} {
		if err := r.Fold(ledger.Record{Entry: ledger.Entry{Kind: kind, Body: []byte(body)}}); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
