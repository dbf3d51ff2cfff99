package mdm

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// settled is what a model says of one setting.
type settled struct {
	Value
	by string // layer and rule
}

// model is what a device must be, worked out setting by setting from the strongest
// rule down, the other way round than merge lays them over each other.
func model(d Device, r Rules, mode Mode, exceptions []Exception, now time.Time) map[Setting]settled {
	found := map[Setting]settled{}
	say := func(by string, s Set) {
		for name, v := range s {
			if _, decided := found[name]; !decided {
				found[name] = settled{v, by}
			}
		}
	}
	if d.Quarantined {
		say("quarantine ", r.Quarantine)
	}
	for i := len(exceptions) - 1; i >= 0; i-- {
		if e := exceptions[i]; !now.Before(e.From) && (e.Until.IsZero() || now.Before(e.Until)) {
			say("exception "+e.ID, e.Set)
		}
	}
	groups := slices.Clone(d.Groups)
	slices.SortFunc(groups, func(a, b string) int { // the strongest first
		if ra, rb := r.group(a).Rank, r.group(b).Rank; ra != rb {
			return rb - ra
		}
		return -CompareIDs(a, b)
	})
	profiles := slices.Clone(r.Profiles)
	slices.SortFunc(profiles, func(a, b Profile) int { return -CompareIDs(a.ID, b.ID) })
	assigned := func(group string, timed bool) {
		for _, p := range profiles {
			for _, a := range r.Assignments {
				if a.Profile != p.ID || a.Group != group || timed != (len(a.Periods) > 0) {
					continue
				}
				if timed && slices.Contains(a.Periods, mode) {
					say("period "+p.ID, p.Set)
				} else if !timed {
					say(map[bool]string{true: "base ", false: "group "}[group == ""]+p.ID, p.Set)
				}
			}
		}
	}
	for _, timed := range []bool{true, false} {
		for _, g := range append(slices.Clone(groups), "") {
			assigned(g, timed)
		}
	}
	say("default ", Unmanaged())
	if d.NeedsBluetooth() && found[Bluetooth].Value == Block {
		found[Bluetooth] = settled{User, "need "}
	}
	return found
}

// Of ten thousand schools, devices and moments, document and explanation are the
// model's.
func TestDesiredIsAsTheModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 11))
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	layers := map[Layer]int{}
	for n := range 10_000 {
		r, d, mode, exceptions := randomSchool(rnd, now)
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		day := []Period{{mode, "P", now.Add(-time.Hour), now.Add(time.Hour)}}
		if mode == Home {
			day = nil
		}
		want := model(d, r, mode, exceptions, now)
		doc, why := Compile(d, r, day, exceptions, now), Explain(d, r, day, exceptions, now)
		values := Set{}
		for s, w := range want {
			values[s] = w.Value
		}
		if doc.Mode != mode || !maps.Equal(doc.Set, values) {
			t.Fatalf("%d: document %v, model %v\n%+v\n%+v", n, doc.Set, values, d, r)
		}
		if len(why) != len(want) {
			t.Fatalf("%d: %d of %d settings are explained", n, len(why), len(want))
		}
		for _, w := range why {
			if by := fmt.Sprint(w.Layer, " ", w.Rule); by != want[w.Setting].by || w.Value != doc.Set[w.Setting] {
				t.Fatalf("%d: %s is %s by %s, the model says by %s", n, w.Setting, w.Value, by, want[w.Setting].by)
			}
			layers[w.Layer]++
		}
	}
	if len(layers) != int(ByNeed)+1 {
		t.Errorf("layers that ever won: %v", layers)
	}
}

func randomSchool(rnd *rand.Rand, now time.Time) (r Rules, d Device, mode Mode, exceptions []Exception) {
	set := func() Set {
		s := Set{}
		for _, name := range []Setting{Camera, Bluetooth, Share, Screen} {
			if rnd.IntN(3) == 0 {
				s[name] = []Value{Allow, Block, User}[rnd.IntN(3)]
			}
		}
		if rnd.IntN(3) == 0 {
			s[AutoLock] = []Value{"60", "300"}[rnd.IntN(2)]
		}
		return s
	}
	modes := []Mode{Lesson, Break, "exam", Home}
	mode = modes[rnd.IntN(4)]
	for n := range 3 {
		r.Groups = append(r.Groups, Group{ID: fmt.Sprintf("g-%d", n), Rank: rnd.IntN(2)})
	}
	for n := range 5 {
		r.Profiles = append(r.Profiles, Profile{ID: fmt.Sprintf("p-%d", n), Set: set()})
	}
	for _, p := range r.Profiles {
		for g := -1; g < 3; g++ {
			for _, timed := range []bool{false, true} {
				if rnd.IntN(5) != 0 {
					continue
				}
				a := Assignment{Profile: p.ID}
				if g >= 0 {
					a.Group = r.Groups[g].ID
				}
				if timed {
					a.Periods = []Mode{modes[rnd.IntN(4)]}
				}
				r.Assignments = append(r.Assignments, a)
			}
		}
	}
	r.Quarantine = set()
	d = Device{ID: "d", Platform: "ipad", Quarantined: rnd.IntN(4) == 0}
	for _, g := range r.Groups {
		if rnd.IntN(2) == 0 {
			d.Groups = append(d.Groups, g.ID)
		}
	}
	if rnd.IntN(3) == 0 {
		d.Flags = []Flag{Assistive}
	}
	for n := range rnd.IntN(4) {
		from := now.Add(time.Duration(rnd.IntN(5)-3) * 20 * time.Minute)
		exceptions = append(exceptions, Exception{ID: fmt.Sprintf("e-%d", n), From: from, Until: from.Add(time.Duration(rnd.IntN(3)) * 20 * time.Minute), Set: set()})
	}
	return r, d, mode, exceptions
}
