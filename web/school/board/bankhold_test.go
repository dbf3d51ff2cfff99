package board

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
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
	book := desk.New(log, func() ledger.Stamp { return ledger.Stamp{Wall: now, Trusted: true} })
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
	dsl.says("/bars", "Door 5 of Bank A", "placed at the bank itself", "-No stop or hold stands")
	dsl.refuses("/door/5/end-hold", url.Values{"since": {"7"}}, http.StatusConflict, "another hold")
	dsl.says(dsl.sent("/door/5/end-hold", of), "You asked at 08:41 to end this hold", "-<button class=\"govuk-button")
	dsl.refuses("/door/5/end-hold", of, http.StatusForbidden, "somebody else must agree")
	if len(s.orders) != 0 {
		t.Fatal("one person alone ended a hold")
	}
	head.says("/door/5", "dsl asked at 08:41", "Agree and end this hold")
	head.says(head.sent("/door/5/end-hold", of), "-Held at the bank")
	want := locker.Order{Kind: locker.OrderEndHold, Door: 5, Approvals: [2]string{"s-dsl", "s-head"}, By: "head"}
	if len(s.orders) != 1 || s.orders[0] != want {
		t.Errorf("ordered %+v", s.orders)
	}
	head.refuses("/door/5/end-hold", of, http.StatusNotFound, "not held any more")
	head.refuses("/door/x/end-hold", of, http.StatusNotFound, "not held any more")
}
