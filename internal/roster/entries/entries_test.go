package entries

import (
	"reflect"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
)

func pupils() []register.Person {
	var list []register.Person
	for _, row := range []string{"p-1 M1 Ada Byron 11A", "p-2 M2 Sana Iqbal 11A", "p-3 M3 Sana Iqbal 11B", "p-4 M4 Jia Khan 11B"} {
		f := strings.Fields(row)
		list = append(list, register.Person{ID: f[0], Kind: register.Pupil, Details: register.Details{MIS: f[1], Given: f[2], Family: f[3], Form: f[4]}})
	}
	return list
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		want   []exam.Candidate
		passed string
	}{
		"typed":    {"Ada Byron\n\n  byron, ada \nM4\r\nSana Iqbal\nNobody", []exam.Candidate{{Person: "p-1"}, {Person: "p-4"}}, "3 entered twice; 5 more than one pupil has that name: give the number; 6 no pupil on the roll has that name or number"},
		"exported": {"\ufeffAdmission No,Candidate Number,Room,Extra time %,Rest breaks\nM2,0042,Hall,25%,\nM3,0043,Gym,,15\n", []exam.Candidate{{Person: "p-2", Number: "0042", Room: "Hall", Extra: 25}, {Person: "p-3", Number: "0043", Room: "Gym", Rest: 15}}, ""},
		"by name":  {"Name;Form\nSana Iqbal;11B\nAda Byron;9Z\n", []exam.Candidate{{Person: "p-3"}}, "3 no pupil on the roll has that name or number"},
		"bad":      {"id,extra,rest\np-1,half,\np-4,,soon\n", nil, "2 the extra time is no number of per cent; 3 the rest breaks are no number of minutes"},
	} {
		got, err := Read(c.text, pupils())
		var passed []string
		for _, p := range got.Passed {
			passed = append(passed, string(rune('0'+p.Line))+" "+p.Why)
		}
		if err != nil || !reflect.DeepEqual(got.Candidates, c.want) || strings.Join(passed, "; ") != c.passed {
			t.Errorf("%s: %+v, %v, passed %q", name, got.Candidates, err, passed)
		}
	}
	for _, text := range []string{" \n", strings.Repeat("x", MaxBytes+1), "id,name\n\"", "id,id\nM1,M1", "id,number"} {
		if r, err := Read(text, pupils()); err == nil && len(r.Candidates) > 0 {
			t.Errorf("%.20q is read as %+v", text, r)
		}
	}
}

// What is read names pupils of the roll, each once.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"Ada Byron", "id,extra\nM1,25%", "name;form\nSana Iqbal;11A\n", "\ufeffid\tname\nM1\tx"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Read(text, pupils())
		seen := map[string]bool{}
		for _, c := range r.Candidates {
			if err != nil || seen[c.Person] || !strings.HasPrefix(c.Person, "p-") {
				t.Errorf("%q is read as %+v, %v", text, r, err)
			}
			seen[c.Person] = true
		}
	})
}
