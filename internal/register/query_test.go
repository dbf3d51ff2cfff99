package register

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSearch(t *testing.T) {
	k := newKit(t)
	roll := small()
	roll.People = append(roll.People, pupil("A4", "Ana-Sofía", "De la Cruz", "Oak"))
	k.mustImport(t, roll)
	roll.People = append(roll.People[:1:1], roll.People[2:]...) // A2 leaves
	k.mustImport(t, roll)
	for query, want := range map[string]string{
		"zoe":             "A1",
		"ZOË":             "A1",
		"hara":            "A1",
		"ohara":           "A1",
		"O’Hara":          "A1",
		"o'hara lukasik":  "A1",
		"lukasik zo":      "A1",
		"łukasik":         "A1",
		"muller":          "A2",
		"7a":              "A3 A1",
		"7a bjorn":        "A3",
		"cruz":            "A4",
		"ana sofia":       "A4",
		"anasofia":        "A4",
		"oak":             "A4",
		"b":               "A3 T1 A2", // who has left comes last
		"jorn":            "",
		"":                "",
		"  ' ":            "",
		"nobody":          "",
		"7a bjorn nobody": "",
	} {
		var got []string
		for _, p := range k.Search(query) {
			got = append(got, p.MIS)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, want %s", query, got, want)
		}
	}
}

func TestSearchIsBounded(t *testing.T) {
	k := newKit(t)
	k.mustImport(t, year(MaxFound+50))
	found := k.Search("family")
	if len(found) != MaxFound || !slices.IsSortedFunc(found, func(a, b Person) int { return strings.Compare(a.Family, b.Family) }) {
		t.Errorf("%d found", len(found))
	}
}

func BenchmarkSearch(b *testing.B) {
	book := New(nil, nil, stamp)
	for i := range 1000 {
		id := fmt.Sprintf("p-%d", i)
		book.list(body{Person: id, Kind: Pupil}, Details{MIS: id, Given: "Ana-Sofía", Family: fmt.Sprintf("Featherstonehaugh %d", i), Form: "7A"})
	}
	for b.Loop() {
		book.Search("sofia 99")
	}
}
