package apple

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/mdm"
)

// lists that values name.
var lists = map[string][]string{
	"games":  {"com.example.game", "com.example.race"},
	"school": {"com.example.maths", "org.example"},
}

var choices = map[mdm.Setting][]mdm.Value{
	mdm.Camera:          {mdm.Block, mdm.User, mdm.Allow},
	mdm.Bluetooth:       {mdm.Block, mdm.User, mdm.Allow},
	mdm.Share:           {mdm.Block, mdm.User},
	mdm.Screen:          {mdm.Block, mdm.User},
	mdm.PasscodeSetting: {mdm.Passcode{}.Value(), mdm.Passcode{Require: true, MinLength: 6}.Value(), mdm.Passcode{Require: true, MinLength: 8}.Value()},
	mdm.AutoLock:        {"0", "45", "120", "3600"},
	mdm.Apps:            {"{}", `{"block":["games"]}`, `{"block":["games","school"]}`, `{"only":["school"]}`},
	mdm.Web:             {"{}", `{"block":["games"]}`, `{"only":["school"]}`},
}

func drawSet(t *rapid.T) mdm.Set {
	set := mdm.Unmanaged()
	for _, s := range slices.Sorted(maps.Keys(choices)) {
		set[s] = rapid.SampledFrom(choices[s]).Draw(t, string(s))
	}
	return set
}

// drawStage draws stages that end one after the other, the first not before soonest.
func drawStage(t *rapid.T, now time.Time, soonest time.Duration) mdm.Stage {
	first := mdm.Stage{Mode: "m", Set: drawSet(t), Evidence: rapid.IntRange(0, 4).Draw(t, "evidence") == 4}
	last := &first
	until := now.Add(soonest)
	for range rapid.IntRange(0, 3).Draw(t, "stages") {
		until = until.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "minutes")) * time.Minute)
		next := mdm.Stage{Mode: "m", Set: maps.Clone(last.Set), Evidence: rapid.IntRange(0, 4).Draw(t, "evidence") == 4}
		drawn := drawSet(t)
		for _, s := range slices.Sorted(maps.Keys(drawn)) {
			if rapid.Bool().Draw(t, "changes") {
				next.Set[s] = drawn[s]
			}
		}
		last.Until, last.Fallback = until, &next
		last = last.Fallback
	}
	return first
}
