package board

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
)

// advice is one problem: what is the matter and what to do.
type advice struct {
	Key        string // tells it and its links from all others, push after push
	What, Next string
	Links      []link
	Ask        bool // a person waits; nothing is broken
	gravity    int
	since      time.Time
}

type link struct{ ID, Href, Text string }

// How many problems of one kind at one bank are told one by one.
const (
	fewOnDay  = 3
	fewOnBank = 12
)

// gravities of problems, gravest first. Those of a bank come between.
const (
	graveWelfare = -3
	graveOffline = -2
	graveRefused = -1
	graveUpkeep  = 3
	graveDevice  = 4
	graveEnding  = 5
	graveLeaver  = 6
	graveTask    = 9
)

var gravity = map[view.ProblemCode]int{
	view.Forced: 0, view.Unverified: 1, view.TakenOver: 1, view.ToLook: 1, view.NoReply: 2, view.Jammed: 3, view.LeftOpen: 4,
	view.HelpAsked: 5, view.NoDoor: 6, view.NotEmptied: 7, view.Overdue: 8,
}

// problems are those of the whole school that a reader may know of, gravest first,
// then oldest.
func (s *scene) problems(who reader) []advice {
	var list []advice
	for _, b := range s.banks {
		list = append(list, s.bankProblems(b, fewOnDay)...)
	}
	list = append(list, s.leavers()...)
	list = append(list, s.deviceProblems()...)
	for _, bar := range s.bars {
		if bar.EndBy != "" {
			list = append(list, s.endAsked(bar))
		}
	}
	for _, t := range s.tasks {
		if t.Permission == "" || who.may(t.Permission, "") {
			list = append(list, t.advice())
		}
	}
	slices.SortStableFunc(list, func(a, b advice) int {
		return cmp.Or(cmp.Compare(a.gravity, b.gravity), a.since.Compare(b.since))
	})
	return list
}

func (t Task) advice() advice {
	a := advice{Key: t.Key, What: t.What, Next: t.Next, Ask: true, gravity: graveTask, since: t.Since, Links: []link{{t.Key + "-link", t.Href, t.Link}}}
	if t.Grave {
		a.gravity, a.Ask = graveWelfare, false
	}
	return a
}

// audience tells readers apart who may know of different tasks.
func (s *scene) audience(who reader) string {
	var list []string
	for _, t := range s.tasks {
		if t.Permission != "" && who.may(t.Permission, "") {
			list = append(list, string(t.Permission))
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// bankProblems are those of one bank: of a kind that has more than few, one
// speaks for all.
func (s *scene) bankProblems(b bankNow, few int) []advice {
	var list []advice
	if !b.Online {
		list = append(list, s.offline(b))
	}
	if b.Refused != "" {
		list = append(list, advice{Key: "refused-" + b.ID, gravity: graveRefused,
			What:  fmt.Sprintf("%s: its record is not followed any more. %s", b.Short(), b.Refused),
			Next:  "Its doors go on working. What is shown here of it is old. Tell whoever looks after this server.",
			Links: []link{bankLink("refused-"+b.ID, b)}})
	}
	list = append(list, s.upkeep(b)...)
	for _, alike := range byCode(b.Board.Problems) {
		switch alike[0].Code {
		case view.HelpAsked:
			list = append(list, s.help(b, alike))
			continue
		case view.TakenOver:
			list = append(list, s.takenOver(b, alike[0]))
			continue
		case view.ToLook:
			list = append(list, s.toLook(b, alike[0]))
			continue
		}
		if len(alike) > few {
			list = append(list, s.many(b, alike))
			continue
		}
		for _, p := range alike {
			list = append(list, s.advise(b, p))
		}
	}
	return list
}

// byCode puts problems of one kind together, in the order of the first of each.
func byCode(problems []view.Problem) [][]view.Problem {
	var out [][]view.Problem
	place := map[view.ProblemCode]int{}
	for _, p := range problems {
		i, known := place[p.Code]
		if !known {
			i = len(out)
			place[p.Code] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], p)
	}
	return out
}

func bankLink(key string, b bankNow) link {
	return link{key + "-bank", "/bank/" + b.ID, b.Short()}
}

func (s *scene) offline(b bankNow) advice {
	a := advice{Key: "offline-" + b.ID, gravity: graveOffline, since: b.Came}
	a.What = fmt.Sprintf("%s has been offline since %s.", b.Short(), b.Since)
	if b.Came.IsZero() {
		a.What = fmt.Sprintf("%s has not been heard since this server started.", b.Short())
	}
	if n := s.notYetAt()[b.Short()]; n > 0 {
		a.What += fmt.Sprintf(" %s not yet in force there.", bars(n))
	}
	a.Next = "The bank goes on by itself. Check its power and its network cable. To keep a door shut there now, use the bank's keypad or key."
	a.Links = []link{bankLink(a.Key, b), {a.Key + "-print", "/print?bank=" + b.ID, "Its list, to print"}}
	return a
}

// leavers are those no longer on the roll with a phone still inside: their badge
// opens nothing, so somebody must give it back.
func (s *scene) leavers() []advice {
	var list []advice
	for _, l := range s.roll {
		held := s.heldAt(l.ID)
		if len(held) == 0 {
			continue
		}
		p, known := s.people.Person(l.ID)
		if !known || p.OnRoll() {
			continue
		}
		key := "leaver-" + l.ID
		list = append(list, advice{Key: key, gravity: graveLeaver, since: p.Left, Ask: true,
			What:  fmt.Sprintf("%s has left the school, and a phone of theirs is behind %s.", s.who(l.ID), held[0].Title()),
			Next:  "Ring home. Open the door from the pupil's page when somebody comes for it.",
			Links: []link{{key + "-person", "/person/" + l.ID, "This pupil"}}})
	}
	return list
}

// bars counts stops and holds in words.
func bars(n int) string {
	if n == 1 {
		return "1 stop or hold is"
	}
	return strconv.Itoa(n) + " stops or holds are"
}

// endAsked is somebody waiting for a second person. It does not say against
// whom: the board may hang on a wall.
func (s *scene) endAsked(bar desk.Bar) advice {
	key := "ending-" + bar.ID
	return advice{Key: key, gravity: graveEnding, since: bar.EndAsk, Ask: true,
		What:  fmt.Sprintf("%s asked %s to end a hold.", bar.EndBy, s.at(bar.EndAsk)),
		Next:  "Now a second person: " + approvers.Words(bar.Wanted, "or") + ".",
		Links: []link{{key + "-bar", "/bar/" + bar.ID, "The hold"}}}
}

// help makes one problem of every press of Help at a bank: they are one errand.
func (s *scene) help(b bankNow, presses []view.Problem) advice {
	a := advice{Key: "help-" + b.ID, gravity: gravity[view.HelpAsked], Ask: true, Next: "Go and see."}
	for _, p := range presses {
		if p.Since.After(a.since) {
			a.since = p.Since
		}
	}
	a.What = fmt.Sprintf("Somebody pressed Help at %s %s.", b.lower(), s.at(a.since))
	if len(presses) > 1 {
		a.What = fmt.Sprintf("Help at %s: pressed %d times, last %s.", b.lower(), len(presses), s.at(a.since))
	}
	a.Links = []link{bankLink(a.Key, b)}
	return a
}

// takenOver is the walk along the doors that another computer asks for.
func (s *scene) takenOver(b bankNow, p view.Problem) advice {
	a := advice{Key: "taken-over-" + b.ID, gravity: gravity[view.TakenOver], since: p.Since}
	doors := "1 door is"
	if p.Doors > 1 {
		doors = fmt.Sprintf("%d doors are", p.Doors)
	}
	a.What = fmt.Sprintf("%s works on another computer %s. %s unverified.", b.Short(), s.since(p.Since), doors)
	a.Next = "Walk along them with the list and look behind each. Badges go on opening their doors meanwhile."
	a.Links = []link{{a.Key + "-list", "/doors/" + b.ID, "Doors to look at"}}
	return a
}

// toLook is the walk along the doors that a power cut or the use of the key asks for.
func (s *scene) toLook(b bankNow, p view.Problem) advice {
	a := advice{Key: "to-look-" + b.ID, gravity: gravity[view.ToLook], since: p.Since}
	doors := "1 door was"
	if p.Doors > 1 {
		doors = fmt.Sprintf("%d doors were", p.Doors)
	}
	a.What = fmt.Sprintf("%s: %s perhaps opened while nobody could see it.", b.Short(), doors)
	a.Next = "Walk along them with the list and look behind each. Until then they stay unverified."
	a.Links = []link{{a.Key + "-list", "/doors/" + b.ID, "Doors to look at"}}
	return a
}

// lower is Short inside a sentence.
func (b bankNow) lower() string { return "b" + b.Short()[1:] }

// many speaks for all problems of one kind at a bank.
func (s *scene) many(b bankNow, alike []view.Problem) advice {
	code := alike[0].Code
	one := s.advise(b, alike[0])
	a := advice{Key: fmt.Sprintf("many-%s-%s", code, b.ID), gravity: one.gravity, Ask: one.Ask, since: alike[0].Since, Next: one.Next}
	var doors []int
	for _, p := range alike {
		if p.Door != 0 {
			doors = append(doors, p.Door)
		}
	}
	n, where := len(alike), b.lower()
	switch code {
	case view.Forced:
		a.What = fmt.Sprintf("%d doors of %s came open, and nobody was let in.", n, where)
	case view.Unverified:
		a.What = fmt.Sprintf("%d doors of %s: nobody saw how the visits ended.", n, where)
	case view.NoReply:
		a.What = fmt.Sprintf("%d doors of %s have not answered %s.", n, where, s.since(a.since))
	case view.Jammed:
		a.What, a.Next = fmt.Sprintf("%d doors of %s do not open.", n, where), "Try their keys. A pupil handing in is offered another door."
	case view.LeftOpen:
		a.What, a.Next = fmt.Sprintf("%d doors of %s stand open.", n, where), "Look inside and shut them."
	case view.NoDoor:
		a.What, a.Next = fmt.Sprintf("%s had no door for %d pupils: their own could not be used, and no spare one was free.", b.Short(), n), "Take the phones at the desk and write them down."
	case view.NotEmptied:
		a.What, a.Next = fmt.Sprintf("%d doors of %s still have something in them after a collection.", n, where), "Ask the pupils what they left, and open the doors with their keys."
	case view.Overdue:
		a.What, a.Next = fmt.Sprintf("%d pupils have not collected from %s.", n, where), "Find the pupils. The phones are safe where they are."
	default:
		a.What = fmt.Sprintf("%d doors of %s need a look.", n, where)
	}
	if code != view.Overdue && len(doors) > 0 {
		a.What += " Doors " + ranges(doors) + "."
	}
	a.Links = []link{bankLink(a.Key, b)}
	if code == view.Overdue {
		a.Links = []link{{a.Key + "-list", "/bank/" + b.ID + "?show=in", "Who they are"}}
	}
	return a
}

// ranges writes numbers as people do: 3, 7 to 12, 20. A long list is cut.
func ranges(numbers []int) string {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	var words []string
	for i := 0; i < len(numbers); {
		to := i
		for to+1 < len(numbers) && numbers[to+1] == numbers[to]+1 {
			to++
		}
		switch {
		case len(words) == 8:
			return strings.Join(words, ", ") + " and more"
		case to > i+1:
			words = append(words, fmt.Sprintf("%d to %d", numbers[i], numbers[to]))
			i = to + 1
		default:
			words = append(words, strconv.Itoa(numbers[i]))
			i++
		}
	}
	return strings.Join(words, ", ")
}
