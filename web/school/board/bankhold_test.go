package board

import (
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
)

// TestHoldOfABank: what was held at the bank is let go by two people who sign in,
// and by an order that names both.
func TestHoldOfABank(t *testing.T) {
	s := newAcademy(false)
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	book := desk.New(log, func() ledger.Stamp { return ledger.Stamp{Wall: now, Trusted: true} }, policy.Default)
	h := handlerFor(t, s, func(c *setting) { c.BankHolds = book })
	held := &locker.Hold{By: "s-1", Since: school.Instant{Wall: now.Add(-10 * time.Minute)}}
	s.changeA(func(b *view.Board) { b.Doors[4].Hold, b.Doors[4].State = held, view.DoorHeld })
	s.answer = func(bank string, o locker.Order) (banks.Done, error) {
		go s.changeA(func(b *view.Board) { b.Doors[4].Hold, b.Doors[4].State = nil, view.DoorKeeping })
		return banks.Done{Seq: 77}, nil
	}
	of := url.Values{"since": {strconv.FormatInt(held.Since.Wall.UnixMilli(), 10)}}

	office, dsl, head := signedIn(t, h), visit(t, h), visit(t, h)
	dsl.signIn("dsl")
	head.signIn("head")
	office.says("/door/5", "Held at the bank", "Placed at 08:31 by Sam Caretaker", "-Ask to end this hold")
	office.refuses("/door/5/end-hold", of, http.StatusForbidden, "You may not do that")
	dsl.says("/door/5", "Ask to end this hold")
	dsl.says("/bars", "Door 5 of Bank A", "at the bank itself", "two people: the headteacher and the safeguarding lead", "Ask to end this hold", "-No stop or hold stands")
	dsl.refuses("/door/5/end-hold", url.Values{"since": {"7"}}, http.StatusConflict, "another hold")
	dsl.says(dsl.sent("/door/5/end-hold", of), "You asked at 08:41 to end this hold", "Now a second person within the hour: the headteacher", "-<button class=\"govuk-button")
	dsl.refuses("/door/5/end-hold", of, http.StatusForbidden, "somebody else must agree")
	if len(s.orders) != 0 {
		t.Fatal("one person alone ended a hold")
	}
	deputy, chair := visit(t, h), visit(t, h)
	deputy.signIn("deputy-dsl")
	chair.signIn("chair")
	deputy.says("/door/5", "Now a second person: the headteacher", "-Agree and end this hold")
	deputy.refuses("/door/5/end-hold", of, http.StatusForbidden, "Now it is for the headteacher")
	chair.says("/bars", "Door 5 of Bank A", "Now a second person: the headteacher", "-Agree", `-href="/door/5"`)
	if len(s.orders) != 0 {
		t.Fatal("somebody whom the rules do not name ended a hold")
	}
	head.says("/door/5", "dsl asked at 08:41", "Agree and end this hold")
	head.says(head.sent("/door/5/end-hold", of), "-Held at the bank")
	want := locker.Order{Kind: locker.OrderEndHold, Door: 5, Approvals: [2]string{"s-dsl", "s-head"}, By: "head"}
	if len(s.orders) != 1 || !reflect.DeepEqual(s.orders[0], want) {
		t.Errorf("ordered %+v", s.orders)
	}
	head.refuses("/door/5/end-hold", of, http.StatusNotFound, "not held any more")
	head.refuses("/door/x/end-hold", of, http.StatusNotFound, "not held any more")
}

// Where the rules name the chair of governors, who sees no door and no pupil's
// page, the hold ends from the list of holds.
func TestChairEndsAHold(t *testing.T) {
	s := newAcademy(false)
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	rules := policy.Default()
	rules.HoldEnd.Second = policy.ApproverDeputyOrChair
	book := desk.New(log, func() ledger.Stamp { return ledger.Stamp{Wall: now, Trusted: true} }, func() policy.Rules { return rules })
	h := handlerFor(t, s, func(c *setting) { c.BankHolds, c.Desk = book, book })
	held := &locker.Hold{By: "s-1", Since: school.Instant{Wall: now}}
	s.changeA(func(b *view.Board) { b.Doors[4].Hold, b.Doors[4].State = held, view.DoorHeld })
	bar, err := book.Place(t.Context(), "office", desk.Hold, locker.Subject{Person: "p-5"})
	if err != nil {
		t.Fatal(err)
	}
	chair, head := visit(t, h), visit(t, h)
	chair.signIn("chair")
	head.signIn("head")
	chair.says("/bars", "the headteacher and the deputy safeguarding lead or the chair of governors", "Ask to end this hold", `-href="/person/p-5"`)
	if at := chair.sent("/door/5/end-hold", url.Values{"since": {strconv.FormatInt(now.UnixMilli(), 10)}}); at != "/bars" {
		t.Errorf("sent to %s, which the chair may not see", at)
	}
	head.says(head.sent("/bar/"+bar.ID+"/end-hold", nil), "You asked", "Now a second person within the hour: the deputy safeguarding lead or the chair of governors")
	chair.says(chair.sent("/bar/"+bar.ID+"/end-hold", nil), "Hold ended", "by chair; head had asked for it")
	chair.refuses("/person/p-5/stop", nil, http.StatusForbidden, "")
}
