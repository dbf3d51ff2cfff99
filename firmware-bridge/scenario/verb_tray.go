package scenario

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
)

// inTray begins the place of a device in a class's tray.
const inTray = "tray of "

var (
	ofForm   = param{name: "form", kind: aText, needed: true, about: "the class"}
	phones   = param{name: "phones", kind: aNumber, about: "how many were counted"}
	watches  = param{name: "watches", kind: aNumber, about: "the same"}
	whatPart = param{name: "what", kind: aText, about: "the kinds of device, with commas; a phone when left out"}
)

// trayVerbs are what class teachers do about their class's tray.
var trayVerbs = []verb{
	{"take-tray", "a member of staff", "Take the empty tray of a class.", []param{ofForm}, takeTray},
	{"tick", "a member of staff", "Tick what pupils hand in, or that they have nothing.",
		[]param{ofForm, {name: "of", kind: people, needed: true, about: "whom"}, whatPart,
			{name: "as", kind: aChoice, among: []string{"no-phone", "absent"}, about: "in place of a device"},
			{name: "sent", kind: yesNo, about: "no when there is no network: it waits on the tablet"}}, tickIn},
	{"tick-back", "a member of staff", "Tick what pupils got back.",
		[]param{ofForm, {name: "of", kind: people, needed: true, about: "whom"}, whatPart,
			{name: "sent", kind: yesNo, about: "no when there is no network: it waits on the tablet"}}, tickBack},
	{"send-ticks", "a member of staff", "Send what waits on the tablet, the newest first and everything twice: the order is no matter.", []param{ofForm}, sendTicks},
	{"put-tray-away", "a member of staff", "Count a tray and put it in a named place.",
		[]param{ofForm, phones, watches, {name: "spot", kind: aText, needed: true, about: "the place"},
			{name: "asked", kind: yesNo, about: "yes when everybody with nothing ticked was asked"}}, putTrayAway},
	{"get-tray-out", "a member of staff", "Get a tray out of its place.", []param{ofForm}, getTrayOut},
	{"hand-tray-on", "a member of staff", "Hand a tray to another teacher of the class, who counts too.",
		[]param{ofForm, phones, watches, {name: "to", kind: aPerson, needed: true, about: "the other teacher"}}, handTrayOn},
	{"close-tray", "a member of staff", "Count what is left in a tray, and bring it to the office.",
		[]param{ofForm, phones, watches, {name: "spot", kind: aText, needed: true, about: "the place at the office"}}, closeTray},
}

// trayOf is a member of staff, and the tray of a class that is not closed, or else
// today's.
func (w *world) trayOf(c call) (*person, tray.Tray, error) {
	by, err := w.staff(c.who)
	if err != nil {
		return nil, tray.Tray{}, err
	}
	for _, t := range w.books.Trays.Trays() {
		if t.Form == c.text("form") {
			return by, t, nil
		}
	}
	return by, tray.Tray{}, errs.New(errs.NotFound, "Nobody has taken that tray.", "")
}

func takeTray(w *world, c call) error {
	by, err := w.staff(c.who)
	if err == nil {
		_, err = w.books.Trays.Take(context.Background(), by.deskBy(), c.text("form"))
	}
	return err
}

func tickIn(w *world, c call) error { return tick(w, c, tray.In) }

func tickBack(w *world, c call) error { return tick(w, c, tray.Back) }

// tick makes a tick for each pupil, on top of what the tablet shows of them.
func tick(w *world, c call, part tray.Part) error {
	by, t, err := w.trayOf(c)
	if err != nil {
		return err
	}
	line := tray.Line{Mark: tray.Mark(c.text("as"))}
	for _, what := range split(c.or("what", string(desk.Phone))) {
		if line.Mark == "" {
			line.Things = append(line.Things, desk.What(what))
		}
	}
	slices.Sort(line.Things)
	pupils, refused := w.all(c.names("of")), error(nil)
	for _, of := range pupils {
		w.ticked++
		said := map[tray.Part]tray.Said{tray.In: t.In(of.id), tray.Back: t.Back(of.id)}[part]
		made := tray.Tick{ID: "tick-" + strconv.Itoa(w.ticked), Pupil: of.id, Part: part, Line: line, After: said.Ticks, At: w.now}
		if c.text("sent") == "no" {
			w.unsent[by.name] = append(w.unsent[by.name], made)
			w.handled(of, t.Form, part, line)
			continue
		}
		answer, err := w.books.Trays.Tick(context.Background(), by.deskBy(), t.ID, []tray.Tick{made})
		if err != nil {
			return err
		}
		if len(answer) > 0 {
			refused = cmp.Or(refused, answer[0].Why)
			continue
		}
		w.handled(of, t.Form, part, line)
	}
	return refused
}

// handled is a device going from hand to hand.
func (w *world) handled(of *person, form string, part tray.Part, line tray.Line) {
	switch {
	case part == tray.In && len(line.Things) > 0:
		w.moves(of, inTray+form)
	case part == tray.Back && len(line.Things) > 0:
		w.moves(of, inHands+of.name)
	}
}

func sendTicks(w *world, c call) error {
	by, t, err := w.trayOf(c)
	if err != nil {
		return err
	}
	waiting := slices.Clone(w.unsent[by.name])
	slices.Reverse(waiting)
	for _, batch := range slices.Collect(slices.Chunk(slices.Concat(waiting, waiting), 5)) {
		refused, err := w.books.Trays.Tick(context.Background(), by.deskBy(), t.ID, batch)
		if err != nil {
			return err
		}
		if len(refused) > 0 {
			return refused[0].Why
		}
	}
	delete(w.unsent, by.name)
	return nil
}

// counted is what somebody counted.
func (c call) counted() tray.Count {
	return tray.Count{desk.Phone: c.number("phones"), desk.Watch: c.number("watches")}
}

func putTrayAway(w *world, c call) error {
	by, t, err := w.trayOf(c)
	if err != nil {
		return err
	}
	unticked := 0
	for _, p := range w.books.People.People() {
		if said := t.In(p.ID); p.Kind == register.Pupil && p.Form == t.Form && len(said.Things) == 0 && said.Mark == "" {
			unticked++
		}
	}
	asked := 0
	if c.yes("asked") {
		asked = unticked
	}
	return w.books.Trays.Lock(context.Background(), by.deskBy(), t.ID, tray.Counted{Spot: c.text("spot"), Count: c.counted(), Asked: asked}, unticked)
}

func getTrayOut(w *world, c call) error {
	by, t, err := w.trayOf(c)
	if err != nil {
		return err
	}
	return w.books.Trays.Fetch(context.Background(), by.deskBy(), t.ID)
}

func handTrayOn(w *world, c call) error {
	by, t, err := w.trayOf(c)
	if err != nil {
		return err
	}
	to, err := w.staff(c.text("to"))
	if err != nil {
		return err
	}
	if err := w.books.Trays.Hand(context.Background(), by.deskBy(), t.ID, c.counted()); err != nil {
		return err
	}
	return w.books.Trays.Accept(context.Background(), to.deskBy(), t.ID, c.counted())
}

func closeTray(w *world, c call) error {
	by, t, err := w.trayOf(c)
	if err != nil {
		return err
	}
	if err := w.books.Trays.Close(context.Background(), by.deskBy(), t.ID, c.text("spot"), c.counted()); err != nil {
		return err
	}
	t, err = w.books.Trays.Tray(t.ID)
	for _, left := range t.Left {
		of := w.byID[left.Pupil]
		w.items[left.Item] = of
		w.moves(of, atSpot+c.text("spot"))
	}
	return err
}

// trayWith is the tray that the records have a device in, "" for none.
func (w *world) trayWith(of *person) string {
	if s := w.books.Trays.Standings()[of.id]; len(s.Here) > 0 {
		return inTray + s.Form
	}
	return ""
}
