package banks

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/locker"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func stamp() ledger.Stamp { return ledger.Stamp{Wall: noon, Trusted: true} }

func schoolLog(t *testing.T) *memlog.Log {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func bankOf(id string, first, last int) Bank {
	b := Bank{Label: "Bank " + id, Setup: locker.Setup{Bank: id, Allotment: locker.Fixed}}
	for n := first; n <= last; n++ {
		b.Setup.Doors = append(b.Setup.Doors, n)
	}
	return b
}

func TestList(t *testing.T) {
	log := schoolLog(t)
	l := NewList(log, stamp)
	for _, b := range []Bank{bankOf("b", 301, 600), bankOf("a", 1, 300)} {
		if err := l.Add(t.Context(), "it", b); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		name string
		bank Bank
		want errs.Code
	}{
		{"doors that another bank has", bankOf("c", 600, 700), errs.Conflict},
		{"no doors", Bank{Setup: locker.Setup{Bank: "c", Allotment: locker.Fixed}}, errs.Invalid},
		{"a gap in the numbers", Bank{Setup: locker.Setup{Bank: "c", Doors: []int{701, 703}, Allotment: locker.Fixed}}, errs.Invalid},
		{"door 0", bankOf("c", 0, 3), errs.Invalid},
		{"no id", bankOf("C", 700, 701), errs.Invalid},
		{"no allotment", Bank{Setup: locker.Setup{Bank: "c", Doors: []int{701}}}, errs.Invalid},
		{"the same again, relabelled", Bank{Label: "North", Setup: bankOf("a", 1, 300).Setup}, ""},
	}
	for _, c := range cases {
		if err := l.Add(t.Context(), "it", c.bank); errs.CodeOf(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := l.Accept(t.Context(), "it", "a", 3); err != nil {
		t.Fatal(err)
	}
	if err := l.Accept(t.Context(), "it", "z", 3); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("accepting an epoch of no bank: %v", err)
	}
	for _, by := range []string{"", "Ada Office", "ÄB"} {
		if err := l.Add(t.Context(), by, bankOf("c", 700, 701)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("a bank listed by %q: %v", by, err)
		}
		if err := l.Accept(t.Context(), by, "a", 4); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("an epoch accepted by %q: %v", by, err)
		}
	}
	again := NewList(log, stamp)
	if err := log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	all := again.All()
	if len(all) != 2 || all[0].Label != "North" || all[1].Setup.Bank != "b" || len(all[1].Setup.Doors) != 300 {
		t.Errorf("after a restart: %+v", all)
	}
	if !again.accepts("a", 3) || again.accepts("a", 4) || again.accepts("b", 1) {
		t.Error("after a restart other epochs are accepted")
	}
}

// A full list takes no further bank, and still takes what is new of those on it.
func TestListIsFull(t *testing.T) {
	l := NewList(schoolLog(t), stamp)
	for n := range MaxBanks {
		if err := l.Add(t.Context(), "it", bankOf(fmt.Sprint("b-", n), n*10+1, n*10+10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Add(t.Context(), "it", bankOf("more", 9000, 9001)); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("one too many: %v", err)
	}
	for range 2 {
		if err := l.Add(t.Context(), "it", Bank{Setup: bankOf("b-3", 31, 35).Setup}); err != nil {
			t.Errorf("another run of doors, no label: %v", err)
		}
	}
}
