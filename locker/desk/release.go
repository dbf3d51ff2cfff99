package desk

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Release is what somebody says who hands a confiscated device over.
type Release struct {
	Case     string
	To       To
	Contact  string // ToParent: the register's id of the adult
	Identity Identity
	Code     string // the one-time code that was shown, for ByCode
	Signed   Signature
}

// Identity is how staff know that the adult is who they say.
type Identity string

// The identity checks.
const (
	KnownToStaff Identity = "known"
	PhotoID      Identity = "photo-id"
	ByCode       Identity = "code"
)

// Signature is what the adult signed with: their name typed, or a path drawn.
type Signature struct {
	Name string `json:"name,omitempty"`
	Path string `json:"path,omitempty"` // SVG path data: M and L with whole numbers only, in a box of 600 by 200
}

// MaxPath is how long a drawn signature may be, in bytes.
const MaxPath = 8 << 10

var pathForm = regexp.MustCompile(`^(M[0-9]{1,3},[0-9]{1,3}(L[0-9]{1,3},[0-9]{1,3})*)+$`)

// Check refuses what is no signature. Errors: invalid by field.
func (s Signature) Check() error {
	switch {
	case s.Name == "" && s.Path == "":
		return errs.At("name", "Nobody has signed.", "Let the adult sign, or type their name.")
	case len(s.Name) > MaxText:
		return tooLong("name")
	case s.Path != "" && (len(s.Path) > MaxPath || !pathForm.MatchString(s.Path)):
		return errs.At("path", "The drawn signature cannot be kept.", "Sign again, or type the name.")
	}
	return nil
}

// Receiver is what the vault holds of the adult a device went to, or must not go
// to, as the register had them then.
type Receiver struct {
	Contact      string    `json:"contact,omitempty"`
	Name         string    `json:"name,omitempty"`
	Relationship string    `json:"relationship,omitempty"`
	Signed       Signature `json:"signed,omitzero"`
}

func receiver(a register.Contact) Receiver {
	return Receiver{Contact: a.ID, Name: register.Details{Given: a.Given, Family: a.Family}.Name(), Relationship: a.Relationship}
}

// Blocked reports whether nothing may be handed to a contact without the
// safeguarding lead.
func Blocked(a register.Contact) bool { return a.NoContact || a.CourtOrder }

// MayReceive refuses an adult who may not be handed a pupil's device. Errors:
// denied for one with a restriction, without saying which; invalid by field.
func MayReceive(contacts []register.Contact, id string) error {
	n := slices.IndexFunc(contacts, func(a register.Contact) bool { return id != "" && a.ID == id })
	switch {
	case id == "":
		return errs.At("contact", "Choose who stands before you.", "Release only to somebody on the list.")
	case n < 0:
		return errs.At("contact", "That adult is not on the pupil's list.", "Release only to somebody on the list.")
	case Blocked(contacts[n]):
		return DoNotRelease()
	case !contacts[n].ParentalResponsibility:
		return errs.At("contact", "That adult is not listed with parental responsibility.", "Ask a parent or carer who is to come.")
	}
	return nil
}

// Due refuses a release before the end of the school day on which the case was
// opened: by the ledger's own time, not by what anybody typed. A day without
// school has ended. A clock that may be wrong ends no day. Errors: not now.
func Due(now ledger.Stamp, end time.Time, school bool) error {
	switch {
	case !now.Trusted:
		return errs.New(errs.NotNow, "The time is not certain, so nothing is released.", "Ask IT to look at the server's clock.")
	case school && now.Wall.Before(end):
		return errs.New(errs.NotNow, "It is not the end of the school day yet.", "The device can be released from then on.")
	}
	return nil
}

// ToWhom refuses a receiver that the rules do not name. Errors: denied, invalid
// by field.
func ToWhom(rules policy.Rules, to To) error {
	switch {
	case to == ToParent:
		return nil
	case to == ToOwner && rules.ReleaseTo == policy.ToPupil:
		return nil
	case to == ToOwner:
		return errs.New(errs.Denied, "A confiscated device does not go back to the pupil.", "Release it to a parent or carer.")
	}
	return errs.At("to", "It is not said who gets the device.", "Choose the adult.")
}

// EndOfDay is when a school day is over by the plan that banks have: from then on
// everybody may collect. It is false on a day without that.
func EndOfDay(plan school.Plan, at time.Time, zone *time.Location) (end time.Time, ok bool) {
	day := school.DateOf(at.In(zone))
	for _, w := range plan.Windows {
		if w.Use == school.Collection && w.Wave == "" && school.DateOf(w.From.In(zone)) == day {
			return w.From, true
		}
	}
	return time.Time{}, false
}

// Hand records a release, which is in force before any door is opened for it.
// An item that is not behind a door is gone with it. An attempt to hand it to an
// adult with a restriction goes on record too. Errors: denied, not_now,
// not_found, conflict, invalid by field, those of vault and ledger.
func (c *Custody) Hand(ctx context.Context, by By, r Release) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp()
	if err := by.may(roles.ReleaseItem, now.Wall); err != nil {
		return err
	}
	file, i, err := c.file(r.Case)
	if err != nil {
		return err
	}
	if r.Contact, err = c.shown(ctx, file, r, now.Wall); err != nil {
		return err
	}
	adult := c.contact(file.Whose, r.Contact)
	if r.To == ToParent && Blocked(adult) && file.Open() {
		if err := c.turnAway(ctx, by, file, adult); err != nil {
			return err
		}
		return DoNotRelease()
	}
	end, isSchool := c.Ends(file.Opened)
	err = cmp.Or(file.releasable(i), ToWhom(c.Rules(), r.To), c.barred(i, now.Wall), Due(now, end, isSchool))
	if err == nil && r.To == ToOwner {
		err = c.inPaper(i)
	}
	if err != nil {
		return err
	}
	e := body{Case: file.ID, Item: i.ID, To: r.To}
	to := Receiver{Signed: r.Signed}
	if r.To == ToParent {
		if err := errors.Join(MayReceive(c.People.Contacts(file.Whose), r.Contact), r.identified(), r.Signed.Check()); err != nil {
			return err
		}
		to = receiver(adult)
		to.Signed, e.Identity = r.Signed, r.Identity
		if r.Identity == ByCode {
			e.Hash = hashOf(r.Code)
		}
	}
	return c.record(ctx, by, KindReleased, e, to)
}

// HandOver records a release and, where the device is behind a door, that it is to
// come out; what is not is zero. A release stands even if something bars the door:
// it is pending then. Errors: those of Hand and TakeOut.
func (c *Custody) HandOver(ctx context.Context, by By, r Release) (Ordered, error) {
	if err := c.Hand(ctx, by, r); err != nil {
		return Ordered{}, err
	}
	file, i, err := c.file(r.Case)
	if err != nil || i.Place.Kind != Behind {
		return Ordered{}, err
	}
	what, err := c.TakeOut(ctx, by, file.Item)
	if code := errs.CodeOf(err); code == errs.Denied || code == errs.Conflict {
		return Ordered{}, nil // the case shows what stands against the door
	}
	return what, err
}

func (r Release) identified() error {
	if r.Identity != KnownToStaff && r.Identity != PhotoID && r.Identity != ByCode {
		return errs.At("identity", "It is not said how you know who this is.", "Choose how you checked.")
	}
	return nil
}

// releasable refuses a case that is over, or whose device is not here.
func (file Case) releasable(i Item) error {
	switch {
	case !file.Open():
		return closed()
	case file.Release != nil:
		return errs.New(errs.Conflict, "The release is on record already.", "Open the door, or withdraw the release.")
	case !i.Open():
		return errs.New(errs.Conflict, "The device is not in the school's custody any more.", "Look at its record.")
	}
	return nil
}

// contact is one of a pupil's contacts, or nobody.
func (c *Custody) contact(pupil, id string) register.Contact {
	for _, a := range c.People.Contacts(pupil) {
		if a.ID == id {
			return a
		}
	}
	return register.Contact{}
}

// mostRefusals bounds the attempts of one case that are recorded one by one.
const mostRefusals = 50

func (c *Custody) turnAway(ctx context.Context, by By, file Case, adult register.Contact) error {
	if len(file.Refused) >= mostRefusals {
		return nil
	}
	return c.record(ctx, by, KindRefused, body{Case: file.ID}, receiver(adult))
}

// SeeRefusals records that somebody responsible has taken note of the attempts to
// hand a device to an adult it must not go to. Errors: denied, not_found, those
// of the ledger.
func (c *Custody) SeeRefusals(ctx context.Context, by By, id string) error {
	c.command.Lock()
	defer c.command.Unlock()
	if err := by.may(roles.SeeReasons, c.Stamp().Wall); err != nil {
		return err
	}
	if _, err := c.Case(id); err != nil {
		return err
	}
	return c.record(ctx, by, KindRefusalSeen, body{Case: id}, nil)
}

// Withdraw takes a release back whose device is still behind its door. Errors:
// denied, not_found, conflict, those of the ledger.
func (c *Custody) Withdraw(ctx context.Context, by By, id string) error {
	c.command.Lock()
	defer c.command.Unlock()
	if err := by.may(roles.ReleaseItem, c.Stamp().Wall); err != nil {
		return err
	}
	file, err := c.Case(id)
	if err != nil {
		return err
	}
	if file.Release == nil || !file.Release.Pending {
		return errs.New(errs.Conflict, "There is no release to withdraw.", "Look at the case.")
	}
	return c.record(ctx, by, KindWithdrawn, body{Case: id}, nil)
}
