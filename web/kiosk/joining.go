package kiosk

import (
	"cmp"

	"github.com/bellkeep/bellkeep/locker"
)

// joiningFace is faceOf for the screens of a bank that has not joined a school.
// A word it does not know is a bank newer than this page: it asks for a moment
// and shows nothing wrong.
func joiningFace(s locker.Screen) face {
	switch s.Word {
	case locker.Joining:
		return face{Tone: idle, Icon: "badge", Lines: []string{"Hold the joining code", "to my scanner."}}
	case locker.JoiningNow:
		return face{Tone: idle, Icon: "wait", Lines: []string{"Asking the school."}}
	case locker.Joined:
		return face{Tone: yes, Icon: "tick", Sound: rising, Lines: []string{"This bank has joined."}}
	case locker.JoinRefused:
		return face{Tone: again, Icon: "again", Sound: falling, Prose: true,
			Lines: []string{cmp.Or(s.Says, "The bank could not join.")}, Hint: s.Next}
	case locker.Superseded:
		return face{Tone: neutral, Icon: "sign", Prose: true,
			Lines: []string{cmp.Or(s.Says, "Another computer is this bank now.")}, Hint: cmp.Or(s.Next, "Turn this one off.")}
	case locker.NotReady:
		return face{Tone: neutral, Icon: "office", Sound: level,
			Lines: []string{"Not ready yet.", "Please see the office."}}
	}
	return face{Tone: idle, Icon: "wait", Lines: []string{"One moment"}}
}
