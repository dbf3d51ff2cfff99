package desk

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
)

// model is what must hold, said once more and as simply as can be: one place for
// each device, and for each thing that may do harm when it may be done.
type model struct {
	items map[string]*modelItem
	order []string         // of the items
	bars  []locker.Subject // all that stand, of the school and of banks
}

type modelItem struct {
	whose, place string // place: hands, spot, door 1 ..., parent, owner
	door         int
	file         string
	reason       Reason
	taken        time.Time
	despite      bool
	released, to string // released: on record
}

func (m *model) barred(id string) bool {
	i := m.items[id]
	return slices.ContainsFunc(m.bars, func(s locker.Subject) bool {
		return s.Item == id || s.Person != "" && s.Person == i.whose || s.Door != 0 && i.place == "door" && s.Door == i.door
	})
}

func (i *modelItem) gone() bool { return i.place == "parent" || i.place == "owner" }
func (i *modelItem) open() bool { return i.file != "" && !i.gone() }

// mayRelease: at or after the bell of the day it was taken, to the mother, who
// alone is listed with parental responsibility and no restriction, or to the
// pupil where the rules say so; never past a bar; by office or head.
func (m *model) mayRelease(id string, by By, r Release, rules policy.Rules, at time.Time, trusted bool) bool {
	i := m.items[id]
	end := time.Date(i.taken.Year(), i.taken.Month(), i.taken.Day(), 15, 15, 0, 0, time.UTC)
	known := r.Identity == PhotoID || r.Identity == KnownToStaff
	adult := r.To == ToParent && r.Contact == "C1" && known && r.Signed.Name != ""
	pupil := r.To == ToOwner && rules.ReleaseTo == policy.ToPupil
	return i.open() && i.released == "" && !m.barred(id) && trusted && !at.Before(end) && (adult || pupil) && by.Account != "teacher"
}

func (m *model) release(id string, r Release) {
	i := m.items[id]
	i.to = map[To]string{ToParent: "parent", ToOwner: "owner"}[r.To]
	if i.released = i.to; i.place != "door" {
		i.place = i.to
	}
}

// mayReturn: only to a pupil who may keep it, now or when it was taken.
func (m *model) mayReturn(id string, exempt bool) bool {
	i := m.items[id]
	return i.open() && (exempt || i.despite) && (i.place == "hands" || i.place == "spot") && !m.barred(id)
}

// maySearch: by leadership, with a witness and consent, and nobody looks at what
// is on a device that may hold an indecent image.
func (m *model) maySearch(id string, by By, s Search) bool {
	return by.Account == "head" && s.Witness != "" && s.Consent == PupilsConsent && s.ConsentBy != "" &&
		!(s.Of == OfContent && m.items[id].reason == PossibleImage)
}

// mayDelete: the same, and never past a bar.
func (m *model) mayDelete(id string, by By, d Deletion) bool {
	return by.Account == "head" && d.Witness != "" && d.Consent == ParentsConsent && !m.barred(id) && m.items[id].reason != PossibleImage
}

func (m *model) tookIn(id string, door int) {
	if m.items[id].gone() { // it had not left after all
		m.items[id].released = ""
	}
	m.items[id].place, m.items[id].door = "door", door
}

func (m *model) letOut(id string) {
	i := m.items[id]
	i.place, i.door = "hands", 0
	if i.released != "" {
		i.place = i.to
	}
}

// keeps: somebody with a device here or an open case cannot be removed.
func (m *model) keeps(person string) bool {
	for _, i := range m.items {
		if i.whose == person && !i.gone() {
			return true
		}
	}
	return false
}
