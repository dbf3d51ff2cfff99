package concern

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// work finds a file, and records something about it that check allows. Errors:
// those of File, conflict, those of check, the store and the ledger.
func (b *Book) work(ctx context.Context, by desk.By, id, kind string, check func(f File, now time.Time) (body, *text, error)) error {
	b.command.Lock()
	defer b.command.Unlock()
	f, err := b.File(by, id)
	if err != nil {
		return err
	}
	if err := f.readable(); err != nil {
		return err
	}
	if len(f.Entries) >= MaxEntries {
		return errs.New(errs.Conflict, "The file is full.", "Go on in another file, and say so in this one’s outcome.")
	}
	e, t, err := check(f, b.Stamp().Wall)
	if err != nil {
		return err
	}
	e.File = id
	return b.record(ctx, by, kind, e, t)
}

func needOpen(f File) error {
	if !f.Open() {
		return errs.New(errs.Conflict, "The file is closed.", "Reopen it, or add a correction.")
	}
	return nil
}

// words checks a text that somebody wrote.
func words(field, value, missing string) error {
	switch {
	case value == "" && missing != "":
		return errs.At(field, missing, "Write a few words.")
	case len(value) > MaxText:
		return errs.At(field, "The text is too long.", "Use up to 8,000 characters.")
	}
	return nil
}

func short(field, value string) error {
	if len(value) > maxLine {
		return errs.At(field, "The text is too long.", "Use up to 200 characters.")
	}
	return nil
}

// Acknowledge says that somebody responsible has the concern in hand: nobody else
// is told of it any more.
func (b *Book) Acknowledge(ctx context.Context, by desk.By, id string) error {
	return b.work(ctx, by, id, KindAcknowledged, func(f File, _ time.Time) (body, *text, error) {
		if f.Acknowledged.Some() {
			return body{}, nil, errs.New(errs.Conflict, "Somebody has it in hand already.", "The file says who.")
		}
		return body{}, nil, nil
	})
}

// Sort gives a file another category or area, and says of whom it is as well.
// Nobody is ever taken off: whoever a file was once about never sees it.
func (b *Book) Sort(ctx context.Context, by desk.By, id string, c Category, a Area, about []string, why string) error {
	why = strings.TrimSpace(why)
	return b.work(ctx, by, id, KindSorted, func(f File, _ time.Time) (body, *text, error) {
		err := errors.Join(needOpen(f), b.checkRaised(Raised{Category: c, Area: a, About: about, Text: why}))
		if slices.Contains(about, by.Person) {
			err = errors.Join(err, errs.At("about", "It would be about you, and you could not see it any more.", "Ask the deputy safeguarding lead to do this."))
		}
		return body{}, &text{Category: c, Area: a, About: about, Text: why}, err
	})
}

// Set says how far a step has come: done, with a reference where there is one; not
// needed, and because of what; or open until a moment.
func (b *Book) Set(ctx context.Context, by desk.By, id, step string, s State, until time.Time, ref, why string) error {
	ref, why = strings.TrimSpace(ref), strings.TrimSpace(why)
	return b.work(ctx, by, id, KindStep, func(f File, now time.Time) (body, *text, error) {
		err := needOpen(f)
		switch {
		case f.line(step) == nil:
			err = errors.Join(err, errs.At("step", "There is no such step.", "Choose one of the list."))
		case !slices.Contains([]State{Todo, Done, NotNeeded}, s):
			err = errors.Join(err, errs.At("state", "It is not said how far it is.", "Choose one."))
		case s == NotNeeded:
			err = errors.Join(err, words("why", why, "It is not said why it is not needed."))
		case s == Todo && !until.After(now):
			err = errors.Join(err, errs.At("until", "It is not said until when.", "Give a day to come."))
		}
		if s != Todo {
			until = time.Time{}
		}
		return body{}, &text{Step: step, State: s, Until: until.UTC(), Ref: ref, Text: why}, errors.Join(err, words("why", why, ""), short("ref", ref))
	})
}

// Write adds an entry. That somebody viewed something is for the safeguarding lead
// alone, and says why it had to be.
func (b *Book) Write(ctx context.Context, by desk.By, id string, k Kind, words_, ref string) error {
	words_, ref = strings.TrimSpace(words_), strings.TrimSpace(ref)
	return b.work(ctx, by, id, KindEntry, func(_ File, now time.Time) (body, *text, error) {
		err := errors.Join(words("text", words_, "This is empty."), short("ref", ref))
		switch {
		case !slices.Contains(Kinds, k):
			err = errors.Join(err, errs.At("kind", "It is not said what sort of entry it is.", "Choose one."))
		case k == Viewing && !b.lead(by, now):
			denied := errs.New(errs.Denied, "Only the safeguarding lead may look at what is on a device, and only where there is no other way.", "Do not look. Tell the safeguarding lead.")
			denied.Field = "kind"
			err = errors.Join(err, denied)
		}
		return body{}, &text{Kind: k, Text: words_, Ref: ref}, err
	})
}

// Correct adds a correction to an entry, which stays as it is.
func (b *Book) Correct(ctx context.Context, by desk.By, id string, entry int, said string) error {
	said = strings.TrimSpace(said)
	return b.work(ctx, by, id, KindCorrection, func(f File, _ time.Time) (body, *text, error) {
		err := words("text", said, "This is empty.")
		if entry < 1 || entry > len(f.Entries) {
			err = errors.Join(err, errs.At("entry", "There is no entry of that number.", "Choose the entry to correct."))
		}
		return body{Entry: entry}, &text{Text: said}, err
	})
}

// Plan puts something into the action plan.
func (b *Book) Plan(ctx context.Context, by desk.By, id, what, owner string, due time.Time) error {
	what, owner = strings.TrimSpace(what), strings.TrimSpace(owner)
	return b.work(ctx, by, id, KindAction, func(_ File, _ time.Time) (body, *text, error) {
		err := errors.Join(words("what", what, "It is not said what is to be done."), short("owner", owner))
		if owner == "" {
			err = errors.Join(err, errs.At("owner", "It is not said who does it.", "Name somebody."))
		}
		if due.IsZero() {
			err = errors.Join(err, errs.At("due", "It is not said until when.", "Give a day."))
		}
		return body{}, &text{Text: what, Owner: owner, Until: due.UTC()}, err
	})
}

// Did says that something of the action plan is done, and what came of it.
func (b *Book) Did(ctx context.Context, by desk.By, id string, action int, came string) error {
	came = strings.TrimSpace(came)
	return b.work(ctx, by, id, KindActionDone, func(f File, _ time.Time) (body, *text, error) {
		n := slices.IndexFunc(f.Actions, func(a Action) bool { return a.N == action })
		switch {
		case n < 0:
			return body{}, nil, errs.At("action", "There is no such action.", "Choose one of the list.")
		case f.Actions[n].Done.Some():
			return body{}, nil, errs.New(errs.Conflict, "That is done already.", "")
		}
		return body{Entry: action}, &text{Text: came}, words("came", came, "It is not said what came of it.")
	})
}

// Attach puts a device that the school has into a file: the hold first. Errors:
// those of work, and of custody.
func (b *Book) Attach(ctx context.Context, by desk.By, id, item string) error {
	return b.work(ctx, by, id, KindDevice, func(f File, _ time.Time) (body, *text, error) {
		if err := needOpen(f); err != nil {
			return body{}, nil, err
		}
		var e body
		err := b.secure(ctx, by, Raised{Device: Device{In: InCustody, Item: item}}, &e)
		return e, nil, err
	})
}

// Bring takes a device into a file that lay behind a pupil's door until now and is
// in the hands of by: into custody, with a hold of its own.
func (b *Book) Bring(ctx context.Context, by desk.By, id, whose string, what desk.What) error {
	return b.work(ctx, by, id, KindDevice, func(f File, _ time.Time) (body, *text, error) {
		if err := needOpen(f); err != nil {
			return body{}, nil, err
		}
		if whose != "" && !f.Is(whose) {
			return body{}, nil, errs.At("whose", "The file is not about them.", "Say of whom it is first.")
		}
		var e body
		err := b.secure(ctx, by, Raised{Category: f.Category, Device: Device{In: InHand, Whose: whose, What: what, Zone: desk.Elsewhere}}, &e)
		return e, nil, err
	})
}

// Deleted records that copies were deleted. It is refused while a hold stands on a
// device of the file, and where the category asks for the agencies' word before
// that is there. Errors: those of work, denied.
func (b *Book) Deleted(ctx context.Context, by desk.By, id, what, allowed string) error {
	what, allowed = strings.TrimSpace(what), strings.TrimSpace(allowed)
	return b.work(ctx, by, id, KindDeletion, func(f File, _ time.Time) (body, *text, error) {
		err := b.mayDelete(f)
		return body{}, &text{Text: what, Ref: allowed}, errors.Join(err, words("what", what, "It is not said what was deleted."), short("allowed", allowed))
	})
}

// mayDelete refuses a deletion that would come too early.
func (b *Book) mayDelete(f File) error {
	if b.held(f) {
		return errs.New(errs.Denied, "A hold stands on a device of this file: nothing is deleted.", "Two people end the hold first, once the police allow it.")
	}
	for _, c := range f.Was { // to sort it as something else is no way round
		clear := sorts[c].clear
		if clear == "" {
			continue
		}
		if l := f.line(clear); l == nil || l.State != Done {
			s, _ := StepOf(clear)
			return errs.New(errs.Denied, "Nothing is deleted before this is done: "+s.Text+".", "Sort the file as what it was, and record it in the checklist first, with its reference.")
		}
	}
	return nil
}

// held reports whether a hold stands on anything of a file.
func (b *Book) held(f File) bool {
	return slices.ContainsFunc(b.Bars.Standing(), func(bar desk.Bar) bool {
		return bar.Kind == desk.Hold && (slices.Contains(f.Items, bar.On.Item) && bar.On.Item != "" || slices.Contains(f.Bars, bar.ID))
	})
}

// Close ends a file. Every step must be done, or not needed because of something.
func (b *Book) Close(ctx context.Context, by desk.By, id string, o Outcome, said string) error {
	said = strings.TrimSpace(said)
	return b.work(ctx, by, id, KindClosed, func(f File, _ time.Time) (body, *text, error) {
		err := errors.Join(needOpen(f), words("said", said, "It is not said what came of it."))
		if !slices.Contains(Outcomes, o) {
			err = errors.Join(err, errs.At("outcome", "It is not said how it ended.", "Choose one."))
		}
		for _, l := range f.Steps {
			if l.State == Todo {
				err = errors.Join(err, errs.New(errs.Invalid, "Still open: "+l.Text+".", "Do it, or say why it is not needed."))
			}
		}
		for _, a := range f.Actions {
			if !a.Done.Some() {
				err = errors.Join(err, errs.New(errs.Invalid, "Still open in the action plan: "+a.Text, "Do it, or write down what became of it."))
			}
		}
		return body{}, &text{Outcome: o, Text: said}, err
	})
}

// Reopen opens a closed file again.
func (b *Book) Reopen(ctx context.Context, by desk.By, id, why string) error {
	why = strings.TrimSpace(why)
	return b.work(ctx, by, id, KindReopened, func(f File, _ time.Time) (body, *text, error) {
		if f.Open() {
			return body{}, nil, errs.New(errs.Conflict, "The file is open.", "")
		}
		return body{}, &text{Text: why}, words("why", why, "It is not said why.")
	})
}

// lookLasts is for how long somebody who reads a file is one look.
const lookLasts = 5 * time.Minute

// Look gives a file to read, and puts on record that somebody did. Where that
// cannot be recorded nothing is shown. Errors: those of File, the ledger's.
func (b *Book) Look(ctx context.Context, by desk.By, id string) (File, error) {
	b.command.Lock()
	defer b.command.Unlock()
	f, err := b.File(by, id)
	if err != nil {
		return File{}, err
	}
	b.mu.RLock()
	last, before := b.looks[look{id, by.Person}]
	b.mu.RUnlock()
	if before && b.Stamp().Wall.Sub(last) < lookLasts {
		return f, nil
	}
	if err := b.record(ctx, by, KindLooked, body{File: id}, nil); err != nil {
		return File{}, err
	}
	return b.File(by, id)
}

// Export gives a file to be taken away, and puts on record that somebody did.
func (b *Book) Export(ctx context.Context, by desk.By, id string) (File, error) {
	err := b.work(ctx, by, id, KindExported, func(File, time.Time) (body, *text, error) { return body{}, nil, nil })
	if err != nil {
		return File{}, err
	}
	return b.File(by, id)
}
