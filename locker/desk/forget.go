package desk

import (
	"context"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// KindCaseErased is the kind of record that says that the vault has forgotten a case.
const KindCaseErased = "case-erased"

// mostErased is how many cases are forgotten at a time.
const mostErased = 100

// Forget erases what was written about confiscations, once it has been kept as long as
// the school's rules say after the end of the school year each was closed in, and
// records that it did. What was confiscated of whom, when and why, in a word, stays.
// Nothing is erased while a hold stands, and nothing of a case that may be evidence or
// in which somebody searched or deleted. Errors: those of the vault and the ledger.
func (c *Custody) Forget(ctx context.Context) error {
	c.command.Lock()
	defer c.command.Unlock()
	stamp := c.Stamp()
	var entries []ledger.Entry
	var contents []string
	for _, file := range c.Cases() {
		texts := c.texts(file)
		if len(texts) == 0 || len(entries) == mostErased || stamp.Wall.Before(c.keptUntil(file)) || c.mustKeep(file) {
			continue
		}
		entry, err := ledger.NewEntry(KindCaseErased, stamp, body{By: "retention", Case: file.ID})
		if err != nil {
			return err
		}
		entries, contents = append(entries, entry), append(contents, texts...)
	}
	if len(entries) == 0 {
		return nil
	}
	if err := c.Vault.Erase(ctx, contents...); err != nil {
		return err
	}
	return ledger.Commit(ctx, c.Log, c.Fold, entries...)
}

// keptUntil is when a closed case has been kept long enough: so many years after the
// school year's end. An open one is kept for ever.
func (c *Custody) keptUntil(file Case) time.Time {
	if file.Open() {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	end := time.Date(file.Closed.Year(), time.September, 1, 0, 0, 0, 0, time.UTC)
	if !file.Closed.Before(end) {
		end = end.AddDate(1, 0, 0)
	}
	return end.AddDate(c.Rules().Retention.ConfiscatedYears, 0, 0)
}

// mustKeep reports whether a case is kept whatever its age: it may be evidence, it has
// been searched in, the police have its device, or a hold stands against its device or
// its pupil, or nobody knows where the device is.
func (c *Custody) mustKeep(file Case) bool {
	i, err := c.Item(file.Item)
	if err != nil || i.Place.To == ToPolice || i.Open() || i.Conflict != nil || c.evident(file).Facts.Reason.Restricted() {
		return true
	}
	searched := func(e Entry) bool { return e.Kind == KindSearch || e.Kind == KindDeletion }
	return slices.ContainsFunc(file.Entries, searched) || slices.ContainsFunc(c.Bars.Standing(), func(b Bar) bool {
		return b.Kind == Hold && (b.On.Item == file.Item || b.On.Person != "" && b.On.Person == file.Whose)
	})
}

// texts are the ids in the vault of all that was written about a case and is not
// erased.
func (c *Custody) texts(file Case) []string {
	erased := slices.ContainsFunc(file.Entries, func(e Entry) bool { return e.Kind == KindCaseErased })
	var list []string
	for _, e := range file.Entries {
		if e.content != "" && !erased {
			list = append(list, e.content)
		}
	}
	return list
}
