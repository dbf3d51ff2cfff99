package scenario

import (
	"context"
	"fmt"
	"strconv"

	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/locker/view"
)

var paperIs = param{name: "paper", kind: aText, needed: true, about: "its title"}

// examVerbs are what people do about papers and their candidates.
var examVerbs = []verb{
	{"set-paper", "a member of staff", "Set a paper of today and enter its candidates.", []param{paperIs,
		{name: "starts", kind: aTime, needed: true, about: "when"},
		{name: "minutes", kind: aNumber, needed: true, about: "how long it takes, without extra time"},
		{name: "for", kind: people, needed: true, about: "the candidates"},
		{name: "longer", kind: people, about: "those of them with extra time"},
		{name: "extra", kind: aNumber, about: "how much more time they have, in per cent; 25 when left out"},
		{name: "leave", kind: yesNo, about: "yes if they may collect as soon as they have finished"}}, setPaper},
	{"of-candidate", "a member of staff", "Record how a candidate stands.", []param{paperIs, ofPupil,
		{name: "is", kind: aChoice, needed: true, among: choices([]exam.How{exam.SaidNone, exam.SaidWith, exam.SaidBack, exam.SaidAbsent, exam.SaidLate, exam.SaidAdmitted}), about: "what to record"},
		{name: "other", kind: aPerson, about: "the witness, or the invigilator who has the device"}}, ofCandidate},
	{"clear-paper", "a member of staff", "Mark a paper clear of devices.", []param{paperIs}, clearPaper},
	{"finish-paper", "a member of staff", "Record that a paper has ended for candidates.", []param{paperIs, {name: "for", kind: people, needed: true, about: "for whom"},
		{name: "except", kind: people, about: "but not these"},
		{name: "why", kind: aText, about: "why, if before their own time"}}, finishPaper},
	{"cancel-paper", "a member of staff", "Take a paper off the list.", []param{paperIs}, cancelPaper},
	{"find-device", "a member of staff", "Record that a device was found with a candidate, and take it.", []param{paperIs, ofPupil, whatIs,
		{name: "active", kind: yesNo, about: "yes if it was in use"}}, findDevice},
}

// inDoors are the devices behind pupil doors, as the school sees its banks.
func (w *world) inDoors() map[string]desk.Place {
	all := map[string]desk.Place{}
	for _, b := range w.banks {
		for _, p := range b.board.Board(w.given.Current(), w.instant("school"), w.zone).People {
			if p.State == view.In || p.State == view.StillIn {
				all[p.ID] = desk.Place{Kind: desk.Behind, Bank: b.id, Door: p.Door, Since: p.Since}
			}
		}
	}
	return all
}

func setPaper(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	d := exam.Draft{Paper: exam.Paper{Title: c.text("paper"), Rooms: []string{"Hall"}}, Start: w.today(c.text("starts")), Minutes: c.number("minutes"), Leave: c.yes("leave")}
	longer := map[*person]bool{}
	for _, p := range w.all(c.names("longer")) {
		longer[p] = true
	}
	extra, _ := strconv.Atoi(c.or("extra", "25")) // it was checked when the file was read
	for _, p := range w.all(c.names("for")) {
		one := exam.Candidate{Person: p.id}
		if longer[p] {
			one.Extra = extra
		}
		d.Candidates = append(d.Candidates, one)
	}
	_, err = w.books.Exams.Set(context.Background(), by.deskBy(), d)
	return err
}

// sitting is that of a title.
func (w *world) sitting(c call) (exam.Sitting, error) {
	for _, s := range w.books.Exams.Sittings() {
		if s.Paper.Title == c.text("paper") {
			return s, nil
		}
	}
	return exam.Sitting{}, wrong("There is no paper %q.", c.text("paper"))
}

// onPaper does something about a paper, and about one of its candidates where the
// call names one.
func (w *world) onPaper(c call, do func(by desk.By, s exam.Sitting, n int) error) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	s, err := w.sitting(c)
	if err != nil {
		return err
	}
	n := 0
	if name := c.text("of"); name != "" {
		if n = w.lineOf(s, w.people[name]); n == 0 {
			return wrong("%q is no candidate.", name)
		}
	}
	return do(by.deskBy(), s, n)
}

// lineOf is the number of somebody's line, 0 for none.
func (w *world) lineOf(s exam.Sitting, p *person) int {
	if p == nil {
		return 0
	}
	l, _ := s.Of(p.id)
	return l.N
}

func ofCandidate(w *world, c call) error {
	return w.onPaper(c, func(by desk.By, s exam.Sitting, n int) error {
		other, of, how := w.people[c.text("other")], w.people[c.text("of")], exam.How(c.text("is"))
		id := ""
		if other != nil {
			id = other.id
		}
		err := w.books.Exams.Say(context.Background(), by, s.ID, n, how, id)
		switch {
		case err == nil && how == exam.SaidWith:
			w.moves(of, inHands+other.name)
		case err == nil && how == exam.SaidBack:
			w.moves(of, inHands+of.name)
		}
		return err
	})
}

func clearPaper(w *world, c call) error {
	return w.onPaper(c, func(by desk.By, s exam.Sitting, _ int) error {
		return w.books.Exams.Clear(context.Background(), by, s.ID, true)
	})
}

func cancelPaper(w *world, c call) error {
	return w.onPaper(c, func(by desk.By, s exam.Sitting, _ int) error {
		return w.books.Exams.Cancel(context.Background(), by, s.ID)
	})
}

func finishPaper(w *world, c call) error {
	return w.onPaper(c, func(by desk.By, s exam.Sitting, _ int) error {
		except, lines := w.all(c.names("except")), []int(nil)
		for _, p := range w.all(c.names("for")) {
			if n := w.lineOf(s, p); n != 0 && !contains(except, p) {
				lines = append(lines, n)
			}
		}
		return w.books.Exams.Finish(context.Background(), by, s.ID, lines, w.now, c.text("why"))
	})
}

func contains(list []*person, one *person) bool {
	for _, p := range list {
		if p == one {
			return true
		}
	}
	return false
}

func findDevice(w *world, c call) error {
	return w.onPaper(c, func(by desk.By, s exam.Sitting, n int) error {
		of := w.people[c.text("of")]
		found := exam.Found{At: w.now, What: desk.What(c.or("what", string(desk.Phone))), Active: c.yes("active"), Happened: "It was seen."}
		if _, err := w.books.Exams.Report(context.Background(), by, s.ID, n, found); err != nil {
			return err
		}
		for _, i := range w.books.Custody.ItemsOf(of.id) {
			w.items[i.ID] = of
		}
		w.moves(of, inHands+c.who)
		return nil
	})
}

// papers are how all papers stand: missing 2, unclear, clear, over.
func (w *world) papers() map[string]string {
	all := map[string]string{}
	for _, s := range w.books.Exams.Sittings() {
		list := w.books.Exams.Standings(s)
		counts, open := exam.Counted(list)
		state := "unclear"
		switch {
		case open > 0:
			state = fmt.Sprintf("missing %d", open)
		case counts.Deposited+counts.With+counts.None == 0:
			state = "over"
		case s.IsClear(list):
			state = "clear"
		}
		all[s.Paper.Title] = state
	}
	return all
}

// withInvigilator is who has somebody's device in an exam, nil for nobody.
func (w *world) withInvigilator(owner *person) *person {
	for _, s := range w.books.Exams.Sittings() {
		if l, ok := s.Of(owner.id); ok && l.With != nil && l.Back == nil {
			for _, p := range w.people {
				if p.id == l.With.Other {
					return p
				}
			}
		}
	}
	return nil
}
