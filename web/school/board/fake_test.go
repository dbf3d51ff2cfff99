package board

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/mdm"
)

// now is the school time of the pretend school.
var now = time.Date(2027, 6, 7, 8, 41, 7, 0, time.UTC)

// news counts changes and wakes whoever waits for one.
type news struct {
	mu    sync.Mutex
	count uint64
	bell  chan struct{}
}

func newNews() *news { return &news{bell: make(chan struct{})} }

func (n *news) ring() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.count++
	close(n.bell)
	n.bell = make(chan struct{})
}

func (n *news) News() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.count
}

func (n *news) Wait(ctx context.Context, seen uint64) error {
	for {
		n.mu.Lock()
		count, bell := n.count, n.bell
		n.mu.Unlock()
		if count > seen {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-bell:
		}
	}
}

// academy is a pretend school: banks a, b and c with doors 1 to 900, each of a
// pupil of the same number, p-1 to p-900, in forms of thirty.
type academy struct {
	*news
	mu     sync.Mutex
	banks  []banks.Status
	bars   []desk.Bar
	rules  locker.Rules
	drawn  int // how often the banks were asked for
	answer func(bank string, o locker.Order) (banks.Done, error)
	orders []locker.Order
}

// newAcademy is a rush half over, and one of each problem when asked for.
func newAcademy(problems bool) *academy {
	s := &academy{news: newNews(), rules: locker.Rules{Directory: &locker.Directory{Version: 7}}}
	s.rules.Plan.Version = 2
	for i, id := range []string{"a", "b", "c"} {
		s.banks = append(s.banks, pretendBank(id, []string{"main entrance", "sports hall", ""}[i], 300*i+1))
	}
	if problems {
		addProblems(&s.banks[0].Board)
		s.banks[2].Online, s.banks[2].Since = false, time.Now().Add(-50*time.Minute)
		s.banks[2].Board.Heard, s.banks[2].State.At = now.Add(-50*time.Minute), now.Add(-50*time.Minute)
		s.banks[2].Board.Directory.Version = 6
	}
	return s
}

// newHamlet is an academy with one bank of ten doors, for tests that draw it
// a thousand times.
func newHamlet() *academy {
	s := newAcademy(false)
	s.banks = s.banks[:1]
	s.banks[0].Board.People, s.banks[0].Board.Doors = s.banks[0].Board.People[:10], s.banks[0].Board.Doors[:10]
	return s
}

func pretendBank(id, label string, first int) banks.Status {
	b := view.Board{Bank: id, AsOf: now, Heard: now.Add(-3 * time.Second), Size: 100,
		Directory: view.InForce{Version: 7, Since: now.Add(-30 * time.Minute)}, Plan: view.InForce{Version: 2, Since: now.Add(-40 * time.Minute)}}
	st := banks.Status{Online: true, Since: time.Now().Add(-40 * time.Minute)}
	st.Label, st.Setup = label, locker.Setup{Bank: id, Allotment: locker.Fixed}
	for i := range 300 {
		n := first + i
		p := view.Person{ID: fmt.Sprintf("p-%d", n), Door: n, State: view.NotYet}
		d := view.Door{Number: n, Contact: locker.Closed, State: view.DoorFree}
		switch {
		case i < 140:
			p.State, p.Since = view.In, now.Add(-time.Duration(i%25+1)*time.Minute)
			d.State, d.Person = view.DoorKeeping, p.ID
		case i == 140:
			p.State, p.Since = view.AtDoor, now
			d.State, d.Contact, d.Person = view.DoorOpen, locker.Open, p.ID
		case i == 141:
			p.State, p.Door = view.Exempt, 0
		case i < 145:
			p.State, p.Since, p.Late = view.Out, now.Add(-10*time.Minute), true
		}
		st.Setup.Doors = append(st.Setup.Doors, n)
		b.People, b.Doors = append(b.People, p), append(b.Doors, d)
	}
	b.Counts = view.Counts{In: 141, NotYet: 155, Out: 3, Exempt: 1}
	st.Board = b
	st.State = wire.BankState{Bank: id, At: now.Add(-20 * time.Second), Trusted: true}
	return st
}

func addProblems(b *view.Board) {
	b.Doors[199].State = view.DoorOut
	b.Doors[200].State, b.Doors[200].Contact = view.DoorUnasked, locker.Unknown
	b.Doors[4].State, b.Doors[4].Contact = view.DoorTrouble, locker.Open
	for i, code := range []view.ProblemCode{view.Forced, view.Unverified, view.NoReply, view.Jammed,
		view.LeftOpen, view.HelpAsked, view.NoDoor, view.NotEmptied, view.Overdue} {
		p := view.Problem{Code: code, Door: 5 + i, Person: fmt.Sprintf("p-%d", 5+i), Since: now.Add(-4 * time.Minute)}
		if code == view.HelpAsked {
			p.Door, p.Person = 0, ""
		}
		b.Problems = append(b.Problems, p)
	}
	b.Counts.Problems = len(b.Problems)
}

func (s *academy) Banks() []banks.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawn++
	list := slices.Clone(s.banks)
	for i := range list {
		list[i].Board.People = slices.Clone(list[i].Board.People)
		list[i].Board.Doors = slices.Clone(list[i].Board.Doors)
	}
	return list
}

func (s *academy) Current() locker.Rules {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules
}

// change makes one change to the banks and tells whoever waits.
func (s *academy) change(f func(b []banks.Status)) {
	s.mu.Lock()
	f(s.banks)
	s.mu.Unlock()
	s.ring()
}

// changeA changes the board of bank a.
func (s *academy) changeA(f func(*view.Board)) {
	s.change(func(b []banks.Status) { f(&b[0].Board) })
}

// InForce holds a bar at every bank that is online, since it was placed.
func (s *academy) InForce(seq uint64) []banks.Force {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []banks.Force
	for _, b := range s.banks {
		f := banks.Force{Bank: b.Bank, Online: b.Online, Seen: b.Since}
		if b.Online && b.Board.Directory.Version >= seq {
			f.Since = b.Board.Directory.Since
		}
		list = append(list, f)
	}
	return list
}

// publish gives the bars out as a new directory, which the banks that are online
// take up at once.
func (s *academy) publish() {
	d := *s.rules.Directory
	d.Version++
	d.Bars = nil
	for _, b := range s.bars {
		d.Bars = append(d.Bars, locker.Bar{ID: b.ID, Subject: b.On, From: b.From})
	}
	s.rules.Directory = &d
	for i := range s.banks {
		if s.banks[i].Online {
			s.takeUp(i)
		}
	}
}

func (s *academy) takeUp(i int) {
	s.banks[i].Board.Directory = view.InForce{Version: s.rules.Directory.Version, Since: now.Add(2 * time.Second)}
}

// comeBack connects a bank again, and it takes up the newest rules.
func (s *academy) comeBack(i int) {
	s.change(func(b []banks.Status) {
		b[i].Online, b[i].Since = true, time.Now()
		s.takeUp(i)
	})
}

func (s *academy) Standing() []desk.Bar {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.bars)
}

func (s *academy) Place(_ context.Context, by string, kind desk.Kind, on locker.Subject) (desk.Bar, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bars {
		if b.On == on && b.Kind == kind {
			return desk.Bar{}, errs.New(errs.Conflict, "That bar stands already.", "")
		}
	}
	both := []policy.Approver{policy.ApproverHead, policy.ApproverDSL}
	bar := desk.Bar{Wanted: both, ID: fmt.Sprintf("b-%d", len(s.bars)+1), Kind: kind, On: on, From: now, By: by, Seq: s.rules.Directory.Version + 1}
	s.bars = append(s.bars, bar)
	s.publish()
	defer s.ring()
	return bar, nil
}

// ends knows who ends a hold, by the rules of a school that says nothing.
var ends = desk.New(nil, func() ledger.Stamp { return ledger.Stamp{Wall: now} }, policy.Default)

func (s *academy) Fills(who desk.By, wanted []policy.Approver) bool { return ends.Fills(who, wanted) }
func (s *academy) Ending() []policy.Approver                        { return ends.Ending() }

func (s *academy) End(_ context.Context, who desk.By, id string) (bool, error) {
	by := who.Account
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.bars, func(b desk.Bar) bool { return b.ID == id })
	switch {
	case i < 0:
		return false, errs.New(errs.NotFound, "That bar does not stand any more.", "")
	case s.bars[i].Kind == desk.Hold && s.bars[i].EndBy == "":
		s.bars[i].EndBy, s.bars[i].EndOf, s.bars[i].EndAsk, s.bars[i].Wanted = by, who.Person, now, otherThan(by)
		return false, nil
	case s.bars[i].EndBy == by:
		return false, errs.New(errs.Denied, "You have asked for its end; somebody else must agree.", "Ask a second person to sign in and end it.")
	}
	s.bars = slices.Delete(s.bars, i, i+1)
	s.publish()
	defer s.ring()
	return true, nil
}

// otherThan is whom an account of that name leaves to agree.
func otherThan(by string) []policy.Approver {
	if by == string(policy.ApproverHead) {
		return []policy.Approver{policy.ApproverDSL}
	}
	return []policy.Approver{policy.ApproverHead}
}

func (s *academy) Order(_ context.Context, bank string, o locker.Order) (banks.Done, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = append(s.orders, o)
	if s.answer == nil {
		return banks.Done{Seq: 1234}, nil
	}
	return s.answer(bank, o)
}

var (
	firstNames = []string{"Ada", "Bilal", "Chloé", "Dylan", "Ewa", "Farah", "Gethin", "Hana", "Idris", "Jia"}
	lastNames  = []string{"Byron", "Khan", "Martin", "Price", "Nowak", "Hussain", "Clarke", "Owusu", "Patel"}
)

// Person makes up a pupil for p-1 to p-900, and one member of staff.
func (s *academy) Person(id string) (register.Person, bool) {
	p := register.Person{ID: id, Kind: register.Pupil}
	var n int
	if _, err := fmt.Sscanf(id, "p-%d", &n); err != nil || n < 1 || n > 900 || id != fmt.Sprintf("p-%d", n) {
		if id == "s-1" {
			return register.Person{ID: id, Kind: register.Staff, Details: register.Details{Given: "Sam", Family: "Caretaker"}}, true
		}
		return p, false
	}
	n--
	p.Given, p.Family = firstNames[n%10], lastNames[n/10%9]
	p.Form = fmt.Sprintf("%d%c", 7+n/180, 'A'+n/30%6)
	return p, true
}

func (s *academy) Name(id string) (name, form string, ok bool) {
	p, ok := s.Person(id)
	return p.Details.Name(), p.Form, ok
}

func (s *academy) Search(query string) []register.Person {
	var list []register.Person
	for n := 1; n <= 900; n++ {
		p, _ := s.Person(fmt.Sprintf("p-%d", n))
		words := " " + strings.ToLower(strings.ReplaceAll(p.Details.Name()+" "+p.Form, "é", "e"))
		all := true
		for _, w := range strings.Fields(strings.ToLower(query)) {
			all = all && strings.Contains(words, " "+w)
		}
		if all {
			list = append(list, p)
		}
	}
	return list[:min(len(list), register.MaxFound)]
}

// fleet is a pretend list of devices.
type fleet struct {
	*news
	mu   sync.Mutex
	rows []DeviceRow
}

// newFleet has twelve devices in force; with problems one of each other state.
func newFleet(problems bool) *fleet {
	f := &fleet{news: newNews()}
	for i := range 12 {
		f.rows = append(f.rows, DeviceRow{ID: fmt.Sprintf("ipad-%d", i+1), Label: fmt.Sprintf("iPad %d", i+1), Groups: []string{"year-7"}, Mode: "registration",
			State: DeviceInForce, Since: now.Add(-90 * time.Second), Online: true, AsOf: now.Add(-88 * time.Second), Settings: []DeviceSetting{
				{Name: "bluetooth", State: "applied", Want: mdm.Block, Have: mdm.Block}, {Name: "camera", State: "applied", Want: mdm.Block, Have: mdm.Block},
				{Name: "passcode", State: "applied", Want: `{"minLength":6,"require":true}`, Have: `{"minLength":6,"require":true}`},
				{Name: "share", State: "applied", Want: mdm.User, Have: mdm.User}}})
	}
	if problems {
		for i, state := range []DeviceState{DeviceOffline, DevicePending, DeviceViolating, DeviceUnknown, DeviceLate} {
			f.rows[i+2].State, f.rows[i+2].Online = state, state != DeviceOffline
		}
		f.rows[3].Settings[1] = DeviceSetting{Name: "camera", State: "updating", Want: mdm.Block, Have: mdm.Allow}
		f.rows[4].Settings[1] = DeviceSetting{Name: "camera", State: "overridden", Want: mdm.Block, Have: mdm.Allow, Detail: "changed in the settings"}
		f.rows[5].Settings[0], f.rows[5].AsOf = DeviceSetting{Name: "bluetooth", Want: mdm.Block}, time.Time{}
	}
	return f
}

func (f *fleet) Devices() []DeviceRow {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.rows)
}

// bell begins a lesson: every device must block its camera, and answers only
// when it is told to.
func (f *fleet) bell(mode string, state DeviceState) {
	f.mu.Lock()
	for i := range f.rows {
		f.rows[i].Mode, f.rows[i].State, f.rows[i].Since = mode, state, now.Add(time.Minute)
	}
	f.mu.Unlock()
	f.ring()
}

// cards is a pretend book of badges: p-1 and p-2 have one, and whoever is
// printed for.
type cards struct {
	printed  [][]string
	spares   []int
	missing  []string
	replaced []badges.Why
	err      error
}

func newCards() *cards { return &cards{missing: []string{"p-3", "p-4", "p-31", "s-1"}} }

func (c *cards) Missing() []string { return c.missing }

func (c *cards) Of(person string) []badges.Badge {
	if slices.Contains(c.missing, person) {
		return nil
	}
	return []badges.Badge{
		{Serial: 3, Person: person, State: badges.Revoked, Since: now.AddDate(0, -2, 0), Why: badges.Lost},
		{Serial: 17 + len(c.replaced), Person: person, State: badges.Live, Since: now.AddDate(0, -1, 0), Seq: 2},
	}
}

func (c *cards) Print(_ context.Context, _ string, persons []string) ([]byte, error) {
	c.printed = append(c.printed, persons)
	return []byte("%PDF-badges"), c.err
}

func (c *cards) Spares(_ context.Context, _ string, n int) ([]byte, error) {
	c.spares = append(c.spares, n)
	return []byte("%PDF-spares"), c.err
}

func (c *cards) Replace(_ context.Context, _, _ string, why badges.Why) ([]byte, error) {
	if c.err == nil {
		c.replaced = append(c.replaced, why)
	}
	return []byte("%PDF-new"), c.err
}

// diary is what the banks have on record of everybody.
type diary struct{}

func (diary) History(string) []Happening {
	at := func(ago time.Duration, e locker.Event) Happening {
		return Happening{At: now.Add(-ago), Bank: "a", Event: e}
	}
	return []Happening{
		at(20*time.Minute, locker.Event{Kind: locker.Deposited, Door: 5}),
		at(21*time.Minute, locker.Event{Kind: locker.Intent, Door: 5, Purpose: locker.Deposit}),
		at(17*time.Hour, locker.Event{Kind: locker.Collected, Door: 5}),
		at(18*time.Hour, locker.Event{Kind: locker.Turned, Body: locker.Body{Answer: locker.AlreadyHeld}}),
	}
}
