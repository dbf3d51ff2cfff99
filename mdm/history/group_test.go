package history

import (
	"reflect"
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// A bell that more than half of a group did not take did not take, however few that
// are of the school; a group of three is no group. The worst stands first.
func TestBellPerGroup(t *testing.T) {
	rows := func(group string, verdicts ...mdm.Verdict) (list []shadow.Row) {
		for _, v := range verdicts {
			list = append(list, shadow.Row{Device: mdm.Device{Groups: []string{group}}, Compliance: mdm.Compliance{Verdict: v}})
		}
		return list
	}
	const ok, late, violating = mdm.InForce, mdm.Late, mdm.Violating
	for what, c := range map[string]struct {
		rows []shadow.Row
		want []Group // nil for a bell that took
	}{
		"half a group":        {rows("year-7", ok, ok, late, violating), nil},
		"more than half":      {append(rows("year-8", ok, late), rows("year-7", ok, late, violating, mdm.Rejected)...), []Group{{"year-7", 2, 1, 4}, {"year-8", 1, 0, 2}}},
		"a group of three":    {rows("year-7", late, late, violating), nil},
		"offline is no fault": {rows("year-7", mdm.Offline, mdm.Offline, mdm.Offline, mdm.Offline), nil},
	} {
		t.Run(what, func(t *testing.T) {
			var groups tally
			for _, r := range c.rows {
				groups.add(r)
			}
			m := Bell{Bell: "P1", Mode: mdm.Lesson, Devices: 1000, Counts: map[mdm.Verdict]int{mdm.Late: 3}}.judge(nil, groups)
			if (m != nil) != (c.want != nil) || m != nil && !reflect.DeepEqual(m.Groups, c.want) {
				t.Errorf("%+v, want %+v", m, c.want)
			}
		})
	}
}
