package records

import "time"

// visitors are whom accounts for a day are for.
type visitors struct{ records *Records }

// MayEnter says why a visitor may have no account; nil if they may.
func (v visitors) MayEnter(visit string) error { return v.records.Agreements.MayEnter(visit) }

// Called is a visitor's name, "" once it is not kept any more.
func (v visitors) Called(visit string) string {
	found, _ := v.records.Agreements.Visit(visit)
	return found.Name
}

// visitUntil is the end of a visit.
func (r *Records) visitUntil(visit string) (time.Time, bool) {
	v, ok := r.Agreements.Visit(visit)
	return v.Until, ok
}
