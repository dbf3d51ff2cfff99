package mdmtest

import "github.com/bellkeep/bellkeep/mdm"

// InLessons are rules that block settings in lessons, on every device.
func InLessons(settings ...mdm.Setting) mdm.Rules {
	set := mdm.Set{}
	for _, s := range settings {
		set[s] = mdm.Block
	}
	return mdm.Rules{
		Profiles:    []mdm.Profile{{ID: "quiet", Set: set}},
		Assignments: []mdm.Assignment{{Profile: "quiet", Periods: []mdm.Mode{mdm.Lesson}}},
	}
}
