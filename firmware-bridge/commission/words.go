package commission

import (
	"fmt"
	"strings"
)

// Text is the question for the person.
func (a Ask) Text() string {
	switch a.Kind {
	case Silent:
		return "Waiting for an answer of " + strings.Join(a.Boards, ", ") + ". Check power, cable and address."
	case Ready:
		return a.ready()
	case Opening:
		return fmt.Sprintf("Opening the doors one after another: %d of %d. Leave them open.", a.Done, a.Of)
	case Lacking:
		return a.lacking()
	case Which:
		return fmt.Sprintf("Which door has just sprung open? Its contact did not tell (%v).", a.Outlet)
	case Shut:
		return fmt.Sprintf("Shut door %d. (%d of %d)", a.Door, a.Done+1, a.Of)
	case Done:
		return "Every door was found twice at the same place."
	case Failed:
		return a.Err.Error()
	}
	return ""
}

func (a Ask) ready() string {
	if a.Note == Differ || a.Note == Disturbed {
		return "Shut every door."
	}
	if a.Pass == 2 {
		return "Now once more, to be sure: the doors open in order, then you shut them in order. Shut every door."
	}
	return "Shut every door. Nothing may lie behind any of them. They then spring open one after another."
}

func (a Ask) lacking() string {
	var names []string
	for _, o := range a.Locks {
		names = append(names, o.String())
	}
	return fmt.Sprintf("Fewer doors were seen to open than there are. These locks moved nothing: %s. Look at the doors that are still shut: latch, plug, contact. Then shut every door.", strings.Join(names, "; "))
}

// Keys says what to type.
func (k Kind) Keys(pass int) string {
	switch k {
	case Ready:
		return "  Enter: it is so, go on"
	case Lacking:
		if pass == 2 {
			return "  a: try again"
		}
		return "  a: try again    t: doors do open there; I type their numbers"
	case Which:
		return "  number of the door    n: none opened    a: open it again"
	case Shut:
		return "  b: the last door was the wrong one    a: this door is shut already"
	}
	return ""
}

// Text says what has just gone otherwise than asked for.
func (n Note) Text() string {
	return map[Note]string{
		Together:  "Two doors shut at the same moment: both open again.",
		Stray:     "That door is on another bus than the one asked for: it opens again.",
		Disturbed: "Another door moved as one was opened.",
		Differ:    "The two rounds do not agree about some doors: these come again.",
		Taken:     "That number is another door's already, or of no door there.",
		Undone:    "The last door opens again.",
	}[n]
}
