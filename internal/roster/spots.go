package roster

import "github.com/bellkeep/bellkeep/internal/school"

// Spot is a named place where staff keep a device: a safe, a numbered envelope.
type Spot struct{ ID, Name string }

// longestSpot bounds a place's name, in bytes.
const longestSpot = 60

func (r *reader) spots(list []spotFile) []Spot {
	var spots []Spot
	taken := map[string]bool{}
	for _, f := range bounded(r, "spots", list) {
		switch {
		case !school.ValidID(f.ID.V):
			r.fault(f.ID.Line, "spots: a place needs an id of small letters, digits and hyphens, like envelope-12")
		case taken[f.ID.V]:
			r.fault(f.ID.Line, "spots: %s stands twice", f.ID.V)
		case f.Name.V == "" || len(f.Name.V) > longestSpot:
			r.fault(f.ID.Line, "spots: %s needs a name of up to %d bytes, like Envelope 12", f.ID.V, longestSpot)
		}
		taken[f.ID.V] = true
		spots = append(spots, Spot{f.ID.V, f.Name.V})
	}
	return spots
}
