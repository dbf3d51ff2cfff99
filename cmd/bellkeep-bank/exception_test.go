package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/school/exceptions"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// exceptionPages are the pages about exceptions over the house's own books.
func (h *house) exceptionPages() http.Handler {
	t := h.rig.t
	t.Helper()
	zone := h.config.School.Calendar.Zone
	k := kittest.Kit(kittest.People(), h.People, func() time.Time { return time.Now().In(zone) }, nil)
	f, err := exceptions.Pages(k, exceptions.Config{Book: h.Exceptions, People: h.People, Force: h.Banks, Rules: h.Exceptions.Rules, Calendar: h.config.School.Calendar})
	h.rig.must(err)
	return kittest.Serve(t, k, f)
}

// A teacher asks on a page and the head approves on another; the page says that
// the bank knows, and the bank lets the pupil keep the phone. Once the head has
// ended it, the same badge opens the pupil's door as on every other day.
func TestExceptionFromThePagesToTheBank(t *testing.T) {
	t.Parallel()
	h := newRig(t).openHouse()
	h.admit(h.rig, "a", 1, 64)
	s := h.work("p-001")
	v := kittest.Visit(t, h.exceptionPages(), "teacher")
	today := func(days int) []string { return []string{time.Now().AddDate(0, 0, days).Format(time.DateOnly)} }
	page := v.Sent("/person/p-001/exception", url.Values{"kind": {"medical"}, "why": {"glucose monitor"}, "scope": {"all-day"},
		"from": today(-1), "until": today(200), "review": today(100)})
	v.SignIn("head")
	v.Sent(page+"/approve", nil)
	says := func(words string) func() bool {
		return func() bool { _, text, _ := v.Get(page); return strings.Contains(text, words) }
	}
	h.rig.await("the page to say where it is in force", says("Known at Bank A since"))
	if got := s.hold(s.badgeOf("p-001"), locker.Keep); got.Door != 0 {
		t.Errorf("told to keep it, and shown %+v", got)
	}
	v.Sent(page+"/end", url.Values{"end-why": {"not needed any more"}})
	h.rig.await("the page to say where it is ended", says("Ended at Bank A since"))
	if got := s.hold(s.badgeOf("p-001"), locker.PutIn); got.Door != 1 {
		t.Errorf("after the end the pupil is shown %+v", got)
	}
	h.rig.stop()
	if visits := h.rig.visits("a"); len(visits) != 2 || visits[0].Answer != locker.Exempt || visits[1].Purpose != locker.Deposit {
		t.Errorf("the bank has on record: %+v", visits)
	}
}
