package desk

import (
	"errors"
	"reflect"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

func TestWhoSeesACase(t *testing.T) {
	c := newCounter(t)
	plain, image := c.confiscate(t, phoneOf("p-1", Breach, monday)), c.confiscate(t, phoneOf("p-2", PossibleImage, monday))
	for _, line := range []struct {
		who           By
		file          Case
		sees, follows bool
	}{
		{office, plain, true, true},
		{office, image, false, false},
		{somebody(roles.Leadership), image, false, false},
		{head, image, true, true},
		{somebody(roles.DeputyDSL), image, true, true},
		{teacher, image, false, true}, // who took it
		{somebody(roles.Supply), plain, true, false},
		{somebody(roles.Supply), image, false, false},
	} {
		if sees, follows := line.who.Sees(line.file, monday), line.who.Follows(line.file, monday); sees != line.sees || follows != line.follows {
			t.Errorf("%s, %s: sees %v, follows %v", line.who.Account, line.file.Facts.Reason, sees, follows)
		}
	}
}

// What may be evidence goes behind an evidence door, and staff put nothing behind a
// pupil's.
func TestBehindWhichDoors(t *testing.T) {
	c := newCounter(t)
	plain, image := c.confiscate(t, phoneOf("p-1", Breach, monday)), c.confiscate(t, phoneOf("p-2", PossibleImage, monday))
	for _, line := range []struct {
		file  Case
		bank  string
		class locker.Class
		field string // at fault
	}{
		{plain, "d", locker.ClassConfiscation, ""},
		{plain, "d", locker.ClassEvidence, ""},
		{plain, "d", locker.ClassPupil, "class"},
		{plain, "d", "", "class"},
		{plain, "", locker.ClassConfiscation, "bank"},
		{image, "d", locker.ClassEvidence, ""},
		{image, "d", locker.ClassConfiscation, "class"},
	} {
		_, err := c.Put(t.Context(), office, line.file.Item, line.bank, line.class)
		var fault *errs.Error
		if errors.As(err, &fault) != (line.field != "") || fault != nil && fault.Field != line.field {
			t.Errorf("%s at %q behind %q: %v", line.file.Facts.Reason, line.bank, line.class, err)
		}
	}
}

// A release comes with its door, and stands where something bars the door.
func TestHandOver(t *testing.T) {
	c := newCounter(t)
	inOffice, behind, barred := c.confiscate(t, phoneOf("p-1", Breach, monday)), c.confiscate(t, phoneOf("p-2", Breach, monday)), c.confiscate(t, phoneOf("p-3", Breach, monday))
	c.behind(t, behind.Item, 1003)
	c.behind(t, barred.Item, 1004)
	c.now.Wall = bell
	if what, err := c.HandOver(t.Context(), office, toMother(inOffice.ID)); err != nil || !reflect.DeepEqual(what, Ordered{}) {
		t.Errorf("from the office: %+v, %v", what, err)
	}
	what, err := c.HandOver(t.Context(), office, toMother(behind.ID))
	if err != nil || what.Bank != "d" || what.Order.Kind != locker.OrderTake || what.Order.Door != 1003 {
		t.Errorf("from behind a door: %+v, %v", what, err)
	}
	noDoors := By{office.Actor, []roles.Assignment{{Permissions: []roles.Permission{roles.ReleaseItem}}}}
	if what, err := c.HandOver(t.Context(), noDoors, toMother(barred.ID)); err != nil || !reflect.DeepEqual(what, Ordered{}) {
		t.Errorf("by somebody who may open none: %+v, %v", what, err)
	}
	for _, id := range []string{behind.ID, barred.ID} {
		if file, err := c.Case(id); err != nil || file.Release == nil || !file.Release.Pending {
			t.Errorf("the release is %+v, %v", file.Release, err)
		}
	}
}
