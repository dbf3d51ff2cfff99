package records

import (
	"slices"

	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
)

// kept are all devices that are out of their owners' hands now, by person: behind
// pupil doors, in the trays of classes, and in the school's custody. Of what a stop or
// hold stands on, whoever invigilates learns that it is kept and not where.
func (r *Records) kept() map[string][]exam.Kept {
	all := map[string][]exam.Kept{}
	if r.behind != nil {
		for person, place := range r.behind() {
			all[person] = append(all[person], exam.Kept{What: desk.Phone, Place: place})
		}
	}
	for _, i := range r.Custody.Items() {
		if i.Whose == "" {
			continue
		}
		k := exam.Kept{What: i.What, Place: i.Place}
		if i.Why == desk.PutInAtBank || r.Custody.Stands(i) {
			k.Place = desk.Place{}
		}
		all[i.Whose] = append(all[i.Whose], k)
	}
	for _, t := range r.Trays.Trays() {
		for _, pupil := range t.Pupils() {
			for _, what := range t.Here(pupil) {
				all[pupil] = append(all[pupil], exam.Kept{What: what, Place: t.Place})
			}
		}
	}
	for _, list := range all {
		slices.SortStableFunc(list, func(a, b exam.Kept) int { return slices.Index(desk.Whats, a.What) - slices.Index(desk.Whats, b.What) })
	}
	return all
}
