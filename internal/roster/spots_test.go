package roster

import (
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
)

func TestSpots(t *testing.T) {
	spot := func(id, name string) spotFile {
		return spotFile{ID: text{V: id, Line: 3}, Name: text{V: name, Line: 3}}
	}
	for fault, list := range map[string][]spotFile{
		"":                           {spot("safe", "Office safe"), spot("envelope-1", "Envelope 1")},
		"needs an id":                {spot("Envelope 1", "Envelope 1")},
		"safe stands twice":          {spot("safe", "Office safe"), spot("safe", "Another")},
		"safe needs a name":          {spot("safe", "")},
		"tray needs a name of up to": {spot("tray", strings.Repeat("x", longestSpot+1))},
	} {
		var faults config.Faults
		r := reader{path: "school.yaml", faults: &faults}
		got := r.spots(list)
		if fault == "" && (len(faults.List()) > 0 || !slices.Equal(got, []Spot{{"safe", "Office safe"}, {"envelope-1", "Envelope 1"}})) {
			t.Errorf("%v: %v", got, faults.List())
		}
		if fault != "" && (len(faults.List()) != 1 || !strings.Contains(faults.List()[0].Message, fault)) {
			t.Errorf("want %q: %v", fault, faults.List())
		}
	}
}
