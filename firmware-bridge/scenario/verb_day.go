package scenario

import (
	"context"
	"slices"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/view"
)

// dayVerbs are the office's register of a day, and notices.
var dayVerbs = []verb{
	{"mark", "a member of staff", "Say of pupils that they are present, late, absent or have left, or have no phone today.",
		[]param{{name: "pupils", kind: people, needed: true, about: "whom"}, {name: "except", kind: people, about: "but not these"},
			{name: "as", kind: aChoice, needed: true, among: choices(attendance.Marks()), about: "the mark"},
			{name: "how", kind: aChoice, among: []string{string(attendance.ByFile), string(attendance.ByForm), string(attendance.ByHand)}, about: "from where; a file when left out"}}, mark},
	{"leave-early", "a member of staff", "Let a pupil collect once before the end of the day.",
		[]param{ofPupil, {name: "reason", kind: aChoice, needed: true, among: choices(attendance.Reasons()), about: "why"},
			{name: "until", kind: aTime, needed: true, about: "until when"},
			{name: "collects", kind: aText, needed: true, about: "who comes for them"}}, leaveEarly},
	{"import-roll", "", "Take the roll of the school's information system in again, as every night.", nil, func(w *world, _ call) error {
		book := w.books.People
		return book.Apply(context.Background(), setupBy, register.Diff(book.State(), w.roll), register.Stated{})
	}},
	{"prepare-notice", "a member of staff", "Prepare a notice to a contact; nothing is sent.", []param{ofPupil,
		{name: "to", kind: aPerson, needed: true, about: "the contact"},
		{name: "template", kind: aText, about: "its template; contact-office when left out"}}, prepareNotice},
	{"send-notice", "a member of staff", "Send what is prepared for a contact.", []param{
		{name: "to", kind: aPerson, needed: true, about: "the contact"}}, sendNotice},
}

func mark(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	not, marks := w.all(c.names("except")), map[string]attendance.Mark{}
	for _, p := range w.all(c.names("pupils")) {
		if !slices.Contains(not, p) {
			marks[p.id] = attendance.Mark(c.text("as"))
		}
	}
	day := school.DateOf(w.now.In(w.zone))
	_, err = w.books.Attendance.Mark(context.Background(), by.actor.Account, day, attendance.How(c.or("how", string(attendance.ByFile))), marks)
	return err
}

func leaveEarly(w *world, c call) error {
	by, of, err := w.pair(c, "of")
	if err == nil {
		_, err = w.books.Attendance.LeaveEarly(context.Background(), by.actor.Account,
			attendance.Leave{Person: of.id, Reason: attendance.Reason(c.text("reason")), Until: w.today(c.text("until")), Collects: c.text("collects")})
	}
	return err
}

func prepareNotice(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	to := w.people[c.text("to")]
	if to == nil {
		return wrong("%q is not at this school.", c.text("to"))
	}
	about := i.Case
	if about == "" {
		about = i.ID
	}
	_, err = w.books.Notices.Prepare(context.Background(), by.actor.Account,
		notify.Request{About: about, Template: c.or("template", "contact-office"), Pupil: of.id, Contact: to.id, Time: w.now})
	return err
}

func sendNotice(w *world, c call) error {
	by, to, err := w.pair(c, "to")
	if err != nil {
		return err
	}
	for _, n := range w.books.Notices.List() {
		if n.Contact != to.id || n.State != notify.Prepared {
			continue
		}
		if n.Way == notify.Slip {
			return w.books.Notices.Printed(context.Background(), by.actor, n.ID)
		}
		return w.books.Notices.Send(context.Background(), by.actor, n.ID)
	}
	return wrong("No notice to %s is prepared.", to.name)
}

// missing are those who are here and have handed nothing in, at a bank or at the
// desk or in a class's tray.
func (w *world) missing() []string {
	now := w.instant("school")
	day := w.books.Attendance.Day(school.DateOf(now.Wall.In(w.zone)))
	handedIn, mayKeep := map[string]bool{}, map[string]bool{}
	for _, b := range w.banks {
		for _, p := range b.board.Board(w.given.Current(), now, w.zone).People {
			handedIn[p.ID], mayKeep[p.ID] = p.State.HandedIn(), p.State == view.Exempt
		}
	}
	for _, i := range w.books.Custody.Items() {
		handedIn[i.Whose] = true
	}
	for id, s := range w.books.Trays.Standings() {
		handedIn[id] = handedIn[id] || s.In
		mayKeep[id] = mayKeep[id] || s.Mark != ""
	}
	return day.Missing(func(id string) bool { return handedIn[id] }, func(id string) bool { return mayKeep[id] || w.books.Exceptions.Exempt(id) })
}
