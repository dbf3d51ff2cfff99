package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Searched is what a search was of.
type Searched string

// The kinds of search.
const (
	OfPupil   Searched = "pupil"
	OfBag     Searched = "bag"
	OfDevice  Searched = "device"         // the outside of it
	OfContent Searched = "device-content" // somebody looked at what is on it
)

// Searches are all kinds of search.
var Searches = []Searched{OfPupil, OfBag, OfDevice, OfContent}

// Consent is whose consent something was done with.
type Consent string

// The consents. Statutory is a search without consent by somebody whom the
// school's rules authorise.
const (
	PupilsConsent  Consent = "pupil"
	ParentsConsent Consent = "parent"
	Statutory      Consent = "statutory"
)

// Search is the record of a search, as the vault holds it. Whoever records it is
// the searcher. It holds words only: never what is on a device.
type Search struct {
	Of          Searched  `json:"of"`
	At          time.Time `json:"at"`
	Where       string    `json:"where"`
	Why         string    `json:"why"`
	LookedFor   string    `json:"looked_for"`
	Scope       string    `json:"scope"` // what was and was not searched
	Found       string    `json:"found"`
	Witness     string    `json:"witness"`
	Consent     Consent   `json:"consent"`
	ConsentBy   string    `json:"consent_by,omitempty"`  // who gave it, in words
	ConsentHow  string    `json:"consent_how,omitempty"` // spoken, written, by telephone
	ConsentAt   time.Time `json:"consent_at,omitzero"`
	ParentsTold time.Time `json:"parents_told,omitzero"` // zero: not yet
}

// Check gives all that is wrong with a search that searcher records at now.
// Errors: invalid by field, denied.
func (s Search) Check(rules policy.Rules, file Case, searcher string, now time.Time) error {
	f := faults{now: now}
	f.when(!slices.Contains(Searches, s.Of), "of", "It is not said what was searched.", "Choose what was searched.")
	f.past("at", s.At)
	f.text("where", s.Where)
	f.text("why", s.Why)
	f.text("looked_for", s.LookedFor)
	f.text("scope", s.Scope)
	f.text("found", s.Found)
	f.text("witness", s.Witness)
	f.consent(s.Consent, s.ConsentBy, s.ConsentHow, s.ConsentAt, slices.Contains(rules.Search.Statutory, searcher))
	f.when(rules.Search.Consent == policy.ParentOnly && s.Consent == PupilsConsent, "consent", "The school's rules ask for a parent's or carer's consent.", "Ask them first.")
	f.when(!s.ConsentAt.IsZero() && s.ConsentAt.After(s.At), "consent_at", "Consent comes before a search.", "Say when it was given.")
	if !s.ParentsTold.IsZero() {
		f.past("parents_told", s.ParentsTold)
	}
	if s.Of == OfContent && file.Facts.Reason.Restricted() {
		f.list = append(f.list, lookedAt())
	}
	return errors.Join(f.list...)
}

func lookedAt() error {
	e := errs.New(errs.Denied, "Nobody looks at what may be an indecent image.", "Stop, and tell the safeguarding lead now.")
	e.Field = "of"
	return e
}

// Deletion is the record of content that was deleted from a device, as the vault
// holds it: a description, never the content.
type Deletion struct {
	What       string    `json:"what"` // a description
	At         time.Time `json:"at"`
	Witness    string    `json:"witness"`
	Consent    Consent   `json:"consent"`
	ConsentBy  string    `json:"consent_by,omitempty"`
	ConsentHow string    `json:"consent_how,omitempty"`
	ConsentAt  time.Time `json:"consent_at,omitzero"`
}

// Check gives all that is wrong with a deletion at now. barred says why nothing
// may be done to the device, or nil. Errors: invalid by field, denied.
func (d Deletion) Check(file Case, barred error, now time.Time) error {
	if file.Facts.Reason.Restricted() {
		return errs.New(errs.Denied, "Nothing is deleted from what may be evidence.", "See the safeguarding lead.")
	}
	if barred != nil {
		return errs.New(errs.Denied, "Nothing is deleted from this device.", "See the safeguarding lead.")
	}
	f := faults{now: now}
	f.text("what", d.What)
	f.past("at", d.At)
	f.text("witness", d.Witness)
	f.consent(d.Consent, d.ConsentBy, d.ConsentHow, d.ConsentAt, false)
	f.when(!d.ConsentAt.IsZero() && d.ConsentAt.After(d.At), "consent_at", "Consent comes before a deletion.", "Say when it was given.")
	return errors.Join(f.list...)
}

// RecordSearch adds a search to a case. Errors: denied, not_found, conflict,
// invalid by field, those of vault and ledger.
func (c *Custody) RecordSearch(ctx context.Context, by By, id string, s Search) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	file, err := c.recordable(by, id, roles.RecordSearch, now)
	if err != nil {
		return err
	}
	if err := by.maySearch(c.Rules(), now); err != nil {
		return err
	}
	if err := s.Check(c.Rules(), c.evident(file), by.Person, now); err != nil {
		return err
	}
	return c.record(ctx, by, KindSearch, body{Case: id, Subject: s.Of, Consent: s.Consent}, s)
}

// maySearch reports whether the rules leave searches to whoever this is.
func (b By) maySearch(rules policy.Rules, now time.Time) error {
	head := slices.ContainsFunc(b.Roles, func(a roles.Assignment) bool { return a.Role == roles.Head && a.Holds(now) })
	if rules.Search.By == policy.ByHeadOnly && !head {
		return errs.New(errs.Denied, "At this school the headteacher searches, and nobody else.", "Ask the headteacher, or whoever acts as head.")
	}
	return nil
}

// RecordDeletion adds a deletion to a case. Errors: those of RecordSearch.
func (c *Custody) RecordDeletion(ctx context.Context, by By, id string, d Deletion) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	file, err := c.recordable(by, id, roles.RecordSearch, now)
	if err != nil {
		return err
	}
	i, err := c.Item(file.Item)
	if err != nil {
		return err
	}
	if err := d.Check(c.evident(file), c.barred(i, now), now); err != nil {
		return err
	}
	return c.record(ctx, by, KindDeletion, body{Case: id, Consent: d.Consent}, d)
}

// evident is a case as what it is: evidence, where its device came into a
// safeguarding file later.
func (c *Custody) evident(file Case) Case {
	if c.Secret != nil && c.Secret(file.Item) {
		file.Facts.Reason = Evidence
	}
	return file
}

// recordable finds a case that somebody with p may add an entry to.
func (c *Custody) recordable(by By, id string, p roles.Permission, now time.Time) (Case, error) {
	if err := by.may(p, now); err != nil {
		return Case{}, err
	}
	file, err := c.Case(id)
	if err == nil && len(file.Entries) >= MaxEntries {
		err = errs.New(errs.Conflict, "The record of this case is full.", "Ask IT.")
	}
	return file, err
}
