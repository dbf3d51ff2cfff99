package apple

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/micromdm/plist"
	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/mdm"
)

// rule is what Apple publishes of a key, a payload or a command.
type rule struct {
	Type       string
	Required   bool
	IOS        string // first version; "" for any
	Supervised bool
	Deprecated string // version
	Shared     string // forbidden on a Shared iPad, or ignored
	Min, Max   *int
	Of         []any
	Keys       map[string]rule
	Items      *rule
	Any        map[string]rule // an item is one of these, by its key Item
	Queries    map[string]rule
}

type schema struct {
	Source, Release, Commit string
	Payloads, Commands      map[string]rule
	Top, Common             rule
}

func published(t testing.TB) (s schema) {
	raw, err := os.ReadFile("testdata/schema.json")
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil || s.Commit == "" || len(s.Commands) < 12 {
		t.Fatalf("the table cannot be read: %v", err)
	}
	return s
}

// older reports whether one version comes before another.
func older(a, b string) bool {
	for n, part := range strings.Split(b, ".") {
		parts := append(strings.Split(a, "."), "0", "0", "0")
		x, _ := strconv.Atoi(parts[n])
		y, _ := strconv.Atoi(part)
		if x != y {
			return x < y
		}
	}
	return false
}

// suits says why a device cannot be asked for what a rule is about.
func (r rule) suits(t Traits) string {
	supervised := t.Supervised != nil && *t.Supervised
	switch {
	case r.IOS != "" && t.OSVersion != "" && older(t.OSVersion, r.IOS):
		return "is from " + r.IOS
	case r.Supervised && !supervised:
		return "is for supervised devices"
	case r.Shared != "" && t.Shared:
		return "is " + r.Shared + " on a Shared iPad"
	case r.Deprecated != "" && !older(t.OSVersion, r.Deprecated):
		return "is deprecated since " + r.Deprecated
	}
	return ""
}

// check says what is wrong with a value.
func (r rule) check(path string, v any, t Traits) (faults []string) {
	if why := r.suits(t); why != "" {
		faults = append(faults, path+" "+why)
	}
	kinds := map[string]func() bool{
		"boolean":    func() bool { _, ok := v.(bool); return ok },
		"string":     func() bool { _, ok := v.(string); return ok },
		"data":       func() bool { _, ok := v.([]byte); return ok },
		"date":       func() bool { _, ok := v.(time.Time); return ok },
		"real":       func() bool { _, ok := v.(float64); return ok },
		"integer":    func() bool { _, ok := number(v); return ok },
		"array":      func() bool { _, ok := v.([]any); return ok },
		"dictionary": func() bool { _, ok := v.(map[string]any); return ok },
	}
	if is := kinds[r.Type]; is != nil && !is() {
		return append(faults, fmt.Sprintf("%s is %T and not %s", path, v, r.Type))
	}
	if n, ok := number(v); ok && (r.Min != nil && n < *r.Min || r.Max != nil && n > *r.Max) {
		faults = append(faults, fmt.Sprintf("%s is %d", path, n))
	}
	if r.Of != nil && !slices.ContainsFunc(r.Of, func(o any) bool { return fmt.Sprint(o) == fmt.Sprint(v) }) {
		faults = append(faults, fmt.Sprintf("%s is %v", path, v))
	}
	if list, ok := v.([]any); ok && r.Items != nil {
		for n, item := range list {
			faults = append(faults, r.Items.item(fmt.Sprintf("%s[%d]", path, n), item, t)...)
		}
	}
	if m, ok := v.(map[string]any); ok && r.Keys != nil {
		faults = append(faults, r.dict(path, m, t, nil)...)
	}
	return faults
}

func (r rule) item(path string, v any, t Traits) []string {
	if r.Any != nil {
		name, _ := v.(map[string]any)["Item"].(string)
		one, ok := r.Any[name]
		if !ok {
			return []string{path + " is unknown: " + name}
		}
		return one.check(path, v, t)
	}
	if r.Queries != nil {
		one, ok := r.Queries[v.(string)]
		if !ok {
			return []string{path + " is unknown: " + v.(string)}
		}
		if why := one.suits(t); why != "" {
			return []string{path + " " + v.(string) + " " + why}
		}
	}
	return r.check(path, v, t)
}

// dict checks a dictionary, in which further keys of others may be.
func (r rule) dict(path string, m map[string]any, t Traits, others map[string]rule) (faults []string) {
	for key, v := range m {
		one, ok := r.Keys[key]
		if !ok {
			one, ok = others[key]
		}
		if !ok {
			faults = append(faults, path+"/"+key+" is not published")
			continue
		}
		faults = append(faults, one.check(path+"/"+key, v, t)...)
	}
	for _, keys := range []map[string]rule{r.Keys, others} {
		for key, one := range keys {
			if _, there := m[key]; one.Required && !there {
				faults = append(faults, path+"/"+key+" is missing")
			}
		}
	}
	return faults
}

func number(v any) (int, bool) {
	switch n := v.(type) {
	case int64:
		return int(n), true
	case uint64:
		return int(n), true
	}
	return 0, false
}

// command checks a whole command, with the profile in it.
func (s schema) command(raw []byte, t Traits) (faults []string) {
	var c map[string]any
	if err := plist.Unmarshal(raw, &c); err != nil {
		return []string{err.Error()}
	}
	body, _ := c["Command"].(map[string]any)
	request, _ := body["RequestType"].(string)
	r, ok := s.Commands[request]
	if uuid, _ := c["CommandUUID"].(string); !ok || uuid == "" || len(c) != 2 {
		return []string{"the command " + request + " is not published, or has other keys around it"}
	}
	if why := r.suits(t); why != "" {
		faults = append(faults, request+" "+why)
	}
	faults = append(faults, r.dict(request, body, t, map[string]rule{"RequestType": {Type: "string", Required: true}})...)
	if profile, ok := body["Payload"].([]byte); ok {
		faults = append(faults, s.profile(profile, t)...)
	}
	return faults
}

func (s schema) profile(raw []byte, t Traits) (faults []string) {
	var p map[string]any
	if err := plist.Unmarshal(raw, &p); err != nil {
		return []string{err.Error()}
	}
	faults = s.Top.dict("profile", p, t, nil)
	seen := map[string]bool{}
	for _, v := range p["PayloadContent"].([]any) {
		m := v.(map[string]any)
		kind, _ := m["PayloadType"].(string)
		r, ok := s.Payloads[kind]
		if !ok {
			faults = append(faults, kind+" is not published")
			continue
		}
		if why := r.suits(t); why != "" {
			faults = append(faults, kind+" "+why)
		}
		faults = append(faults, r.dict(kind, m, t, s.Common.Keys)...)
		for _, key := range []string{"PayloadIdentifier", "PayloadUUID"} {
			id, _ := m[key].(string)
			if seen[id] {
				faults = append(faults, kind+"/"+key+" is there twice")
			}
			seen[id] = true
		}
	}
	return faults
}

func drawTraits(t *rapid.T) Traits {
	var supervised *bool
	if rapid.IntRange(0, 4).Draw(t, "said") > 0 {
		supervised = new(rapid.Bool().Draw(t, "supervised"))
	}
	version := rapid.SampledFrom([]string{"", "6.1", "7.0", "8.4.1", "9.2", "9.3.5", "11.2", "11.3", "12.5.7", "14.4", "14.5", "15.0", "17.6", "18.1", "26.1"}).Draw(t, "version")
	return Traits{OSVersion: version, Supervised: supervised, Shared: rapid.IntRange(0, 4).Draw(t, "shared") == 0}
}

// Whatever is asked of whatever device, each command is one that Apple publishes, for
// that device.
func TestEveryCommandIsOneThatApplePublishes(t *testing.T) {
	apple, seen := published(t), map[string]bool{}
	check := func(t *rapid.T) {
		w := newWorld(t)
		w.dev.OneProfile = rapid.Bool().Draw(t, "one")
		traits := drawTraits(t)
		w.dev.Enrolled(traits, w.now)
		for range 6 {
			w.tell(rapid.SampledFrom(mdm.Ops).Draw(t, "op"))
			w.dev.Lost = w.dev.Lost || rapid.Bool().Draw(t, "lost")
		}
		for range 3 {
			w.change(0)
			w.dev.NotNow, w.dev.Wiped = nil, time.Time{}
			for range 30 {
				is := w.dev.Traits
				c, _, err := w.dev.Next(w.now, w.ports())
				if c == nil || err != nil {
					break
				}
				seen[c.RequestType] = true
				if faults := apple.command(c.Raw, is); len(faults) > 0 {
					t.Fatalf("%+v: %s", is, strings.Join(faults, "; "))
				}
				a := map[string]any{}
				switch c.RequestType {
				case cmdInfo:
					a["QueryResponses"] = map[string]any{"IsSupervised": traits.supervised()}
				case cmdSettings:
					a["Settings"] = []any{map[string]any{"Item": "Bluetooth", "Status": "Acknowledged"}}
				}
				raw, _ := plist.Marshal(a)
				_, _, _ = w.dev.Answer(w.now, c.UUID, "Acknowledged", raw)
			}
		}
	}
	all := func() bool { return len(seen) == len(apple.Commands) }
	for round := 0; round == 0 || round < 20 && !all() && !t.Failed(); round++ { // what was never asked for may come up in the next
		rapid.Check(t, check)
	}
	for name := range apple.Commands {
		if !seen[name] {
			t.Errorf("%s was never asked for", name)
		}
	}
}

func TestTheTableFindsFaults(t *testing.T) {
	apple := published(t)
	is := Traits{OSVersion: "12.0", Supervised: new(false)}
	for fault, c := range map[string]map[string]any{
		"DisableLostMode is for supervised":   {"RequestType": "DisableLostMode"},
		"DeviceLock/Text is not published":    {"RequestType": "DeviceLock", "Text": "x"},
		"DeviceLock/Message is uint64":        {"RequestType": "DeviceLock", "Message": 4},
		"RemoveProfile/Identifier is missing": {"RequestType": "RemoveProfile"},
		"ManagedOnly is from 13.0":            {"RequestType": "ProfileList", "ManagedOnly": true},
		"Sing is not published":               {"RequestType": "Sing"},
		"Settings[0] is for supervised":       {"RequestType": "Settings", "Settings": []any{map[string]any{"Item": "Bluetooth", "Enabled": true}}},
		"Queries[0] is unknown: Mood":         {"RequestType": "DeviceInformation", "Queries": []any{"Mood"}},
		"maxInactivity is 60": {"RequestType": "InstallProfile", "Payload": mustPlist(t, map[string]any{"PayloadContent": []any{
			map[string]any{"PayloadType": passcode, "PayloadVersion": 1, "PayloadIdentifier": "a", "PayloadUUID": "b", "maxInactivity": 60}},
			"PayloadType": "Configuration", "PayloadVersion": 1, "PayloadIdentifier": "c", "PayloadUUID": "d"})},
	} {
		raw := mustPlist(t, map[string]any{"CommandUUID": "u", "Command": c})
		if faults := apple.command(raw, is); len(faults) != 1 || !strings.Contains(faults[0], fault) {
			t.Errorf("%s: %v", fault, faults)
		}
	}
}

func mustPlist(t testing.TB, v any) []byte {
	raw, err := plist.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
