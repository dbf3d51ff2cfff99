package change

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/mdm"
)

const schools = "../../../testdata/schools/"

func load(t testing.TB, name string) mdm.Rules {
	t.Helper()
	data, err := os.ReadFile(schools + name + "/" + FileName)
	must(t, err)
	return readText(t, filepath.Join(t.TempDir(), FileName), string(data))
}

// The two real schools differ in social media: one never, one not in school hours.
func TestTheSchools(t *testing.T) {
	for name, want := range map[string]struct{ lesson, home string }{
		"elmfield":              {"all but Social media sites and Private e-mail", "all but Social media sites and Private e-mail"},
		"northbourne":           {"all but Social media sites and Private e-mail", "all but Social media sites and Private e-mail"},
		"ash-cartwright-kelsey": {"all but Social media sites", "all"},
		"mill-lane":             {"all", "all"},
	} {
		r := load(t, name)
		for mode, want := range map[mdm.Mode]string{mdm.Lesson: want.lesson, mdm.Home: want.home} {
			if got := ValueWords(r, mdm.Web, valuesOf(alike{}, mode, r)[mdm.Web].Value); got != want {
				t.Errorf("%s, %s: websites are %s, want %s", name, mode, got, want)
			}
		}
		if v := valuesOf(alike{}, mdm.Home, r)[mdm.PasscodeSetting].Value; passcodeWords(v) != "6 characters or more" {
			t.Errorf("%s: the passcode is %s", name, v)
		}
	}
	r := load(t, "elmfield")
	for group, want := range map[string]string{"trolley-1": "off, off, off", "staff-ipads": "as the user likes, off, off"} {
		v := valuesOf(alike{groups: []string{group}}, mdm.Lesson, r)
		var got []string
		for _, s := range []mdm.Setting{mdm.Camera, mdm.Bluetooth, mdm.Share} {
			got = append(got, ValueWords(r, s, v[s].Value))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s in lessons: %s", group, got)
		}
	}
	if got := ValueWords(r, mdm.Web, valuesOf(alike{groups: []string{"library"}}, "exam", r)[mdm.Web].Value); got != "only Sites for exams" {
		t.Errorf("in an exam: %s", got)
	}
}

// All faults come at once, each with its line.
func TestFaults(t *testing.T) {
	const good = `groups:
  - {id: year-7, name: Year 7, rank: 1}
lists:
  - id: social
    items: [x.com, tiktok.com]
profiles:
  - id: base
    set:
      camera: block
      web: {block: [social]}
assignments:
  - {profile: base, group: year-7, periods: [lesson]}
quarantine: {share: block}
`
	for name, c := range map[string]struct {
		from, to string
		want     []string
	}{
		"as it is":          {"", "", nil},
		"a typing error":    {"rank: 1", "ranc: 1", []string{"2: there is no key ranc"}},
		"an unknown key":    {"groups:", "colour: red\ngroups:", []string{"1: there is no key colour"}},
		"a group twice":     {"lists:", "  - {id: year-7}\nlists:", []string{"3: there is a group year-7 already"}},
		"an id":             {"id: base", "id: Base", []string{`7: There is a profile "Base"`, `12: An assignment names the profile "base"`}},
		"an item":           {"x.com,", "http://x.com/,", []string{`5: The list list has the entry "http://x.com/"`, `names the list "social"`}},
		"an item twice":     {"x.com,", "tiktok.com,", []string{"5: the list social has tiktok.com twice"}},
		"no items":          {"[x.com, tiktok.com]", "[]", []string{"4: The list social has 0 entries"}},
		"a setting":         {"camera: block", "kamera: block", []string{`9: A profile has the unknown setting "kamera"`}},
		"a value":           {"camera: block", "camera: maybe", []string{"9: camera cannot be maybe"}},
		"a setting twice":   {"camera: block", "camera: block\n      camera: user", []string{"10: key camera stands here a second time"}},
		"a list it lacks":   {"block: [social]", "block: [games]", []string{`10: web names the list "games"`}},
		"settings no map":   {"{share: block}", "[share]", []string{"13: needs settings"}},
		"no such group":     {"group: year-7,", "group: year-8,", []string{`12: An assignment names the group "year-8"`}},
		"a period":          {"[lesson]", "[In Lessons]", []string{"12: An assignment of base has a kind of period"}},
		"assigned twice":    {"quarantine:", "  - {profile: base, group: year-7, periods: [lesson]}\nquarantine:", []string{"13: base is assigned in the same way"}},
		"a rank of letters": {"rank: 1", "rank: high", []string{"2: a whole number belongs here"}},
		"no id":             {"id: year-7, name", "name", []string{`2: There is a group ""`}},
		"two at once":       {"camera: block\n      web: {block: [social]}", "camera: maybe\n      web: {block: [games]}", []string{"9: camera", "10: web"}},
		"no yaml":           {"groups:", "groups: [", []string{"did not find"}},
	} {
		path := filepath.Join(t.TempDir(), FileName)
		if !strings.Contains(good, c.from) {
			t.Fatalf("%s: %q is not in the file", name, c.from)
		}
		must(t, write0(path, strings.Replace(good, c.from, c.to, 1)))
		var faults config.Faults
		ReadFile(path, &faults)
		text := ""
		for _, f := range faults.List() {
			text += f.String() + "\n"
			if f.Line == 0 {
				t.Errorf("%s: %s has no line", name, f)
			}
		}
		if c.want == nil && text != "" {
			t.Errorf("%s: %s", name, text)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not among\n%s", name, want, text)
			}
		}
	}
}

func write0(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }

func FuzzReadFile(f *testing.F) {
	for _, name := range []string{"elmfield", "northbourne"} {
		data, err := os.ReadFile(schools + name + "/" + FileName)
		must(f, err)
		f.Add(string(data))
	}
	f.Add("profiles: [{id: a, set: {web: {block: [}}}]")
	f.Add("quarantine: &a {share: *a}")
	f.Add("quarantine: {camera: .nan, {a: b}: c}")
	path := filepath.Join(f.TempDir(), FileName)
	f.Fuzz(func(t *testing.T, text string) {
		must(t, write0(path, text))
		var faults config.Faults
		r := ReadFile(path, &faults)
		if faults.Err() == nil && r.Validate() != nil {
			t.Errorf("%q was taken, but %v", text, r.Validate())
		}
	})
}
