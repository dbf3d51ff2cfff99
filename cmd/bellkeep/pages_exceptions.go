package main

import (
	"cmp"
	"slices"

	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	asked "github.com/bellkeep/bellkeep/web/school/exceptions"
)

// boundDevices shows which school devices an exception is about.
type boundDevices struct{ *server.Server }

// Groups are the groups that have a device now.
func (b boundDevices) Groups() []string {
	var list []string
	for _, d := range b.Fleet.Devices() {
		list = append(list, d.Groups...)
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
	mdm.Offline: "offline; it has what it was told last", mdm.Violating: "is not as it must be", mdm.Unknown: "never heard",
	mdm.AwaitsUser: "waits for whoever holds it", mdm.OnlyAssumed: "has been told, and cannot confirm it", mdm.Rejected: "says what cannot be true", "": "never heard",
}

// dayMarks are what is marked of today.
type dayMarks struct{ *server.Server }

// Marks tell who is away, and who has no phone with them.
func (m dayMarks) Marks() (away, noPhone func(person string) bool) {
	day := m.Attendance.Day(school.DateOf(m.Now().Wall.In(m.School.Calendar.Zone)))
	return func(person string) bool { s := day.Of(person); return s.Register != "" && !s.Here() },
		func(person string) bool { return day.Of(person).NoPhone }
}
