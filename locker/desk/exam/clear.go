package exam

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// ClearAhead is how long before the start a sitting may be marked clear: devices
// stay where they are from then on.
const ClearAhead = time.Hour

// errOpen refuses to go on while lines are open.
func errOpen(n int) error {
	text := "1 candidate is missing."
	if n != 1 {
		text = fmt.Sprintf("%d candidates are missing.", n)
	}
	return errs.New(errs.Conflict, text, "Each has a device handed in, one with the invigilator, none before a witness, or is absent.")
}

// Counted are the lines of a sitting by how they stand, and how many are open.
func Counted(list []Standing) (c Counts, open int) {
	for _, l := range list {
		switch l.State {
		case Deposited:
			c.Deposited++
		case With:
			c.With++
		case NoDevice:
			c.None++
		case Away:
			c.Absent++
		case Missing:
			open++
		}
	}
	return c, open
}

// IsClear reports whether a sitting was marked clear and no line is open since.
func (s Sitting) IsClear(list []Standing) bool {
	_, open := Counted(list)
	return len(s.Cleared) > 0 && open == 0
}

// Clear marks a sitting clear: nobody in it has a device. asked is that everybody was
// asked about phones, watches, earbuds and other devices. Errors: denied, not found,
// not_now, invalid (at asked), conflict while a line is open or nothing is new, those
// of the ledger.
func (b *Book) Clear(ctx context.Context, by desk.By, id string, asked bool) error {
	return b.change(ctx, by, roles.RunExams, id, func(s Sitting, now time.Time) error {
		list := b.Standings(s)
		counts, open := Counted(list)
		switch {
		case now.Before(s.Start.Add(-ClearAhead)):
			return errs.New(errs.NotNow, "It is too early: devices stay where they are from then on.", "Come back an hour before the paper starts.")
		case len(list) == 0:
			return errs.New(errs.Conflict, "Nobody is entered for this paper.", "Enter the candidates first.")
		case !slices.ContainsFunc(list, func(l Standing) bool { return l.State != Done }):
			return errs.New(errs.Conflict, "Everybody has finished.", "")
		case open > 0:
			return errOpen(open)
		case len(s.Cleared) > 0 && s.Cleared[len(s.Cleared)-1].Counts == counts:
			return errs.New(errs.Conflict, "This paper is marked clear already.", "")
		case !asked:
			return errs.At("asked", "Say that everybody was asked about every kind of device", "Watches and earbuds count.")
		}
		return b.record(ctx, by, KindCleared, body{Sitting: id, Counts: &counts}, nil)
	})
}

// Finish records that the paper has ended at a moment for some lines. For whom it ends
// before their own time, why says the reason: they handed in early, were withdrawn,
// were taken ill. Errors: denied, not found, conflict, invalid by field (at, why,
// lines), those of vault and ledger.
func (b *Book) Finish(ctx context.Context, by desk.By, id string, lines []int, at time.Time, why string) error {
	return b.change(ctx, by, roles.Invigilate, id, func(s Sitting, now time.Time) error {
		at, early := at.UTC(), false
		if len(lines) == 0 || len(lines) > len(s.Lines) {
			return errs.At("lines", "Choose for whom the paper has ended", "")
		}
		for i, n := range lines {
			l, ok := s.Line(n)
			switch {
			case !ok || slices.Contains(lines[:i], n):
				return errNoLine
			case !l.Finished.IsZero():
				return errs.New(errs.Conflict, "That is on record for some of them already.", "Look at the list again.")
			case l.Absent != nil:
				return errs.New(errs.Conflict, "Some of them are marked absent.", "Look at the list again.")
			}
			early = early || at.Before(s.Ends(l.Candidate))
		}
		switch {
		case !s.begun(now):
			return errs.New(errs.NotNow, "This paper has not begun.", "")
		case at.Before(s.Start) && now.After(s.Start), at.Before(s.from()), at.After(now.Add(time.Minute)):
			return errs.At("at", "They finished between the start and now", "")
		case early && why == "":
			return errs.At("why", "It ends before its time for some of them: say why", "For example: withdrawn, handed in early, taken ill.")
		case !school.Fits(why, maxText):
			return errs.At("why", fmt.Sprintf("Write no more than %d characters", maxText), "")
		}
		var content any
		if why != "" {
			content = written{Text: why}
		}
		return b.record(ctx, by, KindFinished, body{Sitting: id, Lines: lines, At: at}, content)
	})
}
