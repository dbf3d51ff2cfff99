package board

import (
	"net/url"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Action is something that may be done about a pupil on a page beside these:
// /person/<id>/<Path>, offered to whoever has the permission.
type Action struct {
	Path, Text string
	Permission roles.Permission
	When       func(p Pupil) bool // nil: always
}

// Pupil is what decides which actions make sense.
type Pupil struct {
	ID     string
	OnRoll bool
	Held   bool // something of theirs is behind a door
	Badge  bool // they have a badge that works
}

// sparePath is the action that gives a spare in place of a lost badge. Where it is
// offered, it is the one entry for a lost badge, and leads on to a printed one.
const sparePath = "spare"

// offers reports whether pupils' pages have an action.
func (o *pages) offers(path string) bool {
	return slices.ContainsFunc(o.Actions, func(a Action) bool { return a.Path == path })
}

// action is one that a page offers.
type action struct{ ID, Href, Text string }

// own are the actions of the board's own pages.
func (d personData) own() []Action {
	return []Action{
		{Path: "stop", Text: "Send to the office", Permission: roles.StopPerson, When: func(Pupil) bool { return !d.Stopped }},
		{Path: "hold", Text: "Place a hold", Permission: roles.PlaceHold},
		{Path: "open", Text: "Open the door now", Permission: roles.OpenDoor, When: func(p Pupil) bool { return p.Held }},
	}
}

// actions are what a reader may do about a pupil now.
func (o *pages) actions(d personData, who reader) []action {
	pupil := Pupil{ID: d.ID, OnRoll: d.Left == "", Held: len(d.Held) > 0, Badge: d.Badge != nil && d.Badge.Live}
	var list []action
	for _, a := range append(append([]Action{}, o.Actions...), d.own()...) {
		if who.may(a.Permission, d.ID) && (a.When == nil || a.When(pupil)) {
			list = append(list, action{"do-" + a.Path, "/person/" + url.PathEscape(d.ID) + "/" + a.Path, a.Text})
		}
	}
	return list
}

// rights tells readers apart who are offered different things about a pupil.
func (o *pages) rights(id string, who reader) string {
	var key strings.Builder
	for _, a := range append(append([]Action{}, o.Actions...), personData{}.own()...) {
		if who.may(a.Permission, id) {
			key.WriteString(a.Path + " ")
		}
	}
	for _, p := range []roles.Permission{roles.SeeHistory, roles.ReplaceBadge, roles.PrintBadges} {
		if who.may(p, id) {
			key.WriteString(string(p) + " ")
		}
	}
	return key.String()
}
