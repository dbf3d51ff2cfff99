package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/web/school/board"
	asked "github.com/bellkeep/bellkeep/web/school/exceptions"
)

// boundDevices shows which school devices an exception is about.
type boundDevices struct{ *server.Server }

// Groups are the groups that have a device now.
func (b boundDevices) Groups() []string {
	var list []string
	for _, d := range b.Fleet.Devices() {
		list = append(list, d.Group)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Bound are the devices of an exception with what they say of themselves now.
func (b boundDevices) Bound(e exception.Exception) []asked.Device {
	verdicts := map[string]mdm.Verdict{}
	for _, row := range b.Devices.Board().Rows {
		verdicts[row.Device.ID] = row.Verdict
	}
	var list []asked.Device
	for _, d := range (exceptions.Devices{Book: b.Exceptions, Fleet: b.Fleet}).Bound(e, b.Fleet.Devices()) {
		v := verdicts[d.ID]
		list = append(list, asked.Device{ID: d.ID, Label: cmp.Or(d.Label, d.ID), InForce: v == mdm.InForce, Words: verdictWords[v]})
	}
	return list
}

var verdictWords = map[mdm.Verdict]string{
	mdm.InForce: "as it must be now", mdm.Pending: "has been told, and has not answered yet", mdm.Late: "should have answered",
	mdm.Offline: "offline; it has what it was told last", mdm.Violating: "is not as it must be", mdm.Unknown: "cannot say", "": "never heard",
}

// exceptionTasks are what the start page says waits about exceptions: no name and
// no kind, for it may hang on a wall.
type exceptionTasks struct{ *server.Server }

func (t exceptionTasks) tasks() []board.Task {
	waiting, due, passed := 0, 0, 0
	for _, e := range t.Exceptions.All() {
		s := t.Exceptions.State(e)
		if s == exception.Waiting || s.Open() && e.Renewal != nil {
			waiting++
			continue
		}
		switch t.Exceptions.Due(e) {
		case exception.Passed:
			passed++
		case exception.Soon, exception.Close:
			due++
		}
	}
	var list []board.Task
	add := func(key, what, next string, n int) {
		if n > 0 {
			list = append(list, board.Task{Key: key, What: fmt.Sprintf(what, n), Next: next, Href: "/exceptions", Link: "Exceptions"})
		}
	}
	add("exceptions-passed", "Exceptions past their review: %d. They go on until somebody decides.", "The headteacher or a safeguarding lead looks at each: ask to extend it, or end it.", passed)
	add("exceptions-due", "Exceptions due for review within four weeks: %d.", "Ask to extend those that are still needed.", due)
	add("exceptions-waiting", "Exceptions waiting for a decision: %d.", "The headteacher approves or refuses.", waiting)
	return list
}
