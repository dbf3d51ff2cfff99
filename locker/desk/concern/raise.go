package concern

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Raised is what somebody says who is worried. Only Category must be said.
type Raised struct {
	Category Category
	Area     Area
	About    []string // persons of the register
	Text     string   // the concern, not the image
	Device   Device
	Seized   Seizure
}

// Device is how a device comes into a concern.
type Device struct {
	In    In
	Whose string    // person; "" while nobody knows
	What  desk.What // with InHand
	Zone  desk.Zone // with InHand
	Item  string    // with InCustody
}

// In is where the device is when the concern is raised.
type In string

// The ways.
const (
	NoDevice   In = ""
	InHand     In = "hand"    // whoever raises it has taken it
	BehindDoor In = "door"    // the pupil handed it in: it stays there, and the door stays shut
	InCustody  In = "custody" // the school has it already
)

// Raise opens a file. With a device the hold comes first: on the device, or, where
// it lies behind a pupil's door, on the pupil, so that the door opens for nobody.
// Whoever raises it need not be able to see the file. Errors: denied, invalid by
// field, conflict, unavailable while the store is locked, those of ledger and vault.
func (b *Book) Raise(ctx context.Context, by desk.By, in Raised) (File, error) {
	b.command.Lock()
	defer b.command.Unlock()
	in.Text = strings.TrimSpace(in.Text)
	if !roles.May(by.Roles, roles.RaiseConcern, roles.Target{}, b.Stamp().Wall) {
		return File{}, errs.New(errs.Denied, "You may not do that.", "Tell the safeguarding lead yourself.")
	}
	if err := b.checkRaised(in); err != nil {
		return File{}, err
	}
	e := body{File: "f-" + random()}
	if err := b.secure(ctx, by, in, &e); err != nil {
		return File{}, err
	}
	about := in.About
	if p := in.Device.Whose; p != "" && !slices.Contains(about, p) {
		about = append(slices.Clone(about), p)
	}
	if in.Device.In != NoDevice {
		in.Seized.At = b.Stamp().Wall.UTC()
	}
	err := b.record(ctx, by, KindOpened, e, &text{Category: in.Category, Area: in.Area, About: about, Seized: in.Seized, Text: in.Text})
	if err != nil {
		return File{}, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.files[e.File].copied(), nil
}

func (b *Book) checkRaised(in Raised) error {
	var list []error
	at := func(wrong bool, field, message, hint string) {
		if wrong {
			list = append(list, errs.At(field, message, hint))
		}
	}
	at(!in.Category.known(), "category", "It is not said what sort of concern it is.", "Choose one.")
	at(in.Area != NoArea && !slices.Contains(Areas, in.Area), "area", "That is no area.", "Choose one.")
	at(len(in.Text) > MaxText, "text", "The text is too long.", "Use up to 8,000 characters.")
	at(len(in.About) > MaxAbout, "about", "A file is about up to 20 people.", "Open another file.")
	at(len(in.Seized.Touched) > maxLine, "touched", "The text is too long.", "Use up to 200 characters.")
	at(in.Seized.Percent < 0 || in.Seized.Percent > 100, "percent", "A battery has 0 to 100 per cent.", "Correct it, or leave it empty.")
	at(!slices.Contains([]Power{"", On, Off}, in.Seized.Power), "power", "That is no answer.", "Choose one.")
	for _, a := range []Answer{in.Seized.Lock, in.Seized.Flight} {
		at(!slices.Contains([]Answer{"", Yes, No}, a), "locked", "That is no answer.", "Choose one.")
	}
	for _, p := range append(slices.Clone(in.About), in.Device.Whose) {
		if _, known := b.People.Person(p); p != "" && !known {
			at(true, "about", "Nobody of that number is known here.", "Look for the name.")
		}
	}
	if !b.Texts.Open() && in.Device.In == NoDevice {
		list = append(list, errs.New(errs.Unavailable, "Safeguarding files are locked on this computer.", "Tell the safeguarding lead yourself, now. IT brings the key back."))
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if len(b.order) >= MaxFiles {
		list = append(list, errs.New(errs.Conflict, "There are too many files.", "Ask IT."))
	}
	return errors.Join(list...)
}

// secure places the hold and takes the device into custody.
func (b *Book) secure(ctx context.Context, by desk.By, in Raised, e *body) error {
	switch in.Device.In {
	case InHand:
		reason := desk.Evidence
		if in.Category == Imagery || in.Category == Indecent {
			reason = desk.PossibleImage
		}
		file, err := b.Custody.Suspect(ctx, by, desk.Suspicion{Whose: in.Device.Whose, What: in.Device.What, Zone: in.Device.Zone, Reason: reason})
		e.Item, e.Case = file.Item, file.ID
		return err
	case InCustody:
		if err := b.Custody.Keep(ctx, by, in.Device.Item); err != nil {
			return err
		}
		item, err := b.Custody.Item(in.Device.Item)
		e.Item, e.Case = item.ID, item.Case
		return err
	case BehindDoor:
		var err error
		e.Bar, err = b.keepShut(ctx, by, in.Device.Whose)
		return err
	}
	return nil
}

// keepShut holds a pupil's own door: every scan of theirs goes to the office. Where
// a hold stands already, that one is enough.
func (b *Book) keepShut(ctx context.Context, by desk.By, person string) (string, error) {
	if person == "" {
		return "", errs.At("whose", "It is not said whose device it is.", "Look for the pupil’s name.")
	}
	on := locker.Subject{Person: person}
	bar, err := b.Bars.Place(ctx, by.Account, desk.Hold, on)
	if errs.CodeOf(err) == errs.Conflict {
		for _, other := range b.Bars.Standing() {
			if other.Kind == desk.Hold && other.On == on {
				return other.ID, nil
			}
		}
	}
	return bar.ID, err
}

// Adopt opens a file for every device in custody that may be evidence and has none:
// one that was confiscated as such, or whose file was cut off by a crash. Errors:
// those of Raise.
func (b *Book) Adopt(ctx context.Context) error {
	b.command.Lock()
	defer b.command.Unlock()
	if !b.Texts.Open() {
		return nil // it is done once the key is back
	}
	for _, c := range b.Custody.Cases() {
		if !c.Facts.Reason.Restricted() || b.has(c.ID) {
			continue
		}
		t := text{Category: Imagery, Seized: Seizure{At: c.Facts.Taken}}
		if c.Facts.Reason == desk.Evidence {
			t.Category = Safeguarding
		}
		if c.Whose != "" {
			t.About = []string{c.Whose}
		}
		by := desk.By{}
		by.Account, by.Person = c.By, c.Facts.Taker
		if err := b.record(ctx, by, KindOpened, body{File: "f-" + random(), Item: c.Item, Case: c.ID}, &t); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) has(id string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.of[id]) > 0
}
