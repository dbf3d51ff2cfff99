package trays

import (
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
)

// thing is one kind of device on a line.
type thing struct {
	What   desk.What
	Text   string
	Ticked bool
}

// line is one pupil.
type line struct {
	ID, Name string
	Exempt   bool // a tick and no reason
	Part     tray.Part
	Things   []thing // the common ones
	More     []thing // the others
	Mark     tray.Mark
	Said     string   // in words, "" for nothing
	Others   []string // what two tablets say, in words
	After    string   // ticks that the next one replaces
	Open     bool     // More is unfolded
}

// box is one thing to tick on a line.
type box struct {
	ID, Name, Value, Text, Whose string
	On                           bool
}

// Tick is a thing of the line as a box.
func (l line) Tick(t thing) box {
	return box{"on-" + l.ID + "-" + string(t.What), "on-" + l.ID, string(t.What), t.Text, l.Name, t.Ticked}
}

// Marks are the boxes of a pupil who hands nothing in.
func (l line) Marks() []box {
	mark := func(m tray.Mark, text string) box {
		return box{"on-" + l.ID + "-" + string(m), "on-" + l.ID, string(m), text, l.Name, l.Mark == m && len(l.Others) == 0}
	}
	return []box{mark(tray.NoPhone, "No phone"), mark(tray.Absent, "Absent")}
}

// words are kinds of device beside a box to tick, where there is no room for more.
var words = map[desk.What]string{desk.Phone: "Phone", desk.Watch: "Watch", desk.Earbuds: "Earbuds", desk.SecondPhone: "Second phone", desk.Tracker: "Tracker", desk.OtherDevice: "Something else"}

var common = []desk.What{desk.Phone, desk.Watch}

func lineWords(l tray.Line) string {
	switch l.Mark {
	case tray.NoPhone:
		return "No phone"
	case tray.Absent:
		return "Absent"
	}
	var list []string
	for _, what := range desk.Whats {
		if slices.Contains(l.Things, what) {
			list = append(list, words[what])
		}
	}
	if len(list) == 0 {
		return "Nothing"
	}
	return strings.Join(list, " and ")
}

// offer is what can be ticked on a line.
func (l *line) offer(in, said tray.Said) {
	for _, what := range desk.Whats {
		one := thing{what, words[what], slices.Contains(said.Things, what) && len(said.Others) == 0}
		switch {
		case l.Part == tray.Back && slices.Contains(in.Things, what):
			l.Things = append(l.Things, one)
		case l.Part == tray.Back:
		case slices.Contains(common, what):
			l.Things = append(l.Things, one)
		default:
			l.Open = l.Open || one.Ticked
			l.More = append(l.More, one)
		}
	}
}
