package main

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// workday is a small Elmfield at work: the forms 9A and 9B, a bank of 32 doors for
// them, one for what staff take away. Server, banks, boards and pages are real;
// the clock and the hands at the doors are the test's.
type workday struct {
	*demo
	t       *testing.T
	browser *axetest.Browser
	gate    *tiredGate
	phones  map[int]string // behind which door a test laid which phone, by door
}

// openWorkday opens the school, with the banks of some files besides A and D, at ten
// past eight and ends it with the test. Each walk has a school of its own, beside those
// of other walks.
func openWorkday(t *testing.T, more ...string) *workday {
	t.Helper()
	t.Parallel()
	return openWorkdayAt(t, smallElmfield(t, more...))
}

// openWorkdayAt is openWorkday at a school of a folder.
func openWorkdayAt(t *testing.T, folder string) *workday {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	d, err := openDemo(ctx, demoOptions{
		data: t.TempDir(), school: folder, listen: "127.0.0.1:0", kiosk: "127.0.0.1:0", mqtt: "127.0.0.1:0", join: "127.0.0.1:0",
		speed: 1, seed: 1, devices: 1,
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	gate := &tiredGate{Gate: d.pages.site.Kit.Gate, seen: map[string]time.Time{}, old: map[string]time.Time{}}
	d.pages.site.Kit.Gate = gate
	open, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- d.while(ctx, func(ctx context.Context) error {
			close(open)
			<-ctx.Done()
			return nil
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the school ended: %v", err)
		}
	})
	select {
	case <-open:
	case err := <-done:
		done <- nil
		t.Fatalf("the school did not open: %v", err)
	}
	w := &workday{demo: d, t: t, browser: axetest.Open(t), gate: gate, phones: map[int]string{}}
	for _, b := range d.banks {
		w.must(b.world.AwaitKiosk(ctx, "front"))
	}
	w.await("every bank to be there", func() bool {
		known := 0
		for _, s := range d.server.Banks.Banks() {
			known += len(s.Board.People)
		}
		return len(d.server.Banks.Banks()) == len(d.banks) && known > 0
	})
	return w
}

// tiredGate is the gate of the pages, which can be told that it is a while since
// somebody proved who they are.
type tiredGate struct {
	kit.Gate

	mu        sync.Mutex
	seen, old map[string]time.Time // when accounts proved it last, and what does not count any more
}

// Who is who a request is from.
func (g *tiredGate) Who(r *http.Request) (kit.Who, bool) {
	who, in := g.Gate.Who(r)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen[who.Account] = who.Proved
	if !who.Proved.After(g.old[who.Account]) {
		who.Proved = time.Time{}
	}
	return who, in
}

// tire lets pass, for one account, the time that a proof lasts.
func (g *tiredGate) tire(account string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.old[account] = g.seen[account]
}

func (w *workday) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// patience is how long a test waits for what takes a moment, on a machine that has
// much else to do.
const patience = time.Minute

// await waits for what servers and banks do in their own time.
func (w *workday) await(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	w.t.Fatalf("waited in vain for %s", what)
}

// at makes it a time of the day that is played, or of a later one. It is never
// made earlier.
func (w *workday) at(hour, minute int, days ...int) {
	w.t.Helper()
	day := w.day
	for _, n := range days {
		for range n {
			day = nextSchoolDay(w.school.Calendar, day)
		}
	}
	to := day.At(school.Clock{Hour: hour, Minute: minute}, w.school.Calendar.Zone)
	if now := w.clock.Now(); to.Before(now) {
		w.t.Fatalf("%s is over: it is %s", to, now)
	}
	w.clock.Skip(to)
}

// pupils are the pupils of a form, by name, who may not keep their phones and are
// not stopped.
func (w *workday) pupils(form string) []register.Person {
	w.t.Helper()
	var list []register.Person
	for _, p := range w.server.People.People() {
		if p.Kind == register.Pupil && p.Form == form && w.ordinary(p.ID) {
			list = append(list, p)
		}
	}
	if len(list) < 3 {
		w.t.Fatalf("form %s has %d ordinary pupils", form, len(list))
	}
	return list
}

func (w *workday) ordinary(person string) bool {
	return !slices.ContainsFunc(w.server.Exceptions.Grants(), func(g locker.Grant) bool { return g.Person == person }) &&
		!slices.ContainsFunc(w.server.Desk.Bars(), func(b locker.Bar) bool { return b.Subject.Person == person })
}

// bank is one of the school's banks.
func (w *workday) bank(id string) *demoBank {
	w.t.Helper()
	at := slices.IndexFunc(w.banks, func(b *demoBank) bool { return b.id == id })
	if at < 0 {
		w.t.Fatalf("there is no bank %s", id)
	}
	return w.banks[at]
}

// scan holds a badge to the scanner of bank A and waits until its kiosk says a
// word, after whatever it says now.
func (w *workday) scan(badge string, word locker.Word) (door int) {
	w.t.Helper()
	b := w.bank("a")
	s, _ := b.current()
	scanner, err := b.world.Scanner("front")
	w.must(err)
	w.clock.Skip(w.clock.Now().Add(locker.SecondScan)) // not the same scan again
	before, _, err := s.Screens.Kiosk("front").Next(w.t.Context(), 0)
	w.must(err)
	w.await("the scanner's line to be open", func() bool { return scanner.Badge(w.t.Context(), badge) })
	var last locker.Word
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	for {
		n, screen, err := s.Screens.Kiosk("front").Next(ctx, before)
		if err != nil {
			w.t.Fatalf("the kiosk says %q, not %q", last, word)
		}
		if before, last = n, screen.Word; screen.Word == word {
			return screen.Door
		}
	}
}

// handIn lets a pupil hand in with a badge, and gives the door.
func (w *workday) handIn(badge string) int {
	w.t.Helper()
	door := w.scan(badge, locker.PutIn)
	w.phones[door] = "phone-behind-" + badge
	w.hands(w.bank("a").world.PutIn, door, w.phones[door])
	return door
}

// collect lets a pupil collect with a badge, and gives the door.
func (w *workday) collect(badge string) int {
	w.t.Helper()
	door := w.scan(badge, locker.TakeOut)
	w.hands(w.bank("a").world.TakeOut, door, w.phones[door])
	return door
}

// hands do something with the phone of a door, and shut it.
func (w *workday) hands(do func(ctx context.Context, door int, phone string) (bool, error), door int, phone string) {
	w.t.Helper()
	done, err := do(w.t.Context(), door, phone)
	w.must(err)
	if !done {
		w.t.Fatalf("door %d did not open", door)
	}
}

// put lays an item that staff have ordered behind a door of bank D there, and
// takeOut takes it out: the door is where the bank's own record has it.
func (w *workday) put(item string) { w.t.Helper(); w.move(item, w.bank("d").world.PutIn) }

func (w *workday) takeOut(item string) { w.t.Helper(); w.move(item, w.bank("d").world.TakeOut) }

func (w *workday) move(item string, do func(ctx context.Context, door int, phone string) (bool, error)) {
	w.t.Helper()
	d := w.bank("d").world
	opened := 0
	w.await("a door of bank D to open", func() bool {
		for _, door := range slices.Collect(w.bank("d").config.Setup.All()) {
			if d.Door(door).Open {
				opened = door
			}
		}
		return opened != 0
	})
	w.hands(do, opened, item)
}

// adult is a contact of a pupil: as the pages list them, and without a title.
type adult struct{ listed, name string }

func (w *workday) adult(person, contact string) adult {
	w.t.Helper()
	for _, c := range w.server.People.Contacts(person) {
		if c.ID == contact {
			name := c.Given + " " + c.Family
			return adult{strings.TrimSpace(c.Title+" "+name) + "...", name}
		}
	}
	w.t.Fatalf("%s has no contact %s", person, contact)
	return adult{}
}

// inside says whether a phone lies behind a door, by what is true.
func inside(w *world.World, door int) bool { return len(w.Door(door).Phones) > 0 }

// badge is the text on the card in a pupil's pocket.
func (w *workday) badge(person string) string {
	w.t.Helper()
	token, has := w.cards[person]
	if !has {
		w.t.Fatalf("%s has no card", person)
	}
	return token.Badge()
}

// on is a day as pages write it; which day is played depends on when the test runs.
func (w *workday) on(day school.Date, layout string) string {
	return day.At(school.Clock{Hour: 12}, w.school.Calendar.Zone).Format(layout)
}
