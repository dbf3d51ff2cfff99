package school

import (
	"fmt"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// standingWords says how a person stands.
func standingWords(s view.Standing) string {
	switch s {
	case view.NotYet:
		return "Not handed in"
	case view.In:
		return "Handed in"
	case view.Out:
		return "Collected"
	case view.Exempt:
		return "May keep it"
	case view.Unsure:
		return "Not certain"
	case view.AtDoor:
		return "At the door now"
	case view.StillIn:
		return "Not collected yet"
	}
	return "Not known"
}

// doorWords says what a door is doing.
func doorWords(s view.DoorState) string {
	switch s {
	case view.DoorFree:
		return "Free"
	case view.DoorKeeping:
		return "Keeping a phone"
	case view.DoorOpen:
		return "Open now"
	case view.DoorTrouble:
		return "Needs a look"
	case view.DoorOut:
		return "Out of service"
	}
	return "Does not answer"
}

// contactWords says what a door's sensor says.
func contactWords(c locker.Contact) string {
	switch c {
	case locker.Open:
		return "Open"
	case locker.Closed:
		return "Shut"
	}
	return "Not known"
}

// advice is one problem: what is the matter and what to do.
type advice struct {
	Code       view.ProblemCode
	What, Next string
	Person     string // id, for a link
	Door       int
	Ask        bool // a person waits; nothing is broken
}

// Key tells this problem's links from all others on the page, push after push.
func (a advice) Key() string { return fmt.Sprintf("%s-%d-%s", a.Code, a.Door, a.Person) }

// advise puts a problem into words.
func (s *snapshot) advise(p view.Problem) advice {
	a := advice{Code: p.Code, Person: p.Person, Door: p.Door}
	who, door, at := s.who(p.Person), fmt.Sprintf("Door %d", p.Door), s.at(p.Since)
	switch p.Code {
	case view.Forced:
		a.What = fmt.Sprintf("%s came open %s, and nobody was let in.", door, at)
		a.Next = "Go there now. See who is at it and whether a phone is still inside."
	case view.Unverified:
		a.What = fmt.Sprintf("%s: nobody saw how the visit of %s ended %s.", door, who, at)
		a.Next = "Look inside with the key, shut the door, and ask the pupil. " +
			"The pupil may use the door again within ten minutes, or with the next hand-in."
	case view.NoReply:
		a.What = fmt.Sprintf("Some doors have not answered %s.", s.since(p.Since))
		if p.Door != 0 {
			a.What = fmt.Sprintf("%s has not answered %s.", door, s.since(p.Since))
		}
		a.Next = "Check the cabinet's power and cable. Until it answers, use the key and a paper list."
	case view.Jammed:
		a.What = fmt.Sprintf("%s does not open.", door)
		a.Next = "Try its key. A pupil handing in is offered another door."
	case view.LeftOpen:
		a.What = fmt.Sprintf("%s has stood open %s.", door, s.since(p.Since))
		a.Next = "Look inside and shut it."
		if p.Person != "" {
			a.Next = fmt.Sprintf("Look inside and shut it. %s was there last.", who)
		}
	case view.HelpAsked:
		a.What, a.Ask = s.helpWords(), true
		a.Next = "Go and see."
	case view.NoDoor:
		a.What, a.Ask = fmt.Sprintf("No door was free for %s %s.", who, at), true
		a.Next = "Take the phone at the desk and write it down."
	case view.NotEmptied:
		a.What, a.Ask = fmt.Sprintf("%s still has something in it after %s collected %s.", door, who, at), true
		a.Next = "Ask the pupil what they left, and open the door with its key."
	case view.Overdue:
		a.What, a.Ask = fmt.Sprintf("%s has not collected from door %d.", who, p.Door), true
		a.Next = "Find the pupil. The phone is safe where it is."
	default:
		a.What = fmt.Sprintf("%s needs a look.", door)
		a.Next = "Go and see."
	}
	return a
}

// who names a person as the office says it: Ada Byron (7A).
func (s *snapshot) who(id string) string {
	if id == "" {
		return "a pupil"
	}
	l := s.line(view.Person{ID: id})
	return fmt.Sprintf("%s (%s)", l.Name, l.Form)
}

// helpWords tells of every press of Help on the board.
func (s *snapshot) helpWords() string {
	presses, last := 0, time.Time{}
	for _, p := range s.board.Problems {
		if p.Code != view.HelpAsked {
			continue
		}
		presses++
		if p.Since.After(last) {
			last = p.Since
		}
	}
	bank := strings.ToUpper(s.board.Bank)
	if presses == 1 {
		return fmt.Sprintf("Somebody pressed Help at bank %s %s.", bank, s.at(last))
	}
	return fmt.Sprintf("Help at bank %s: pressed %d times, last %s.", bank, presses, s.at(last))
}

// at says when something happened, with the day when it was not today.
func (s *snapshot) at(t time.Time) string {
	switch {
	case t.IsZero():
		return "earlier"
	case s.today(t):
		return "at " + t.Format("15:04")
	}
	return "on " + s.day(t) + t.Format(" at 15:04")
}

// since says from when on something has been so.
func (s *snapshot) since(t time.Time) string {
	if t.IsZero() {
		return "for some time"
	}
	return "since " + s.clock(t)
}

// clock is the time of t, with the day when it was not today; "" for no time.
func (s *snapshot) clock(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case s.today(t):
		return t.Format("15:04")
	}
	return s.day(t) + t.Format(" 15:04")
}

// day is a weekday while that tells which, and a date beyond.
func (s *snapshot) day(t time.Time) string {
	if s.board.AsOf.Sub(t) < 6*24*time.Hour {
		return t.Format("Mon")
	}
	return t.Format("2 Jan")
}

func (s *snapshot) today(t time.Time) bool {
	return t.YearDay() == s.board.AsOf.YearDay() && t.Year() == s.board.AsOf.Year()
}
