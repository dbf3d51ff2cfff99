package scenario

import (
	"context"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

// concernVerbs are what staff do about concerns, and with devices that may be
// evidence.
var concernVerbs = []verb{
	{"raise-concern", "a member of staff", "Raise a concern about a pupil, whose device is taken or stays behind its door with a hold.", []param{ofPupil,
		{name: "sort", kind: aChoice, needed: true, among: choices(concern.Categories), about: "what sort of concern"},
		{name: "device", kind: aChoice, among: []string{string(concern.InHand), string(concern.BehindDoor), "none"}, about: "where the device is; none when left out"},
		{name: "power", kind: aChoice, among: []string{string(concern.On), string(concern.Off)}, about: "whether it is on"},
		{name: "locked", kind: yesNo, about: "whether it is locked"},
		{name: "percent", kind: aNumber, about: "its battery"},
	}, raiseConcern},
	{"put-into-evidence", "a member of staff", "Put a device in custody behind a free evidence door.", []param{ofPupil,
		{name: "into", kind: oneBank, needed: true, about: "the bank"}}, putIntoEvidence},
	{"keep-in", "a member of staff", "Put a device in custody into a named place.", []param{ofPupil, {name: "spot", kind: aText, needed: true, about: "the place"}}, keepIn},
	{"acknowledge", "a member of staff", "Say that one has a concern in hand.", []param{ofPupil}, func(w *world, c call) error {
		return w.onFile(c, func(by desk.By, f concern.File) error {
			return w.books.Concerns.Acknowledge(context.Background(), by, f.ID)
		})
	}},
	{"look-at-file", "a member of staff", "Open the safeguarding file about a pupil.", []param{ofPupil}, func(w *world, c call) error {
		return w.onFile(c, func(by desk.By, f concern.File) error {
			_, err := w.books.Concerns.Look(context.Background(), by, f.ID)
			return err
		})
	}},
	{"file-step", "a member of staff", "Record a step of the file's checklist.", []param{ofPupil,
		{name: "step", kind: aText, needed: true, about: "the step; all for every one that is open"},
		{name: "is", kind: aChoice, needed: true, among: []string{string(concern.Done), string(concern.NotNeeded)}, about: "how far it is"},
		{name: "ref", kind: aText, about: "a reference"}, {name: "why", kind: aText, about: "why it is not needed"}}, fileStep},
	{"file-entry", "a member of staff", "Write into the file about a pupil.", []param{ofPupil,
		{name: "kind", kind: aChoice, needed: true, among: choices(concern.Kinds), about: "what it is"},
		{name: "text", kind: aText, needed: true, about: "the text"}, {name: "ref", kind: aText, about: "a reference"}}, fileEntry},
	{"delete-copies", "a member of staff", "Record that copies were deleted.", []param{ofPupil, {name: "text", kind: aText, needed: true, about: "what was deleted"}}, func(w *world, c call) error {
		return w.onFile(c, func(by desk.By, f concern.File) error {
			return w.books.Concerns.Deleted(context.Background(), by, f.ID, c.text("text"), "")
		})
	}},
	{"close-file", "a member of staff", "Close the file about a pupil.", []param{ofPupil, {name: "text", kind: aText, needed: true, about: "what came of it"}}, func(w *world, c call) error {
		return w.onFile(c, func(by desk.By, f concern.File) error {
			return w.books.Concerns.Close(context.Background(), by, f.ID, concern.PoliceHas, c.text("text"))
		})
	}},
	{"end-item-hold", "a member of staff", "Agree to the end of the hold on a device in custody.", []param{ofPupil}, endItemHold},
}

func raiseConcern(w *world, c call) error {
	by, of, err := w.pair(c, "of")
	if err != nil {
		return err
	}
	in := concern.Raised{Category: concern.Category(c.text("sort")), About: []string{of.id},
		Seized: concern.Seizure{Power: concern.Power(c.text("power")), Lock: concern.Answer(c.text("locked")), Percent: c.number("percent")}}
	if d := c.or("device", "none"); d != "none" {
		in.Device = concern.Device{In: concern.In(d), Whose: of.id, What: desk.Phone, Zone: desk.Elsewhere}
	}
	f, err := w.books.Concerns.Raise(context.Background(), by.deskBy(), in)
	if err != nil {
		return err
	}
	if in.Device.In == concern.InHand {
		w.items[f.Items[0]] = of
		w.moves(of, inHands+by.name)
	}
	return nil
}

func putIntoEvidence(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	ordered, err := w.books.Custody.Put(context.Background(), by.deskBy(), i.ID, c.text("into"), locker.ClassEvidence)
	if err != nil {
		return err
	}
	return w.obey(ordered, func(d door) { w.moves(of, atDoor+d.String()) })
}

func keepIn(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	if err := w.books.Custody.Move(context.Background(), by.deskBy(), i.ID, desk.At(c.text("spot"))); err != nil {
		return err
	}
	w.moves(of, atSpot+c.text("spot"))
	return nil
}

// onFile does something about the newest file about a pupil, as far as whoever acts
// may know of it.
func (w *world) onFile(c call, do func(by desk.By, f concern.File) error) error {
	by, of, err := w.pair(c, "of")
	if err != nil {
		return err
	}
	list := w.books.Concerns.Files(by.deskBy())
	n := slices.IndexFunc(list, func(f concern.File) bool { return f.Is(of.id) })
	if n < 0 {
		return errs.New(errs.NotFound, "There is no such file.", "")
	}
	return do(by.deskBy(), list[n])
}

func fileStep(w *world, c call) error {
	return w.onFile(c, func(by desk.By, f concern.File) error {
		for _, l := range f.Steps {
			if c.text("step") != l.ID && (c.text("step") != "all" || l.State != concern.Todo) {
				continue
			}
			err := w.books.Concerns.Set(context.Background(), by, f.ID, l.ID, concern.State(c.text("is")), time.Time{}, c.text("ref"), c.text("why"))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func fileEntry(w *world, c call) error {
	return w.onFile(c, func(by desk.By, f concern.File) error {
		return w.books.Concerns.Write(context.Background(), by, f.ID, concern.Kind(c.text("kind")), c.text("text"), c.text("ref"))
	})
}

func endItemHold(w *world, c call) error {
	by, _, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	for _, bar := range w.books.Desk.Standing() {
		if bar.On.Item == i.ID {
			_, err := w.books.Desk.End(context.Background(), by.deskBy(), bar.ID)
			return err
		}
	}
	return wrong("No hold stands on it.")
}
