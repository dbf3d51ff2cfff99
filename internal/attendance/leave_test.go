package attendance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
)

func leave() Leave {
	return Leave{Person: "ann", Reason: Appointment, Until: morning.Add(7 * time.Hour), Collects: "  Her mother "}
}

// A leave is a permission to collect once, with its reason on record before it.
func TestLeaveEarly(t *testing.T) {
	o := newOffice(t)
	l, err := o.LeaveEarly(t.Context(), "office", leave())
	if err != nil {
		t.Fatal(err)
	}
	g := o.grants()
	if len(g) != 1 || g[0].ID != l.Grant || g[0].Kind != locker.MayCollect || g[0].Uses != 1 || g[0].Person != "ann" || !g[0].Until.Equal(leave().Until) {
		t.Errorf("granted %+v for %+v", g, l)
	}
	var kinds []string
	if err := o.log.Read(t.Context(), 0, func(r ledger.Record) error {
		kinds = append(kinds, r.Kind)
		if strings.Contains(string(r.Leaf), "mother") {
			t.Error("who collects is on the ledger")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if order := strings.Join(kinds, " "); !strings.HasSuffix(order, "early-leave grant-given") {
		t.Errorf("the order on record is %s", order)
	}
	for _, b := range []*Book{o.Book, o.again(t)} {
		if list := b.Leaves(monday); len(list) != 1 || list[0] != l || list[0].Collects != "Her mother" || list[0].By != "office" {
			t.Errorf("leaves are %+v, want %+v", list, l)
		}
	}
	if err := o.EndLeave(t.Context(), "office", l.Grant); err != nil || len(o.grants()) != 0 {
		t.Errorf("taking it back: %v; still granted %v", err, o.grants())
	}
	if err := o.EndLeave(t.Context(), "office", l.Grant); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("taking it back twice: %v", err)
	}
	if err := o.EndLeave(t.Context(), "office", "g-none"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("taking back what is not: %v", err)
	}
}

func TestLeaveRefused(t *testing.T) {
	o := newOffice(t)
	for field, change := range map[string]func(*Leave){
		"reason":   func(l *Leave) { l.Reason = "bored" },
		"collects": func(l *Leave) { l.Collects = "  " },
		"until":    func(l *Leave) { l.Until = morning },
	} {
		l := leave()
		change(&l)
		_, err := o.LeaveEarly(t.Context(), "office", l)
		var e *errs.Error
		if all := errs.All(err); len(all) != 1 || !errors.As(all[0], &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	l := leave()
	l.Collects = strings.Repeat("é", 101)
	if _, err := o.LeaveEarly(t.Context(), "office", l); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("too long: %v", err)
	}
	if _, err := o.LeaveEarly(t.Context(), "office", Leave{Person: "Ann S"}); len(errs.All(err)) != 4 {
		t.Errorf("of nothing at all: %v", err)
	}
	if len(o.grants()) != 0 || len(o.vault) != 0 {
		t.Error("something was given or kept all the same")
	}
}

// What the vault has erased is no longer known; the leave still is.
func TestErasedCollects(t *testing.T) {
	o := newOffice(t)
	if _, err := o.LeaveEarly(t.Context(), "office", leave()); err != nil {
		t.Fatal(err)
	}
	clear(o.vault)
	if list := o.again(t).Leaves(monday); len(list) != 1 || list[0].Collects != "" || list[0].Reason != Appointment {
		t.Errorf("%+v", list)
	}
}
