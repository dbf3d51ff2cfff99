package accounts_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// refusals are the records of refused sign-ins, as account and times.
func refusals(t *testing.T, s *accountstest.School) []string {
	t.Helper()
	var list []string
	must(t, s.Ledger.Read(t.Context(), 0, func(r ledger.Record) error {
		var e struct {
			Account     string
			From, Until time.Time
			Times       int
		}
		if r.Kind != accounts.KindRefused {
			return nil
		}
		err := json.Unmarshal(r.Body, &e)
		list = append(list, fmt.Sprintf("%s %d %s-%s", e.Account, e.Times, e.From.Format("15:04"), e.Until.Format("15:04")))
		return err
	}))
	return list
}

// Somebody guesses at night: an hour and an account make one record, however often
// they try, and names that nobody has make one without the names.
func TestRefusedSignInsAreOnRecordByTheHour(t *testing.T) {
	s := open(t)
	before, _ := s.Standing("head")
	s.Wait(17*time.Hour + 10*time.Minute) // 02:10
	for range 3 {
		for n := range 200 {
			s.Refused("head")
			s.Refused(fmt.Sprint("hunter", n))
		}
		must(t, s.TellRefused(t.Context()))
		s.Wait(10 * time.Minute)
	}
	if list := refusals(t, s); len(list) != 0 {
		t.Errorf("within the hour there are %q", list)
	}
	s.Wait(20 * time.Minute)
	for range 2 {
		must(t, s.TellRefused(t.Context()))
	}
	if list := refusals(t, s); strings.Join(list, ", ") != " 600 02:00-03:00, head 600 02:00-03:00" {
		t.Errorf("the record has %q", list)
	}
	if strings.Contains(leaves(t, s), "hunter") {
		t.Error("the ledger has a name that somebody typed")
	}
	if after, live := s.Again(t).Standing("head"); !live || !after.Changed.Equal(before.Changed) {
		t.Error("being guessed at changes the account")
	}
}

// The board hears of many refusals at an account that opens doors or gives roles,
// before and after they are on record, for a day.
func TestBesieged(t *testing.T) {
	s := open(t)
	s.Hire(t, "teacher", "s-6", roles.Teacher, "7A")
	for range accounts.AlarmOver {
		s.Refused("head")
	}
	if list := s.Besieged(); len(list) != 0 {
		t.Errorf("at the limit: %v", list)
	}
	for range 100 {
		s.Refused("teacher")
		s.Refused("nobody-here")
	}
	s.Refused("head")
	at := s.Now()
	want := accounts.Refusals{Account: "head", From: at, Until: at.Add(time.Hour), Times: accounts.AlarmOver + 1}
	check := func(what string, list []accounts.Refusals) {
		t.Helper()
		if len(list) != 1 || list[0] != want {
			t.Errorf("%s: %v", what, list)
		}
	}
	check("counted", s.Besieged())
	s.Wait(time.Hour)
	must(t, s.TellRefused(t.Context()))
	check("on record", s.Besieged())
	check("after a restart", s.Again(t).Besieged())
	s.Wait(24 * time.Hour)
	if list := s.Besieged(); len(list) != 0 {
		t.Errorf("a day later: %v", list)
	}
}

// While it runs, the book records by itself, and what it counted when it stops.
func TestRunRecordsRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := accountstest.Open(t, "")
		s.Hire(t, "head", "s-2", roles.Head)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		s.Refused("head")
		s.Wait(time.Hour)
		time.Sleep(time.Minute)
		synctest.Wait()
		if list := refusals(t, s); len(list) != 1 {
			t.Errorf("after a minute: %q", list)
		}
		s.Refused("head")
		stop()
		if err := <-ended; err != nil || len(refusals(t, s)) != 2 {
			t.Errorf("stopped: %v, %q", err, refusals(t, s))
		}
	})
}
