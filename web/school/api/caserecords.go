package api

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Note is a text that is added to a case.
type Note struct {
	Text      string `json:"text"`
	Condition bool   `json:"condition,omitempty" doc:"it tells of another look at the device's condition"`
}

// Correction is a text about an entry of a case, which stays as it is.
type Correction struct {
	Corrects int    `json:"corrects" doc:"the number of the entry"`
	Text     string `json:"text"`
}

var (
	exampleTime   = time.Date(2026, 11, 23, 11, 30, 0, 0, time.UTC)
	exampleSearch = desk.Search{Of: desk.OfBag, At: exampleTime, Where: "Office", Why: "A second phone was seen.", LookedFor: "A phone", Scope: "The bag, not the coat",
		Found: "Nothing", Witness: "Mr Webb", Consent: desk.PupilsConsent, ConsentBy: "The pupil", ConsentHow: "Spoken", ConsentAt: exampleTime.Add(-time.Minute)}
	exampleDeletion = desk.Deletion{What: "A recording of a lesson", At: exampleTime, Witness: "Mr Webb", Consent: desk.ParentsConsent,
		ConsentBy: "Mother", ConsentHow: "By telephone", ConsentAt: exampleTime.Add(-time.Minute)}
)

// recordOperations add to the record of a case. Nothing in it is ever changed.
func (a *api) recordOperations() []operation {
	return []operation{
		change("/cases/:case/searches", roles.RecordSearch, created, "Record a search that the caller made", exampleSearch, a.search).by(kit.ForPeople),
		change("/cases/:case/deletions", roles.RecordSearch, created, "Record that content was deleted from a device", exampleDeletion, a.deletion).by(kit.ForPeople),
		change("/cases/:case/notes", roles.MoveItem, created, "Add a note to a case", Note{Text: "The mother rang."}, a.note).by(kit.ForAll),
		change("/cases/:case/corrections", roles.Correct, created, "Add a correction to a case", Correction{1, "It was room 15."}, a.correct).by(kit.ForPeople),
		change("/cases/:case/seen", roles.SeeReasons, ok, "Take note that somebody asked for a device whom it must not go to", Nothing{}, a.seen).by(kit.ForPeople),
	}
}

// added does something with the case in the path, if it is the caller's to see, and
// gives its last entry.
func (a *api) added(c echo.Context, do func(id string) error) (Entry, error) {
	file, err := a.inside(c)
	if err == nil {
		err = do(file.ID)
	}
	if err != nil {
		return Entry{}, err
	}
	if file, err = a.inside(c); err != nil {
		return Entry{}, err
	}
	return a.entry(c.Request().Context(), file.Entries[len(file.Entries)-1])
}

func (a *api) search(c echo.Context, in desk.Search) (Entry, error) {
	return a.added(c, func(id string) error { return a.Custody.RecordSearch(c.Request().Context(), a.staff(c), id, in) })
}

func (a *api) deletion(c echo.Context, in desk.Deletion) (Entry, error) {
	return a.added(c, func(id string) error { return a.Custody.RecordDeletion(c.Request().Context(), a.staff(c), id, in) })
}

func (a *api) note(c echo.Context, in Note) (Entry, error) {
	return a.added(c, func(id string) error {
		return a.Custody.AddNote(c.Request().Context(), a.staff(c), id, in.Condition, in.Text)
	})
}

func (a *api) correct(c echo.Context, in Correction) (Entry, error) {
	return a.added(c, func(id string) error {
		return a.Custody.Correct(c.Request().Context(), a.staff(c), id, in.Corrects, in.Text)
	})
}

func (a *api) seen(c echo.Context, _ Nothing) (Entry, error) {
	return a.added(c, func(id string) error { return a.Custody.SeeRefusals(c.Request().Context(), a.staff(c), id) })
}
