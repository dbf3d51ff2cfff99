package attendance

import (
	"context"
	"fmt"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
)

// inRecord is how many pupils one record names: of ids of 36 characters, as many
// as its 16 KiB hold with room to spare.
const inRecord = 300

// Mark records what by says of some pupils' day, by id, as one batch. Errors:
// invalid, not_now (a day to come, or one too long ago), those of the ledger.
func (b *Book) Mark(ctx context.Context, by string, date school.Date, how How, marks map[string]Mark) (Batch, error) {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	if err := b.may(date, school.DateOf(stamp.Wall.In(b.Zone))); err != nil {
		return Batch{}, err
	}
	if err := check(by, marks); err != nil {
		return Batch{}, err
	}
	people := make([]string, 0, len(marks))
	for id := range marks {
		people = append(people, id)
	}
	slices.Sort(people)
	batch := ledger.NewID("m")
	var entries []ledger.Entry
	for part := range slices.Chunk(people, inRecord) {
		body := marked{By: by, Batch: batch, Day: date.String(), How: how, Marks: map[Mark][]string{}}
		for _, id := range part {
			body.Marks[marks[id]] = append(body.Marks[marks[id]], id)
		}
		e, err := ledger.NewEntry(KindMarked, stamp, body)
		if err != nil {
			return Batch{}, err
		}
		entries = append(entries, e)
	}
	if err := ledger.Commit(ctx, b.Log, b.Fold, entries...); err != nil {
		return Batch{}, err
	}
	return *b.batches[batch], nil
}

// may reports whether anything can be said of a day.
func (b *Book) may(date, today school.Date) error {
	if today.Before(date) {
		return errs.New(errs.NotNow, "That day is still to come.", "Come back on the day.")
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if len(b.days) >= Days && b.days[date] == nil && date.Before(b.oldest()) {
		return errs.New(errs.NotNow, fmt.Sprintf("Only the newest %d days can be marked.", Days), "Correct an older day in the school's information system.")
	}
	return nil
}

func check(by string, marks map[string]Mark) error {
	if !school.ValidID(by) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Sign in again.")
	}
	if len(marks) == 0 || len(marks) > MaxMarks {
		return errs.New(errs.Invalid, fmt.Sprintf("Marks are for 1 to %d pupils at a time.", MaxMarks), "Mark at least one, or do it in parts.")
	}
	for id, m := range marks {
		if !school.ValidID(id) || !slices.Contains(Marks(), m) {
			return errs.New(errs.Invalid, fmt.Sprintf("%.40q cannot be said of a pupil's day.", m), "Choose one of the marks shown.")
		}
	}
	return nil
}

// Undo takes a batch back; what was said before it counts again. Errors: invalid,
// not_found, conflict (it was taken back already), those of the ledger.
func (b *Book) Undo(ctx context.Context, by, batch string) error {
	b.command.Lock()
	defer b.command.Unlock()
	was := b.batches[batch]
	switch {
	case !school.ValidID(by):
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Sign in again.")
	case was == nil:
		return errs.New(errs.NotFound, "Those marks are not known any more.", "Mark the pupils anew.")
	case was.Undone != "":
		return errs.New(errs.Conflict, "Those marks were taken back already.", "Look at the day's attendance.")
	}
	e, err := ledger.NewEntry(KindUndone, b.Stamp(), undone{By: by, Batch: batch})
	if err != nil {
		return err
	}
	return ledger.Commit(ctx, b.Log, b.Fold, e)
}
