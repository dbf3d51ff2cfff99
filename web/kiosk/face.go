package kiosk

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// The tones of a screen. Shape, words and sound say the same as its colour.
const (
	idle    = "idle"
	yes     = "yes"
	neutral = "neutral" // also for every refusal: nobody's reason shows
	again   = "again"
)

// The sounds.
const (
	silent  = ""
	rising  = "rising"
	falling = "falling"
	level   = "level"
)

// face is a screen as people meet it.
type face struct {
	Word   locker.Word
	Tone   string
	Icon   string // a file of assets/img
	Sound  string
	Volume int
	Lines  []string // at most six words each, for a reader of eight
	Hint   string
	Door   *number
	Stay   time.Duration // until the page goes back to scan; 0: until the bank says something else
	Prose  bool          // whole sentences, for whoever sets the bank up

	// For staff only, see staffFace.
	Form    string
	Offer   locker.WishKind
	Has     locker.Classes
	Choices []choice
	Fire    locker.WishKind // with the menu: begin an evacuation, or give the all-clear
	Map     bool            // with the menu: the doors may be mapped
	Learn   string          // with the menu: fingerprint of keys that may be learned
	Keys    []key           // while they are mapped
	Typed   bool            // and one of them goes with a number
}

// How long a screen stays: long enough to be read on the way to a door, not so
// long that the next in the queue waits for it.
const (
	usual  = 2 * time.Second
	longer = 5 * time.Second
)

// number is a door's number drawn to fill its box whatever font there is:
// digits 100 high, squeezed to Width.
type number struct {
	Digits string
	Width  int
}

// faceOf says how s looks.
func faceOf(s locker.Screen) face {
	door := fmt.Sprintf("Door %d", s.Door)
	switch s.Word {
	case locker.Scan:
		return face{Tone: idle, Icon: "badge", Lines: []string{"Scan your badge"}}
	case locker.LeaveNow: // without a sound: the alarm is to be heard
		return face{Tone: again, Icon: "leave", Lines: []string{"Leave the building.", "Your phone stays here."}}
	case locker.PutIn:
		return face{Tone: yes, Icon: "in", Sound: rising, Door: numberOf(s.Door),
			Lines: []string{"Put your phone in.", "Shut the door."}}
	case locker.TakeOut:
		return face{Tone: yes, Icon: "out", Sound: rising, Door: numberOf(s.Door),
			Lines: []string{"Take your phone.", "Shut the door."}, Hint: "Not empty? Scan again."}
	case locker.Again:
		return face{Tone: yes, Icon: "out", Sound: rising, Door: numberOf(s.Door),
			Lines: []string{"Not empty? Look again.", "Shut the door."}}
	case locker.ShutDoor:
		return face{Tone: again, Icon: "shut", Sound: level, Door: numberOf(s.Door),
			Lines: []string{"Please shut this door."}}
	case locker.AlreadyIn:
		return face{Tone: neutral, Icon: "question", Sound: level, Lines: []string{"Already in. Help?"}}
	case locker.Keep:
		return face{Tone: yes, Icon: "tick", Sound: rising, Lines: []string{"Keep your phone."}}
	case locker.Office:
		return face{Tone: neutral, Icon: "office", Sound: level, Lines: []string{"Please see the office."}}
	case locker.Unreadable:
		return face{Tone: again, Icon: "again", Sound: falling, Lines: []string{"Scan again."}}
	case locker.Stuck:
		return face{Tone: again, Icon: "hand", Sound: falling, Lines: []string{door + " is stuck.", "Scan again."}}
	case locker.Full:
		return face{Tone: neutral, Icon: "office", Sound: level,
			Lines: []string{"No free door.", "Please see the office."}}
	case locker.OtherBank:
		return face{Tone: neutral, Icon: "sign", Sound: level,
			Lines: []string{"Your lockers:", "bank " + strings.ToUpper(s.Bank)}}
	case locker.Empty:
		return face{Tone: again, Icon: "empty", Sound: falling, Lines: []string{door + " is empty.", "Scan again."}}
	}
	return staffFace(s)
}

// face is how s looks at this kiosk.
func (k *kiosk) face(s locker.Screen) face {
	f := faceOf(s)
	switch {
	case lasting(s.Word):
		f.Stay = 0
	case f.Stay == 0:
		f.Stay = usual
	}
	f.Word = s.Word
	f.Volume = min(max(k.Volume(), 0), 100)
	return f
}

// settled is what a page that just opened may show of s: an answer to a badge
// was for whoever stood there, and may be an hour old.
func settled(s locker.Screen) locker.Screen {
	if lasting(s.Word) {
		return s
	}
	return locker.Screen{Word: locker.Scan}
}

// lasting reports whether a screen tells how the bank is, rather than answering
// somebody.
func lasting(w locker.Word) bool {
	switch w {
	case locker.Scan, locker.LeaveNow, locker.Starting, locker.Joining, locker.JoiningNow, locker.Joined, locker.JoinRefused, locker.NotReady, locker.Mapping, locker.Superseded:
		return true
	}
	return false
}

func numberOf(door int) *number {
	digits := strconv.Itoa(door)
	width := 74 * len(digits)
	switch len(digits) { // squeezed, so that they stay tall on a portrait screen
	case 3:
		width = 62 * 3
	case 4:
		width = 48 * 4
	}
	return &number{digits, width}
}

// icon gives the drawing of that name, to stand in the page itself, where it
// takes the colour of the text.
func icon(name string) (template.HTML, error) {
	svg, err := assetFiles.ReadFile("assets/img/" + name + ".svg")
	return template.HTML(svg), err
}
