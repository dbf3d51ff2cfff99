package cases

import (
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

var reasonWords = map[desk.Reason]string{
	desk.Breach: "Phone policy", desk.Behaviour: "Behaviour", desk.Bullying: "Bullying",
	desk.PossibleImage: "It may hold an indecent image", desk.Exam: "Exam", desk.OtherReason: "Another reason",
}

var reasonHints = map[desk.Reason]string{
	desk.Breach:        "Seen or heard when it should not be",
	desk.PossibleImage: "Do not look. Do not ask to see it. Describe the concern, not the image",
}

var searchWords = map[desk.Searched]string{
	desk.OfPupil: "The pupil", desk.OfBag: "A bag or other belongings", desk.OfDevice: "The outside of the device", desk.OfContent: "What is on the device",
}

var consentWords = map[desk.Consent]string{
	desk.PupilsConsent: "The pupil", desk.ParentsConsent: "A parent or carer", desk.Statutory: "Nobody: the law and the school's rules authorise me",
}

var identityWords = map[desk.Identity]string{
	desk.KnownToStaff: "Known to staff", desk.PhotoID: "Photo ID seen", desk.ByCode: "One-time code shown",
}

var outcomeWords = map[desk.Outcome]string{
	desk.ReleasedToAdult: "Released", desk.ReleasedToPupil: "Released to the pupil", desk.Returned: "Returned: may keep it", desk.HandedToPolice: "Handed to the police",
}

var entryWords = map[string]string{
	desk.KindCaseOpened: "Confiscation recorded", desk.KindCondition: "Condition, added", desk.KindNote: "Note", desk.KindCorrection: "Correction",
	desk.KindSearch: "Search", desk.KindDeletion: "Deletion", desk.KindCodeMade: "One-time code made", desk.KindRefused: "Release refused",
	desk.KindRefusalSeen: "Refused release noted", desk.KindReleased: "Release recorded", desk.KindWithdrawn: "Release withdrawn",
	desk.KindReturned: "Returned to the pupil", desk.KindItemMoved: "Moved", desk.KindPutAsked: "Bank told to open a door for it",
	desk.KindTakeAsked: "Bank told to let it out", desk.KindHandedOut: "Behind a door, says the bank", desk.KindTakenIn: "Out of its door, says the bank",
}

var noticeWords = map[notify.State]string{
	notify.Prepared: "Prepared", notify.Queued: "Waits to be sent", notify.Deferred: "Refused for now, tried again", notify.Sending: "Being sent",
	notify.Sent: "Sent", notify.Failed: "Not sent", notify.Unsure: "Nobody knows whether it was sent", notify.Printed: "Printed", notify.Cancelled: "Cancelled",
}

// options are choices in the given order.
func options[T ~string](list []T, words map[T]string, hints map[T]string) []kit.Option {
	return kit.Options(list, func(v T) string { return words[v] }, hints)
}

// refusalWords say why a bank did not do as it was told, and what to do.
func refusalWords(a locker.Answer) (why, next string) {
	switch a {
	case locker.Barred:
		return "The bank keeps that door shut.", "Do not release. See the safeguarding lead."
	case locker.EvidenceKept:
		return "Nothing comes out of an evidence door by this page.", "See the safeguarding lead."
	case locker.InDoubt:
		return "Nobody has seen yet what is behind that evidence door.", "Two people look first: see the list Doors to look at."
	case locker.NoDoor:
		return "No door is free there.", "Choose another bank, or keep the device in the office."
	case locker.DoorOpen:
		return "The door stands open.", "Shut it and try again."
	case locker.AlreadyHeld, locker.Occupied:
		return "Something is behind that door already.", "Look at the bank's page."
	case locker.Busy:
		return "Somebody is at that door.", "Try again in a minute."
	case locker.NothingHeld:
		return "The bank has no such device.", "Look where the device is, and record it."
	case locker.NoReply:
		return "The lock does not answer.", "Use the bank's key, and tell IT."
	}
	return "The bank did not do it.", "Try again in a few seconds, or use the bank's key."
}

// person is a member of staff or pupil by name, or what is known of them. A
// supply teacher is in no register, but has an account.
func (o *pages) person(id string) string {
	if p, ok := o.Config.People.Person(id); ok && p.Name() != "" {
		return p.Name()
	}
	if o.Called != nil {
		if name := o.Called(id); name != "" {
			return name
		}
	}
	return strings.TrimPrefix(strings.TrimPrefix(id, "x-"), "s-")
}

// pupil is a pupil's name with their form.
func (o *pages) pupil(id string) string {
	p, ok := o.Config.People.Person(id)
	if !ok || p.Name() == "" {
		return "Somebody not known here"
	}
	if p.Form == "" {
		return p.Name()
	}
	return p.Name() + " (" + p.Form + ")"
}

// place says where an item is.
func (o *pages) place(p desk.Place) string {
	switch p.Kind {
	case desk.Behind:
		return kit.BankName(p.Bank) + ", door " + number(p.Door)
	case desk.Hands:
		return "In the hands of " + o.person(p.Person)
	case desk.AtSpot:
		return o.spot(p.Spot)
	case desk.Gone:
		switch p.To {
		case desk.ToParent:
			return "With a parent or carer"
		case desk.ToPolice:
			return "With the police"
		}
		return "Back with the pupil"
	}
	return "Not known"
}

func (o *pages) spot(id string) string {
	for _, s := range o.Spots {
		if s.ID == id {
			return s.Label
		}
	}
	return id
}

var errNoCase = errs.New(errs.NotFound, "There is no such case for you.", "Look at the list.")
