package exam

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Say records something of one line. other is the witness of SaidNone and the
// invigilator of SaidWith, members of staff. Errors: denied, not found, conflict,
// invalid (at other), those of the ledger.
func (b *Book) Say(ctx context.Context, by desk.By, id string, n int, how How, other string) error {
	return b.change(ctx, by, roles.Invigilate, id, func(s Sitting, now time.Time) error {
		l, ok := s.Line(n)
		if !ok {
			return errNoLine
		}
		if err := b.maySay(s, l, by, how, other, now); err != nil {
			return err
		}
		return b.record(ctx, by, KindLine, body{Sitting: id, Line: n, How: how, Other: other}, nil)
	})
}

// maySay says why something cannot be recorded of a line.
func (b *Book) maySay(s Sitting, l Line, by desk.By, how How, other string, now time.Time) error {
	state := l.State(b.Kept()[l.Person])
	switch {
	case state == Done && how != SaidBack:
		return errs.New(errs.Conflict, "They have finished.", "")
	case now.Before(s.Start.Add(-ClearAhead)):
		return errs.New(errs.NotNow, "It is too early for this paper.", "Come back an hour before it starts.")
	}
	switch how {
	case SaidNone:
		if state != Missing {
			return errNotOpen
		}
		return b.checkOther(by, other, "Somebody else of the staff must be the witness")
	case SaidWith:
		if state != Missing && state != With {
			return errNotOpen
		}
		if !b.Needs(l.Person) {
			return errs.New(errs.Denied, "Nobody has approved that they keep a device for their health.", "It is handed in like any other.")
		}
		return b.checkStaff(other, "Choose who of the staff has the device")
	case SaidBack:
		return mayGiveBack(l, state)
	case SaidAbsent:
		if state != Missing && (s.begun(now) || state == Away) {
			return errs.New(errs.Conflict, "Their device is in, or they said that they have none: they are here.", "If they leave the paper, record that it has ended for them.")
		}
	case SaidLate:
		if state != Away {
			return errs.New(errs.Conflict, "They are not marked absent.", "Their line is open as it is.")
		}
	case SaidAdmitted:
		if l.Late == nil || l.Admitted != nil {
			return errs.New(errs.Conflict, "They did not come late, or are in already.", "")
		}
		if state == Missing {
			return errOpen(1)
		}
	case SaidOff:
		if s.begun(now) {
			return errBegun
		}
	case SaidAgain:
		if l.None == nil {
			return errNotOpen
		}
	default:
		return errs.At("how", "Choose what to record", "")
	}
	return nil
}

var errNotOpen = errs.New(errs.Conflict, "Their line is not open.", "Look at the list again.")

// mayGiveBack wants a device that the invigilator has, and the paper at its end.
func mayGiveBack(l Line, state State) error {
	switch {
	case l.With == nil || l.Back != nil:
		return errs.New(errs.Conflict, "The invigilator has no device of theirs.", "")
	case state != Done:
		return errs.New(errs.NotNow, "They are still in the paper.", "Record that it has ended for them first. The invigilator shows them what they need to see.")
	}
	return nil
}

// checkOther wants a member of staff who is not the one who records.
func (b *Book) checkOther(by desk.By, other, message string) error {
	if other == by.Person {
		return errs.At("other", message, "")
	}
	return b.checkStaff(other, message)
}

func (b *Book) checkStaff(id, message string) error {
	p, ok := b.People.Person(id)
	if !ok || p.Kind != register.Staff || !p.OnRoll() {
		return errs.At("other", message, "")
	}
	return nil
}
