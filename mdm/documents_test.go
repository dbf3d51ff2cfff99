package mdm

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestDecodeDesired(t *testing.T) {
	const good = `{"v":1,"dev":"ipad-7","rev":4211,"ts":"2026-11-23T08:55:00Z","mode":"lesson","reason":{"by":"timetable"},` +
		`"set":{"camera":"block","passcode":{ "require":true,"minLength":6 },"x-ray":[1]},"until":"2026-11-23T09:45:00Z","fallback":{"mode":"home","set":{}},"later":1}`
	d, err := DecodeDesired([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if d.Set[PasscodeSetting] != six || d.Set["x-ray"] != "[1]" || d.At(d.Until).Mode != Home {
		t.Errorf("decoded %+v", d)
	}
	for what, bad := range map[string]string{
		"nothing":             ``,
		"no object":           `[]`,
		"another version":     strings.Replace(good, `"v":1`, `"v":2`, 1),
		"no version":          strings.Replace(good, `"v":1,`, ``, 1),
		"no device":           strings.Replace(good, `"ipad-7"`, `"IPAD"`, 1),
		"no rev":              strings.Replace(good, `4211`, `0`, 1),
		"a negative rev":      strings.Replace(good, `4211`, `-1`, 1),
		"a rev out of bounds": strings.Replace(good, `4211`, `9007199254740992`, 1),
		"a null value":        strings.Replace(good, `"block"`, `null`, 1),
		"a setting's name":    strings.Replace(good, `"camera"`, `"a/b"`, 1),
		"a mode":              strings.Replace(good, `"lesson"`, `""`, 1),
		"until, no fallback":  strings.Replace(good, `"fallback"`, `"fallbock"`, 1),
		"fallback, no until":  strings.Replace(good, `"until"`, `"untl"`, 1),
		"a fallback back":     strings.Replace(good, `{"mode":"home","set":{}}`, `{"mode":"home","set":{},"until":"2026-11-23T09:00:00Z","fallback":{"mode":"home","set":{}}}`, 1),
		"two documents":       good + good,
		"too long":            good + strings.Repeat(" ", MaxDesired),
		"not UTF-8":           strings.Replace(good, "timetable", "\xff", 1),
	} {
		if d, err := DecodeDesired([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("with %s: %v, %v", what, d, err)
		}
	}
}

func TestDecodeDesiredBoundsItsStages(t *testing.T) {
	text := `{"mode":"home","set":{}}`
	for n := range MaxStages {
		text = fmt.Sprintf(`{"mode":"a","set":{},"until":"2026-11-23T%02d:%02d:00Z","fallback":%s}`, 23-n/60, 59-n%60, text)
	}
	text = `{"v":1,"dev":"a","rev":1,` + text[1:]
	if _, err := DecodeDesired([]byte(text)); errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), "stages") {
		t.Errorf("%d stages: %v", MaxStages+1, err)
	}
}

func TestDecodeReported(t *testing.T) {
	const good = `{"v":1,"rev":4211,"session":"S1","ts":"2026-11-23T08:55:01Z","mode":"lesson","agent":"bellkeep/1","set":{"camera":{"state":"applied","value":"block"},"share":{"state":"unsupported","detail":"none"}}}`
	r, err := DecodeReported([]byte(good))
	if err != nil || r.Set[Camera].Value != Block {
		t.Fatalf("%+v, %v", r, err)
	}
	for what, bad := range map[string]string{
		"another version": strings.Replace(good, `"v":1`, `"v":2`, 1),
		"no session":      strings.Replace(good, `"S1"`, `""`, 1),
		"a long session":  strings.Replace(good, `S1`, strings.Repeat("s", MaxSession+1), 1),
		"a made-up state": strings.Replace(good, `unsupported`, `fine`, 1),
		"a long detail":   strings.Replace(good, `none`, strings.Repeat("x", MaxText+1), 1),
		"control":         strings.Replace(good, `none`, `a\u0000b`, 1),
		"too long":        good + strings.Repeat(" ", MaxReported),
		"cut off":         good[:len(good)-2],
	} {
		if r, err := DecodeReported([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("with %s: %+v, %v", what, r, err)
		}
	}
}

func TestRulesAskOnlyForWhatIsKnown(t *testing.T) {
	if err := policy.Validate(); err != nil {
		t.Error(err)
	}
	for what, bad := range map[string]Set{
		"a misspelt setting":   {"camra": Block},
		"a misspelt rule":      {Camera: `"off"`},
		"a number":             {Camera: `1`},
		"a short passcode":     {PasscodeSetting: Passcode{true, 3}.Value()},
		"a length for none":    {PasscodeSetting: Passcode{false, 6}.Value()},
		"an extra for one":     {PasscodeSetting: `{"minLength":6,"require":true,"face":true}`},
		"a value left empty":   {Camera: ""},
		"a passcode switched":  {PasscodeSetting: Block},
		"a lock in no time":    {AutoLock: "5"},
		"a lock in words":      {AutoLock: `"soon"`},
		"a list there is not":  {Apps: Lists{Block: []string{"games"}}.Value()},
		"both ways of a list":  {Apps: Lists{Block: []string{"social"}, Only: []string{"social"}}.Value()},
		"a list misspelt":      {Web: `{"blok":["social"]}`},
		"too many lists named": {Web: Lists{Block: make([]string, maxNamed+1)}.Value()},
	} {
		rules := Rules{Lists: []List{{ID: "social", Items: []string{"chat.example"}}}, Profiles: []Profile{{ID: "p", Set: bad}}}
		if err := rules.Validate(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("a profile with %s: %v", what, err)
		}
		rules.Profiles, rules.Quarantine = nil, bad
		if err := rules.Validate(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("a quarantine with %s: %v", what, err)
		}
	}
	long := List{ID: "long"}
	for range MaxItems {
		long.Items = append(long.Items, strings.Repeat("a", 100))
	}
	longer := long
	longer.ID = "longer"
	one := []Profile{{ID: "p"}}
	for what, bad := range map[string]Rules{
		"a period's name":      {Profiles: one, Assignments: []Assignment{{Profile: "p", Periods: []Mode{"Lesson 1"}}}},
		"an unknown profile":   {Assignments: []Assignment{{Profile: "p"}}},
		"an unknown group":     {Profiles: one, Assignments: []Assignment{{Profile: "p", Group: "g"}}},
		"a profile twice":      {Profiles: []Profile{{ID: "p"}, {ID: "p"}}},
		"an assignment twice":  {Profiles: one, Assignments: []Assignment{{Profile: "p"}, {Profile: "p"}}},
		"a group twice":        {Groups: []Group{{ID: "g"}, {ID: "g"}}},
		"a group's id":         {Groups: []Group{{ID: "Year 7"}}},
		"an empty list":        {Lists: []List{{ID: "l"}}},
		"an entry with spaces": {Lists: []List{{ID: "l", Items: []string{"a b"}}}},
		"lists too long":       {Lists: []List{long, longer}},
	} {
		if err := bad.Validate(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("rules with %s: %v", what, err)
		}
	}
}

func TestDeviceValidate(t *testing.T) {
	if err := ipad.Validate(); err != nil {
		t.Error(err)
	}
	for what, spoil := range map[string]func(*Device){
		"id":            func(d *Device) { d.ID = "iPad 7" },
		"group":         func(d *Device) { d.Groups = []string{""} },
		"groups' order": func(d *Device) { d.Groups = []string{"b", "a"} },
		"group, twice":  func(d *Device) { d.Groups = []string{"a", "a"} },
		"platform":      func(d *Device) { d.Platform = "a/b" },
		"label":         func(d *Device) { d.Label = "a\nb" },
		"flag":          func(d *Device) { d.Flags = []Flag{"deaf"} },
		"flag, twice":   func(d *Device) { d.Flags = []Flag{Assistive, Assistive} },
		"flags' order":  func(d *Device) { d.Flags = []Flag{Classroom, Assistive} },
		"label, length": func(d *Device) { d.Label = strings.Repeat("x", MaxText+1) },
	} {
		d := ipad
		spoil(&d)
		if errs.CodeOf(d.Validate()) != errs.Invalid {
			t.Errorf("a device with a wrong %s passes", what)
		}
	}
}

func TestCompareIDsCountsAsPeopleDo(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"ipad-9", "ipad-10", -1}, {"ipad-10", "ipad-9", 1}, {"ipad-1", "ipad-1", 0}, {"ipad-2", "phone-1", -1}, {"z-1", "ab-22", 1}} {
		if got := CompareIDs(c.a, c.b); got < 0 != (c.want < 0) || got > 0 != (c.want > 0) {
			t.Errorf("%s against %s: %d", c.a, c.b, got)
		}
	}
}

func TestCut(t *testing.T) {
	for in, want := range map[string]string{"plain": "plain", "a\x00b\nc": "a b c", "\xff": "?", "\u0085": " "} {
		if got := Cut(in); got != want {
			t.Errorf("Cut(%q) = %q", in, got)
		}
	}
	if got := Cut(strings.Repeat("é", MaxText)); len(got) != MaxText || !plainText(got) {
		t.Errorf("a long text is cut to %d bytes", len(got))
	}
}

// A document written around a body is what it is when written whole, and devices
// that share a body share nothing else.
func TestEncodeDesired(t *testing.T) {
	b, err := os.ReadFile("testdata/desired.json")
	if err != nil {
		t.Fatal(err)
	}
	long, err := DecodeDesired(b)
	if err != nil {
		t.Fatal(err)
	}
	long.Lists = map[string][]string{"l-1": {"a.example", "<b>&c"}}
	last := Desired{V: version, Dev: "a", Rev: 1, Stage: Stage{Mode: Home, Set: Set{}}}
	for _, d := range []Desired{long, last} {
		body, err := d.Body()
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{d.Dev, "ipad-8"} {
			d.Dev, d.Rev, d.TS = id, d.Rev+1, d.TS.Add(time.Hour)
			got, err := d.Encode(body)
			if err != nil || string(got) != string(encode(t, d)) {
				t.Errorf("%v, wrote\n%s for\n%s", err, got, encode(t, d))
			}
		}
	}
}

// What a decoder takes it gives again, and nothing makes it panic.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"desired", "reported", "presence", "event"} {
		b, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"v":1,"set":{"a":1e400}}`))
	f.Add([]byte(`{"v":1,"fallback":{"fallback":{"fallback":null}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := DecodeDesired(b); err == nil {
			again, err := DecodeDesired(encode(t, d))
			if err != nil || again.Sum() != d.Sum() {
				t.Errorf("desired changes on its way: %v", err)
			}
			body, err := d.Body()
			if err != nil {
				t.Fatal(err)
			}
			if whole, err := d.Encode(body); err != nil || string(whole) != string(encode(t, d)) {
				t.Errorf("%v, %s is written as %s", err, encode(t, d), whole)
			}
		}
		if r, err := DecodeReported(b); err == nil {
			again, err := DecodeReported(encode(t, r))
			if err != nil || !again.Same(r) {
				t.Errorf("a report changes on its way: %v", err)
			}
		}
		if p, err := DecodePresence(b); err == nil {
			if again, err := DecodePresence(encode(t, p)); err != nil || again.Session != p.Session {
				t.Errorf("a presence changes on its way: %v", err)
			}
		}
		if e, err := DecodeEvent(b); err == nil {
			if again, err := DecodeEvent(encode(t, e)); err != nil || again.Detail != e.Detail {
				t.Errorf("an event changes on its way: %v", err)
			}
		}
	})
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
