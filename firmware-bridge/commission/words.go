package commission

import (
	"fmt"
	"strings"
)

// Text is the question for the person.
func (a Ask) Text() string {
	switch a.Kind {
	case Probing:
		return "Asking every board."
	case Silent:
		return "Waiting for an answer of " + strings.Join(a.Boards, ", ") + ". Check power, cable and address."
	case Ready:
		return a.ready()
	case Opening:
		return fmt.Sprintf("Opening the doors one after another: %d of %d. Leave them open.", a.Done, a.Of)
	case Lacking:
		return a.lacking()
	case Which:
		return "Which door has just sprung open?"
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

// namedLocks is how many locks a question names one by one.
const namedLocks = 3

func (a Ask) lacking() string {
	var names []string
	for _, o := range a.Locks {
		if len(names) == namedLocks {
			names = append(names, fmt.Sprintf("%d more", len(a.Locks)-namedLocks))
			break
		}
		names = append(names, o.String())
	}
	return "These locks opened no door: " + strings.Join(names, "; ") + ". Look at the doors that stayed shut. Then shut every door."
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
		Taken:     "That number is taken, or of no door there.",
		Undone:    "The last door opens again.",
	}[n]
}

// Answers are those that a question takes.
func (a Ask) Answers() []AnswerKind {
	switch {
	case a.Kind == Ready:
		return []AnswerKind{Go}
	case a.Kind == Lacking && a.Pass == 1:
		return []AnswerKind{Again, Type}
	case a.Kind == Lacking:
		return []AnswerKind{Again}
	case a.Kind == Which:
		return []AnswerKind{Number, Nothing, Again}
	case a.Kind == Shut:
		return []AnswerKind{Undo, Again}
	}
	return nil
}
