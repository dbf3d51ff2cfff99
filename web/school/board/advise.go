package board

import (
	"fmt"

	"github.com/bellkeep/bellkeep/locker/view"
)

// advise puts one problem of a bank into words.
func (s *scene) advise(b bankNow, p view.Problem) advice {
	a := advice{Key: fmt.Sprintf("%s-%s-%d-%s", p.Code, b.ID, p.Door, p.Person), gravity: gravity[p.Code], since: p.Since}
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
		a.What = fmt.Sprintf("%s has not answered %s.", door, s.since(p.Since))
		if p.Door == 0 {
			a.What = fmt.Sprintf("Some doors of %s have not answered %s.", b.lower(), s.since(p.Since))
		}
		a.Next = "Check the cabinet's power and cable. Until it answers, use the key and a paper list."
	case view.Jammed:
		a.What = fmt.Sprintf("%s does not open.", door)
		a.Next = "Try its key. If it stood open after all, its contact or the cable to it is broken. A pupil handing in is offered another door."
	case view.LeftOpen:
		a.What = fmt.Sprintf("%s has stood open %s.", door, s.since(p.Since))
		a.Next = "Look inside and shut it."
		if p.Person != "" {
			a.Next = fmt.Sprintf("Look inside and shut it. %s was there last.", who)
		}
	case view.NoDoor:
		a.What, a.Ask = fmt.Sprintf("The bank had no door for %s %s: their own could not be used, and no spare one was free.", who, at), true
		a.Next = "Take the phone at the desk and write it down."
	case view.NotEmptied:
		a.What, a.Ask = fmt.Sprintf("%s still has something in it after %s collected %s.", door, who, at), true
		a.Next = "Ask the pupil what they left, and open the door with its key."
	case view.Overdue:
		a.What, a.Ask = fmt.Sprintf("%s has not collected from door %d.", who, p.Door), true
		a.Next = "Find the pupil. The phone is safe where it is."
		if lain := s.lain(p.Since); lain != "" {
			a.What = fmt.Sprintf("%s has not collected from door %d, %s.", who, p.Door, lain)
			a.Next = "Find the pupil, or ring home. The phone is safe where it is. It is never thrown away."
		}
	default:
		a.What = fmt.Sprintf("%s needs a look.", door)
		a.Next = "Go and see."
	}
	a.Links = a.linksTo(p)
	return a
}

// linksTo leads to the door and the pupil a problem is about.
func (a advice) linksTo(p view.Problem) []link {
	var list []link
	if p.Door != 0 {
		list = append(list, link{a.Key + "-door", fmt.Sprintf("/door/%d", p.Door), fmt.Sprintf("Door %d", p.Door)})
	}
	if p.Person != "" {
		list = append(list, link{a.Key + "-person", "/person/" + p.Person, "This pupil"})
	}
	return list
}

// problemsOf are those of one door or one person at any bank, without links to
// the page one is on.
func (s *scene) problemsOf(here string, about func(view.Problem) bool) []advice {
	var list []advice
	for _, b := range s.banks {
		for _, p := range b.Board.Problems {
			if !about(p) {
				continue
			}
			a := s.advise(b, p)
			var elsewhere []link
			for _, l := range a.Links {
				if l.Href != here {
					elsewhere = append(elsewhere, l)
				}
			}
			a.Links = elsewhere
			list = append(list, a)
		}
	}
	return list
}
