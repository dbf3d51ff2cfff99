package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/history"
)

var monday = time.Date(2026, 11, 23, 9, 10, 0, 0, time.UTC)

// house is a school with what waits in it.
type house struct {
	requests []change.Request
	moves    []fleet.Move
	bell     history.Bell
	accounts []accounts.Account
	stale    bool // moves cannot be agreed to
	now      time.Time
	told     []notify.Alert
	refuse   error
	shelf
	breaches []visit.Challenge
	policy   policy.Rules
}

func (h *house) Requests() []change.Request       { return h.requests }
func (h *house) Last() (change.Version, bool)     { return change.Version{N: 3}, true }
func (h *house) At(time.Time) (mdm.Rules, uint64) { return rules, 3 }
func (h *house) Moves() []fleet.Move              { return h.moves }
func (h *house) Tell(_ context.Context, a notify.Alert) error {
	if h.refuse == nil {
		h.told = append(h.told, a)
	}
	return h.refuse
}

func (h *house) MayMove(fleet.Move) error {
	if h.stale {
		return errs.New(errs.Conflict, "overtaken", "")
	}
	return nil
}

func (h *house) Unseen() []visit.Challenge { return h.breaches }

// bells are those of a house.
type bells struct{ *house }

func (b bells) Last() (history.Bell, bool) { return b.bell, b.bell.Bell != "" }

var rules = mdm.Rules{Groups: []mdm.Group{{ID: "year-7", Name: "Year 7 iPads"}}}

func account(id, person string, held ...roles.Role) accounts.Account {
	a := accounts.Account{ID: id, Person: person}
	for _, r := range held {
		a.Grants = append(a.Grants, accounts.Grant{Assignment: roles.Assignment{Role: r}})
	}
	return a
}

func newHouse() (*house, *Teller) {
	h := &house{now: monday, policy: policy.Default(), accounts: []accounts.Account{
		account("it", "s-it", roles.IT), account("it-two", "s-it", roles.IT), account("dsl", "s-dsl", roles.DSL), account("head", "s-head", roles.Head),
		account("leader", "s-leader", roles.Leadership), account("office", "s-office", roles.Office), account("sealed-1", "x-sealed-1", roles.Head, roles.IT),
	}}
	for n := range 30 {
		h.accounts = append(h.accounts, account(fmt.Sprintf("t-%d", n), fmt.Sprintf("s-t%d", n), roles.Teacher))
	}
	ended := account("old", "s-old", roles.IT)
	ended.Ended = monday.Add(-time.Hour)
	h.accounts = append(h.accounts, ended)
	return h, New(Config{Outbox: h, Changes: h, Moves: h, Bells: bells{h}, Breaches: h, Rules: func() policy.Rules { return h.policy }, Accounts: func() []accounts.Account { return h.accounts }, Registers: &h.shelf,
		Now: func() time.Time { return h.now }, Base: func() string { return "https://bellkeep.example" }, Log: slog.New(slog.DiscardHandler)})
}

func (h *house) whom(list []notify.Alert) string {
	var who []string
	for _, a := range list {
		who = append(who, a.Staff)
	}
	return strings.Join(who, " ")
}

// asked is that IT asked, and has agreed by that.
func asked(consent bool) change.Consensus {
	by := school.Approval{By: "it", Person: "s-it", At: monday.Add(-time.Minute)}
	return change.Consensus{By: by, Filters: true, Consent: consent, Said: []change.Agreement{{Approval: by, As: change.Technical, Agreed: true}}}
}

func TestReviewersAreTold(t *testing.T) {
	h, teller := newHouse()
	h.requests = []change.Request{{ID: "c-1", Base: 3, State: change.Waiting, Consensus: asked(false), Why: "Sana Iqbal needs it."}}
	due := teller.Due()
	if got := h.whom(due); got != "s-head s-dsl s-t0 s-t1 s-t2" {
		t.Errorf("told are %s", got)
	}
	if a := due[0]; a.Link != "https://bellkeep.example/device-rules/change/c-1" || a.About != "c-1" || a.Template != changeTemplate || strings.Contains(a.What, "Sana") || !strings.Contains(a.What, "filter") {
		t.Errorf("it says %+v", a)
	}
	h.requests[0].Consensus = asked(true)
	if got := h.whom(teller.Due()); got != "s-head s-dsl s-t0 s-t1 s-t2 s-leader" {
		t.Errorf("with the leadership told are %s", got)
	}
	own := asked(false)
	own.By.Person, own.Said = "s-dsl", []change.Agreement{{Approval: school.Approval{By: "dsl", Person: "s-dsl"}, As: change.Educational, Agreed: true}}
	h.requests[0].Consensus = own
	if got := h.whom(teller.Due()); got != "s-it" {
		t.Errorf("of a change that the DSL asked for told are %s", got)
	}
	own = asked(false)
	own.Said[0].Person = "s-head" // who looks after devices too, and has agreed as that
	h.requests[0].Consensus = own
	if got := h.whom(teller.Due()); got != "s-dsl s-t0 s-t1 s-t2 s-t3" {
		t.Errorf("beside whoever has agreed already told are %s", got)
	}
	for what, spoil := range map[string]func(){
		"overtaken": func() { h.requests[0].Base = 2 }, "decided": func() { h.requests[0].Base, h.requests[0].State = 3, change.Refused },
	} {
		if spoil(); len(teller.Due()) > 0 {
			t.Errorf("%s, and somebody is told", what)
		}
	}
}

func TestMovesAreTold(t *testing.T) {
	h, teller := newHouse()
	h.moves = []fleet.Move{{ID: "m-1", State: change.Waiting, Consensus: asked(false), Devices: []string{"ipad-1", "ipad-2"}, To: []string{"year-7"}}}
	due := teller.Due()
	if len(due) != MostTold || due[0].Link != "https://bellkeep.example/device-rules/move/m-1" || !strings.HasPrefix(due[0].What, "2 school devices are to move") {
		t.Errorf("%+v", due)
	}
	if h.stale = true; len(teller.Due()) > 0 {
		t.Error("of a move that nobody can agree to somebody is told")
	}
}

func TestBellIsTold(t *testing.T) {
	h, teller := newHouse()
	h.bell = history.Bell{Day: "2026-11-23", Bell: "Lesson 1", Rang: monday.Add(-time.Minute), Missed: &history.Missed{Bell: "Lesson 1", Rang: monday.Add(-time.Minute), Late: 3, Devices: 40, Violating: []string{"ipad-9"},
		Groups: []history.Group{{ID: "year-7", Late: 3, Violating: 1, Of: 5}}}}
	due := teller.Due()
	if len(due) != 1 || due[0].Staff != "s-it" || due[0].About != "bell-20261123-0909" || !school.ValidID(due[0].About) ||
		due[0].What != "Lesson 1: 3 of 40 devices had not answered a minute later. In an exam, 1 device is not as it must be. Year 7 iPads: 3 of 5 late, 1 of 5 not as they must be." ||
		due[0].Link != "https://bellkeep.example/device-history?day=2026-11-23&period=Lesson+1" {
		t.Errorf("%+v", due)
	}
	for n := range 50 {
		h.bell.Missed.Groups = append(h.bell.Missed.Groups, history.Group{ID: fmt.Sprintf("a-group-with-a-name-%d", n), Late: 9, Of: 10})
	}
	if what := teller.Due()[0].What; len(what) > notify.MaxWhat || !strings.Contains(what, "more groups.") {
		t.Errorf("%d bytes: %s", len(what), what)
	}
	for what, now := range map[string]time.Time{"an hour later": monday.Add(time.Hour), "before it rang": monday.Add(-time.Hour)} {
		if h.now = now; len(teller.Due()) > 0 {
			t.Errorf("%s somebody is told", what)
		}
	}
	if h.now, h.bell.Missed = monday, nil; len(teller.Due()) > 0 {
		t.Error("of a bell that took somebody is told")
	}
}

// What cannot be told is in the log once, and is tried again.
func TestTriedAgain(t *testing.T) {
	h, teller := newHouse()
	var log strings.Builder
	teller.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.moves = []fleet.Move{{ID: "m-1", State: change.Waiting, Consensus: asked(false), Devices: []string{"ipad-1"}}}
	h.accounts = h.accounts[:3]
	h.refuse = errs.New(errs.NotNow, "Too many wait.", "")
	teller.Tell(t.Context())
	teller.Tell(t.Context())
	if strings.Count(log.String(), "m-1") != 1 {
		t.Errorf("the log says %s", log.String())
	}
	h.refuse = nil
	teller.Tell(t.Context())
	if h.whom(h.told) != "s-dsl" {
		t.Errorf("told are %s", h.whom(h.told))
	}
}
