package ban

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
)

// calendar is one week of school in a country an hour ahead.
func calendar() school.Calendar {
	zone := time.FixedZone("BST", 3600)
	clock := func(h, m int) school.Clock { return school.Clock{Hour: h, Minute: m} }
	first := school.Date{Year: 2027, Month: 6, Day: 7}
	return school.Calendar{Zone: zone, Terms: []school.Term{{Span: school.Span{From: first, Until: first.Add(5)}}},
		Usual: school.MondayToFriday("normal"), Templates: map[string]school.Template{"normal": {
			Name: "normal", Gate: clock(8, 15), Register: clock(8, 40), Collect: clock(15, 20), CollectUntil: clock(16, 0),
			Bells: []school.Bell{{Name: "Registration", Kind: school.Registration, From: clock(8, 45), Until: clock(8, 55)}, {Name: "Lesson 1", Kind: school.Lesson, From: clock(8, 55), Until: clock(15, 15)}},
		}}}
}

func TestHours(t *testing.T) {
	c := calendar()
	at := func(h, m int) time.Time { return time.Date(2027, 6, 7, h, m, 0, 0, c.Zone) }
	for _, k := range []struct {
		from      policy.BanFrom
		until     policy.BanUntil
		words     string
		in, out   []time.Time
		bellsGone bool
	}{
		{policy.BanFromSite, policy.BanUntilGone, "Phones are banned from entering the site to leaving it.", []time.Time{at(7, 0), at(12, 0), at(18, 0)}, nil, false},
		{policy.BanFromMorning, policy.BanUntilSession, "Phones are banned from 08:15 to 15:15.", []time.Time{at(8, 15), at(15, 14)}, []time.Time{at(8, 14), at(15, 15)}, false},
		{policy.BanFromSession, policy.BanUntilGone, "Phones are banned from 08:45 to leaving the site.", []time.Time{at(8, 45), at(19, 0)}, []time.Time{at(8, 44)}, false},
		{policy.BanFromSession, policy.BanUntilSession, "Phones are banned from 08:40 to 15:20.", []time.Time{at(8, 40)}, []time.Time{at(15, 20)}, true},
	} {
		r := policy.Default()
		r.BanFrom, r.BanUntil = k.from, k.until
		c := calendar()
		if k.bellsGone { // a school that gave no timetable
			day := c.Templates["normal"]
			day.Bells = nil
			c.Templates["normal"] = day
		}
		h := On(r, c, at(23, 30).UTC())
		if h.Words() != k.words {
			t.Errorf("%s to %s: %s", k.from, k.until, h.Words())
		}
		for _, moment := range k.in {
			if !h.Holds(moment) {
				t.Errorf("%s to %s: not at %s", k.from, k.until, moment)
			}
		}
		for _, moment := range k.out {
			if h.Holds(moment) {
				t.Errorf("%s to %s: at %s", k.from, k.until, moment)
			}
		}
	}
	if h := On(policy.Default(), c, at(12, 0).AddDate(0, 0, 5)); h.Holds(at(12, 0)) || h.Words() != "There is no school today, and no ban on phones." {
		t.Errorf("on a Saturday: %s", h.Words())
	}
}

// The hours go by the rules.
func TestHoursFollowTheRules(t *testing.T) {
	c := calendar()
	see := func(r policy.Rules) string {
		h := On(r, c, time.Date(2027, 6, 7, 12, 0, 0, 0, c.Zone))
		return fmt.Sprint(h, h.Words())
	}
	policytest.Watch(t, policy.Default(), see, "ban_from", "ban_until")
}
