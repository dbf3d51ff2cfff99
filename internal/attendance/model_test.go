package attendance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school"
	"pgregory.net/rapid"
)

// model is everything that was said, and the lists as set arithmetic over it.
type model struct {
	said   []saying
	undone map[string]bool
}

type saying struct {
	batch string
	day   school.Date
	marks map[string]Mark
}

// who are all pupils of whom the newest mark among some is one of want.
func (m *model) who(day school.Date, among, want []Mark) map[string]bool {
	set := map[string]bool{}
	for _, s := range m.said {
		if s.day != day || m.undone[s.batch] {
			continue
		}
		for id, mark := range s.marks {
			if slices.Contains(among, mark) {
				delete(set, id)
				if slices.Contains(want, mark) {
					set[id] = true
				}
			}
		}
	}
	return set
}

func (m *model) missing(day school.Date, without ...map[string]bool) []string {
	left := m.who(day, []Mark{Present, Late, Absent, Left}, []Mark{Present, Late})
	for _, set := range append(without, m.who(day, []Mark{NoPhone, Phone}, []Mark{NoPhone})) {
		maps.DeleteFunc(left, func(id string, _ bool) bool { return set[id] })
	}
	return slices.Sorted(maps.Keys(left))
}

var pupils = []string{"ann", "bob", "cay", "dan"}

func TestMissingIsSetArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, m := newOffice(t), &model{undone: map[string]bool{}}
		t.Repeat(map[string]func(*rapid.T){
			"mark": func(t *rapid.T) {
				marks := rapid.MapOfN(rapid.SampledFrom(pupils), rapid.SampledFrom(Marks()), 1, 4).Draw(t, "marks")
				day := monday.Add(-rapid.IntRange(0, 2).Draw(t, "days ago"))
				m.said = append(m.said, saying{o.mark(t, day, marks).ID, day, marks})
			},
			"undo": func(t *rapid.T) {
				if len(m.said) == 0 {
					return
				}
				batch := rapid.SampledFrom(m.said).Draw(t, "batch").batch
				if err := o.Undo(context.Background(), "head", batch); (err == nil) == m.undone[batch] {
					t.Fatalf("undone before is %v, but: %v", m.undone[batch], err)
				}
				m.undone[batch] = true
			},
			"restart": func(t *rapid.T) { o.Book = o.again(t) },
			"": func(t *rapid.T) {
				in := rapid.MapOf(rapid.SampledFrom(pupils), rapid.Just(true)).Draw(t, "handed in")
				keep := rapid.MapOf(rapid.SampledFrom(pupils), rapid.Just(true)).Draw(t, "may keep")
				for _, day := range []school.Date{monday, monday.Add(-1), monday.Add(-2)} {
					got := o.Day(day).Missing(func(id string) bool { return in[id] }, func(id string) bool { return keep[id] })
					if want := m.missing(day, in, keep); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Fatalf("on %s missing are %v, want %v", day, got, want)
					}
				}
			},
		})
	})
}
