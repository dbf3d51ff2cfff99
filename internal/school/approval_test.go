package school

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestApprove(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	long := now.Add(-SettledAfter)
	cases := []struct {
		name    string
		actor   Actor
		parties []string
		may     bool
	}{
		{"somebody else", Actor{"head", "p-1", long}, []string{"p-2", "p-3"}, true},
		{"nobody before", Actor{"head", "p-1", long}, nil, true},
		{"the requester", Actor{"head", "p-1", long}, []string{"p-1"}, false},
		{"a second account of the requester", Actor{"head-two", "p-1", long}, []string{"p-2", "p-1"}, false},
		{"an account changed a moment ago", Actor{"head", "p-1", now.Add(-time.Minute)}, []string{"p-2"}, false},
		{"an account changed just under a day ago", Actor{"head", "p-1", long.Add(time.Second)}, []string{"p-2"}, false},
		{"a clock behind the change", Actor{"head", "p-1", now.Add(time.Hour)}, []string{"p-2"}, false},
		{"nobody's account", Actor{"head", "", long}, nil, false},
		{"for a whole class", Actor{"head", "p-1", long}, []string{"p-2", ""}, true},
		{"whoever is not in the register", Actor{"head", Unlisted + "head", long}, []string{"p-2"}, false},
		{"what somebody outside the register asked for", Actor{"head", "p-1", long}, []string{Unlisted + "ghost"}, false},
	}
	for _, c := range cases {
		got, err := c.actor.Approve(now, c.parties...)
		switch {
		case c.may && (err != nil || got != Approval{c.actor.Account, c.actor.Person, now}):
			t.Errorf("%s: %+v, %v", c.name, got, err)
		case !c.may && errs.CodeOf(err) != errs.Denied:
			t.Errorf("%s: %+v, %v; want denied", c.name, got, err)
		}
	}
}

func TestAsk(t *testing.T) {
	for person, may := range map[string]bool{"s-1": true, "": false, Unlisted + "head": false} {
		if err := (Actor{Account: "head", Person: person}).Ask(); may != (err == nil) {
			t.Errorf("%q asks: %v", person, err)
		}
	}
}
