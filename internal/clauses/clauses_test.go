package clauses

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
)

const header = "id,section,title,meaning,actor,class,req\n"

func TestLoad(t *testing.T) {
	const metHeader = "id,how,rule,proof,event,note\n"
	const two = header + "X-1,1,Aims,Pupils learn.,pupil,outside,\nX-2,2,Phones,Phones are handed in.,pupil,enforce,D1\n"
	for _, c := range []struct {
		name, clauses, met string
		want               string // of the faults; "" for none
	}{
		{"good", two, metHeader + "X-1,outside,,,,teaching\nX-2,enforced,deposit_point,locker.TestX,,\n", ""},
		{"built in", two, metHeader + "X-1,outside,,,,aim\nX-2,enforced,collection-window,locker.TestX,,\n", ""},
		{"recorded", two, metHeader + "X-1,outside,,,,aim\nX-2,recorded,,,deposited,\n", ""},
		{"one missing", two, metHeader + "X-1,outside,,,,aim\n", "clause X-2 is missing"},
		{"one twice", two, metHeader + "X-1,outside,,,,aim\nX-1,outside,,,,aim\nX-2,not-yet,,,,lockers\n", "met.csv:3: clause X-1 stands here a second time"},
		{"a stranger", two, metHeader + "X-1,outside,,,,aim\nX-2,not-yet,,,,lockers\nX-3,not-yet,,,,lockers\n", `there is no clause "X-3"`},
		{"no rule", two, metHeader + "X-1,outside,,,,aim\nX-2,enforced,,locker.TestX,,\n", "names its rule and its proof"},
		{"no proof", two, metHeader + "X-1,outside,,,,aim\nX-2,enforced,deposit_point,,,\n", "names its rule and its proof"},
		{"an unknown rule", two, metHeader + "X-1,outside,,,,aim\nX-2,enforced,magic,locker.TestX,,\n", `there is no rule "magic"`},
		{"no event", two, metHeader + "X-1,outside,,,,aim\nX-2,recorded,,,,\n", "names its event"},
		{"nowhere", two, metHeader + "X-1,outside,,,,aim\nX-2,shown,,,,\n", "a note says where"},
		{"no way", two, metHeader + "X-1,outside,,,,aim\nX-2,somehow,,,,\n", `"somehow" is none of`},
		{"outside and enforced", two, metHeader + "X-1,enforced,deposit_point,locker.TestX,,\nX-2,not-yet,,,,lockers\n", "it is outside"},
		{"enforceable and outside", two, metHeader + "X-1,outside,,,,aim\nX-2,outside,,,,aim\n", "so it is not outside"},
		{"no reason", two, metHeader + "X-1,outside,,,,because\nX-2,not-yet,,,,lockers\n", "why it is outside"},
		{"an unknown class", header + "X-1,1,Aims,Pupils learn.,pupil,magic,\n", metHeader + "X-1,not-yet,,,,lockers\n", `class "magic"`},
		{"other columns", strings.Replace(two, "meaning", "text", 1), metHeader, "the columns are not"},
		{"a torn line", two, metHeader + "X-1,outside\n", "wrong number of fields"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, FileName), c.clauses)
		write(t, filepath.Join(dir, MetFileName), c.met)
		var faults config.Faults
		list := Load(dir, &faults)
		switch err := faults.Err(); {
		case c.want == "" && (err != nil || len(list) != 2 || list[1].Meaning != "Phones are handed in."):
			t.Errorf("%s: %+v, %v", c.name, list, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	var faults config.Faults
	if list := Load(t.TempDir(), &faults); list != nil || faults.Err() != nil {
		t.Errorf("a school without clauses: %v, %v", list, faults.Err())
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every clause of both policies is there once, and says how it is met.
func TestTheTwoPolicies(t *testing.T) {
	for name, want := range map[string]int{"ash-cartwright-kelsey": 491, "northbourne": 428} {
		var faults config.Faults
		list := Load("../../testdata/schools/"+name, &faults)
		if err := faults.Err(); err != nil || len(list) != want {
			t.Errorf("%s: %d clauses, %v", name, len(list), err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(header+"X-1,1,Aims,Pupils learn.,pupil,outside,\n", "id,how,rule,proof,event,note\nX-1,outside,,,,aim\n")
	f.Add("", "\"")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text, met string) {
		write(t, filepath.Join(dir, FileName), text)
		write(t, filepath.Join(dir, MetFileName), met)
		var faults config.Faults
		for _, c := range Load(dir, &faults) {
			if faults.Err() == nil && c.wrong() != "" {
				t.Errorf("%+v was taken: %s", c, c.wrong())
			}
		}
	})
}
