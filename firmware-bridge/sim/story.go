package sim

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Failure is a rule that did not hold.
type Failure struct {
	Rule    string    // the rule, as a sentence
	Detail  string    // what happened instead
	Step    int       // how many things had happened
	At      time.Time // true time at the school
	Story   []string  // what led to it, oldest first
	Command string    // repeats it

	involved subjects
}

// Error gives rule, time, story and the command that repeats it.
func (f *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Broken: %s.\n%s\nAt step %d, %s.\n", f.Rule, f.Detail, f.Step, f.At.Format(storyTime))
	for _, line := range f.Story {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	fmt.Fprintf(&b, "Repeat it: %s", f.Command)
	return b.String()
}

const (
	storyTime  = "Mon 2 Jan 15:04:05.000"
	storyLines = 30
)

// subjects are the persons and doors that a story is about.
type subjects struct {
	people []string
	doors  []int
}

// narrator takes notes or tells aloud; the zero value does neither.
type narrator struct {
	out   io.Writer
	keep  bool
	notes []note
}

type note struct {
	who  string // "" and 0: everybody's concern
	door int
	text string
}

// tell notes one thing that happened, to a person, at a door, or to all.
func (s *sim) tell(who string, door int, format string, args ...any) {
	n := s.narrator
	if n.out == nil && !n.keep {
		return
	}
	text := s.wall().In(s.calendar.Zone).Format(storyTime) + "  " + fmt.Sprintf(format, args...)
	if n.out != nil {
		fmt.Fprintln(n.out, text)
	}
	if n.keep {
		n.notes = append(n.notes, note{who, door, text})
	}
}

// about gives the last notes that concern somebody or something.
func (n *narrator) about(involved subjects) []string {
	var lines []string
	for _, note := range slices.Backward(n.notes) {
		if len(lines) == storyLines {
			break
		}
		general := note.who == "" && note.door == 0
		if general || slices.Contains(involved.people, note.who) || slices.Contains(involved.doors, note.door) {
			lines = append(lines, note.text)
		}
	}
	slices.Reverse(lines)
	return lines
}

// violated ends the run: a rule does not hold.
func (s *sim) violated(rule string, p *pupil, door int, format string, args ...any) {
	if s.failure != nil {
		return
	}
	f := &Failure{Rule: rule, Detail: fmt.Sprintf(format, args...), Step: s.count.Steps, At: s.wall().In(s.calendar.Zone)}
	if p != nil {
		f.involved.people = append(f.involved.people, p.id)
		for _, n := range []int{p.phone, p.own} {
			if n != 0 {
				f.involved.doors = append(f.involved.doors, n)
			}
		}
	}
	if door != 0 {
		f.involved.doors = append(f.involved.doors, door)
	}
	s.failure = f
}
