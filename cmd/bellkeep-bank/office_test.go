package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	officepages "github.com/bellkeep/bellkeep/web/school/office"
)

// desktop is somebody of the office, signed in to pages over the house's books.
type desktop struct {
	*http.Client
	base string
	rig  *rig
}

func (h *house) desktop() *desktop {
	t := h.rig.t
	t.Helper()
	now := func() time.Time { return time.Now().In(h.config.School.Calendar.Zone) }
	k := kittest.Kit(kittest.People(), h.People, now, nil)
	pages := officepages.Config{Calendar: h.config.School.Calendar, Banks: h.Banks, Force: h.Banks, People: h.People,
		Register: h.Attendance, Leaves: h.Attendance, Grants: h.Server.Desk, Badges: h.Badges, Machine: time.Now}
	day, err := officepages.Pages(k, pages)
	h.rig.must(err)
	start, err := board.Pages(k, board.Config{Banks: h.Banks, Rules: h.Rules, Force: h.Banks, Orders: h.Banks, People: h.People, Desk: h.Server.Desk,
		Badges: h.Badges, Day: pages.Day(now), Actions: pages.Actions(), Records: h.Log, Machine: time.Now})
	h.rig.must(err)
	site := httptest.NewServer(kittest.Serve(t, k, start, day))
	t.Cleanup(site.Close)
	jar, err := cookiejar.New(nil)
	h.rig.must(err)
	d := &desktop{&http.Client{Jar: jar}, site.URL, h.rig}
	d.send("/sign-in", url.Values{"user": {"office"}, "password": {kittest.Password}})
	return d
}

// send posts a form and gives the page it leads to.
func (d *desktop) send(path string, form url.Values) string {
	d.rig.t.Helper()
	r, err := d.PostForm(d.base+path, form)
	d.rig.must(err)
	return d.text(path, r)
}

func (d *desktop) page(path string) string {
	d.rig.t.Helper()
	r, err := d.Get(d.base + path)
	d.rig.must(err)
	return d.text(path, r)
}

func (d *desktop) text(path string, r *http.Response) string {
	d.rig.t.Helper()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	d.rig.must(err)
	if r.StatusCode != http.StatusOK {
		d.rig.t.Fatalf("%s: %s\n%s", path, r.Status, body)
	}
	return string(body)
}

// A pupil has lost their badge: the office scans a spare on one page, the pupil's
// page says that every bank knows it, the bank refuses the lost badge and takes
// the spare; and the office's list of who is missing is one shorter.
func TestLostBadgeFromThePageToTheBank(t *testing.T) {
	t.Parallel()
	h := newRig(t).openHouse()
	h.admit(h.rig, "a", 1, 64)
	spares, err := h.Badges.Spares(t.Context(), "it", 1)
	h.rig.must(err)
	today := h.Attendance
	s := h.work("p-001", "p-002")
	_, err = today.Mark(t.Context(), "office", todayOf(h), attendance.ByFile, map[string]attendance.Mark{"p-001": attendance.Present, "p-002": attendance.Present})
	h.rig.must(err)
	desk := h.desktop()
	if page := desk.page("/missing"); !strings.Contains(page, "not handed in: 2") {
		t.Errorf("before anybody came:\n%s", page)
	}
	s.deposit(s.badgeOf("p-002"))
	h.told(1, locker.Deposited)

	page := desk.send("/person/p-001/spare", url.Values{"once": {"x"}, "why": {"lost"}, "badge": {spares[0].Token.Badge()}})
	if !strings.Contains(page, fmt.Sprintf("No. %d, in use", spares[0].Serial)) {
		t.Fatalf("the pupil's page:\n%s", page)
	}
	h.rig.await("the page to say that every bank knows it", func() bool { return strings.Contains(desk.page("/person/p-001"), "Every bank knows it.") })
	s.hold(s.badgeOf("p-001"), locker.Office)
	if door := s.deposit(spares[0].Token.Badge()); door != 1 {
		t.Errorf("with the spare the pupil is shown door %d", door)
	}
	h.told(2, locker.Deposited)
	h.rig.await("nobody to be missing", func() bool { return strings.Contains(desk.page("/missing"), "not handed in: 0") })
	if live, err := h.Badges.Live("p-001"); err != nil || live.Serial != spares[0].Serial || h.Badges.Of("p-001")[0].State != badges.Revoked {
		t.Errorf("live is %+v, %v", live, err)
	}
	h.rig.stop()
	if visits := h.rig.visits("a"); len(visits) != 3 || visits[1].Answer != locker.Revoked || visits[2].Purpose != locker.Deposit {
		t.Errorf("the bank has on record: %+v", visits)
	}
}

// A pupil leaves early: nothing opens before the office has said so, and what
// opens names the permission, which the bank lets count once.
func TestLeavesEarlyFromThePageToTheBank(t *testing.T) {
	t.Parallel()
	h := newRig(t).openHouse()
	h.admit(h.rig, "a", 1, 64)
	s := h.work("p-001")
	badge := s.badgeOf("p-001")
	for _, g := range h.Server.Desk.Grants(time.Now()) { // that everybody has at Mill Lane
		if g.Person == "p-001" {
			h.rig.must(h.Server.Desk.Withdraw(t.Context(), "office", g.ID))
			h.inForce(h.Server.Desk.Given(g.ID))
		}
	}
	door := s.deposit(badge)
	h.told(1, locker.Deposited)
	s.later(badge, locker.AlreadyIn)
	l, err := h.Attendance.LeaveEarly(t.Context(), "office", attendance.Leave{Person: "p-001", Reason: attendance.Appointment, Collects: "Her mother", Until: time.Now().Add(time.Hour)})
	h.rig.must(err)
	desk := h.desktop()
	h.rig.await("the page to say where it is in force", func() bool { return strings.Contains(desk.page("/leave/"+l.Grant), "In force at Bank A since") })
	s.later(badge, locker.TakeOut)
	s.hands(s.TakeOut, door)
	h.told(1, locker.Collected)
	h.rig.await("the page to say that it was used", func() bool { return strings.Contains(desk.page("/leave/"+l.Grant), "Collected") })
	if opened := h.events(locker.Intent); len(opened) != 2 || opened[1].Grant != l.Grant {
		t.Errorf("the bank has on record: %+v", opened)
	}
}

// later holds a badge to the scanner again, once the bank no longer takes it for
// the same scan.
func (s *scene) later(badge string, answer locker.Word) {
	s.t.Helper()
	time.Sleep(locker.SecondScan) // the bank is another process: its clock cannot be moved
	s.hold(badge, answer)
}

// deposit hands a phone in with a badge and gives the door.
func (s *scene) deposit(badge string) int {
	s.t.Helper()
	door := s.hold(badge, locker.PutIn).Door
	s.hands(s.PutIn, door)
	return door
}

// hands do something with the phone of a door, and shut it.
func (s *scene) hands(do func(ctx context.Context, door int, phone string) (bool, error), door int) {
	s.t.Helper()
	done, err := do(s.t.Context(), door, fmt.Sprintf("phone-%d", door))
	s.rig.must(err)
	if !done {
		s.t.Fatalf("door %d is not open", door)
	}
}

// todayOf is the house's school day.
func todayOf(h *house) school.Date {
	return school.DateOf(time.Now().In(h.config.School.Calendar.Zone))
}

// inForce waits until every bank goes by a record of the school's ledger.
func (h *house) inForce(seq uint64) {
	h.rig.t.Helper()
	h.rig.await("every bank to go by it", func() bool {
		for _, f := range h.Banks.InForce(seq) {
			if f.Since.IsZero() {
				return false
			}
		}
		return true
	})
}
