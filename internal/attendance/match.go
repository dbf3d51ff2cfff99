package attendance

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/bellkeep/bellkeep/internal/register"
)

// Reading is what a file of marks says.
type Reading struct {
	Marks   map[string]Mark // by person
	Codes   map[string]int  // how often each code stands in it
	Strange []int           // lines whose code is none
	Nobody  []int           // lines of somebody who is not on the roll
	Unclear []int           // lines that may be of more than one pupil
	Twice   []int           // lines of a pupil who stood in an earlier one with another mark
}

// Absent is how many are not here by the file.
func (r Reading) Absent() (n int) {
	for _, m := range r.Marks {
		if m == Absent {
			n++
		}
	}
	return n
}

// sensible is how many in a hundred may be absent before a person has to say
// that it is meant: the wrong column looks the same.
const sensible = 40

// Doubtful reports whether more are absent than a school day brings.
func (r Reading) Doubtful() bool { return r.Absent()*100 > len(r.Marks)*sensible }

// Read reads a file of marks for pupils, who are all on the roll. Lines are
// matched by the school's own number for a pupil or by name; one that cannot be
// matched for certain is named, and nothing is guessed. Errors: invalid.
func Read(r io.Reader, c Columns, pupils []register.Person) (Reading, error) {
	list, err := lines(r, c)
	if err != nil {
		return Reading{}, err
	}
	out := Reading{Marks: map[string]Mark{}, Codes: map[string]int{}}
	who := newMatcher(pupils)
	said := map[string]Mark{}
	for _, l := range list {
		code, known := CodeOf(l.mark)
		ids := who.find(l)
		switch {
		case !known:
			out.Strange = append(out.Strange, l.number)
		case len(ids) == 0:
			out.Nobody = append(out.Nobody, l.number)
		case len(ids) > 1:
			out.Unclear = append(out.Unclear, l.number)
		default:
			out.Codes[strings.ToUpper(l.mark)]++
			if before, again := said[ids[0]]; again && before != code.Mark {
				out.Twice = append(out.Twice, l.number)
				continue
			}
			said[ids[0]] = code.Mark
			if code.Mark != "" {
				out.Marks[ids[0]] = code.Mark
			}
		}
	}
	return out, nil
}

// matcher finds pupils by what a file calls them.
type matcher struct {
	byMIS  map[string][]string
	byName map[string][]string
	form   map[string]string // of a person
}

func newMatcher(pupils []register.Person) matcher {
	m := matcher{map[string][]string{}, map[string][]string{}, map[string]string{}}
	for _, p := range pupils {
		if p.Kind != register.Pupil {
			continue
		}
		m.form[p.ID] = plain(p.Form)
		m.byMIS[p.MIS] = append(m.byMIS[p.MIS], p.ID)
		spellings := []string{plain(p.Given + " " + p.Family), plain(p.Family + " " + p.Given)}
		slices.Sort(spellings)
		for _, s := range slices.Compact(spellings) {
			m.byName[s] = append(m.byName[s], p.ID)
		}
	}
	return m
}

func (m matcher) find(l line) []string {
	name := l.name
	if name == "" {
		name = l.given + " " + l.family
	}
	ids := m.byName[plain(name)]
	if l.id != "" {
		ids = m.byMIS[norm.NFC.String(l.id)]
	}
	if len(ids) > 1 && l.form != "" {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return m.form[id] != plain(l.form) })
	}
	return ids
}

// plain is a name as it is compared: Byron, Ada is BYRON ADA.
func plain(name string) string {
	name = strings.ToUpper(norm.NFC.String(strings.ReplaceAll(name, ",", " ")))
	return strings.Join(strings.Fields(name), " ")
}
