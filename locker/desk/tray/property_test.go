package tray

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"pgregory.net/rapid"
)

// tablet is a page kept open: what it was shown last, and what it has not sent yet.
type tablet struct {
	n     int
	by    desk.By
	shown map[string][]string // ticks that said so, by part and pupil
	queue []Tick
}

var class = []string{"oak-1", "oak-2", "oak-3"}

// tick is made without a network, on top of what the tablet shows.
func (p *tablet) tick(t *rapid.T, serial int) {
	pupil, part := rapid.SampledFrom(class).Draw(t, "pupil"), rapid.SampledFrom([]Part{In, In, Back}).Draw(t, "part")
	line := Line{Things: rapid.SampledFrom([][]desk.What{nil, {desk.Phone}, {desk.Watch}, {desk.Phone, desk.Watch}}).Draw(t, "things")}
	if len(line.Things) == 0 && part == In && rapid.Bool().Draw(t, "none") {
		line.Mark = NoPhone
	}
	key := string(part) + pupil
	tick := Tick{ID: fmt.Sprintf("t%d-%d", p.n, serial), Pupil: pupil, Part: part, Line: line, After: p.shown[key]}
	if len(tick.After) > maxAfter {
		tick.After = tick.After[:maxAfter]
	}
	p.shown[key] = []string{tick.ID}
	p.queue = append(p.queue, tick)
}

// world is a book, its model, and tablets between which the network loses, doubles
// and mixes up what is sent.
type world struct {
	*room
	id      string
	model   model
	tablets []*tablet
	serial  int
}

func newWorld(t *rapid.T) *world {
	w := &world{room: newRoom(t), model: model{ticks: map[string]Tick{}, holder: supply.Person}}
	w.now = clock(morning, 15, 20) // the hours have a test of their own
	w.id = w.take(t, supply).ID
	for i, by := range []desk.By{supply, tutor, office, stranger, who("v-9", roles.Supply, "5 Elm")} {
		w.tablets = append(w.tablets, &tablet{n: i, by: by, shown: map[string][]string{}})
	}
	return w
}

// send hands some of a tablet's queue to the school, in any order, and perhaps loses
// the answer.
func (w *world) send(t *rapid.T, p *tablet, batch []Tick, answered bool) {
	want := map[string]bool{}
	for _, tick := range batch {
		want[tick.ID] = w.model.mayTick(p.by, tick)
	}
	closed := w.model.closed
	refused, err := w.Tick(t.Context(), p.by, w.id, batch)
	if ours := w.model.ours(p.by) && !closed; (err == nil) != ours {
		t.Fatalf("%s: %v", p.by.Account, err)
	}
	if err != nil {
		p.queue = nil // it is shown to whoever holds the tablet
		return
	}
	for _, tick := range batch {
		no := slices.ContainsFunc(refused, func(r Refusal) bool { return r.ID == tick.ID })
		if _, known := w.model.ticks[tick.ID]; !known && no == want[tick.ID] {
			t.Fatalf("%+v: refused %v", tick, no)
		}
		if !no {
			w.model.ticks[tick.ID] = tick
		}
		if no || answered {
			p.queue = slices.DeleteFunc(p.queue, func(q Tick) bool { return q.ID == tick.ID })
		}
	}
	if answered {
		w.show(p)
	}
}

// show brings a tablet's page up to date, but for what it has not sent.
func (w *world) show(p *tablet) {
	tray, _ := w.Tray(w.id)
	for _, pupil := range class {
		for part, said := range map[Part]Said{In: tray.In(pupil), Back: tray.Back(pupil)} {
			mine := func(q Tick) bool { return q.Pupil == pupil && q.Part == part }
			if !slices.ContainsFunc(p.queue, mine) {
				p.shown[string(part)+pupil] = said.Ticks
			}
		}
	}
}

// move puts the tray somewhere else, with a count that is right more often than not.
func (w *world) move(t *rapid.T, by desk.By) {
	m := &w.model
	here, _ := m.state(class)
	if rapid.IntRange(0, 3).Draw(t, "miscount") == 0 {
		here[desk.Phone]++
	}
	ctx := t.Context()
	var err error
	may := false
	switch rapid.SampledFrom([]string{"lock", "fetch", "hand", "accept", "close"}).Draw(t, "move") {
	case "lock":
		may = m.mayMove(by, here, class)
		if err = w.Lock(ctx, by, w.id, Counted{Spot: "office", Count: here}, 0); err == nil {
			m.holder, m.counted, m.offered = "", true, ""
		}
	case "fetch":
		may = m.ours(by) && !m.closed && m.holder == ""
		if err = w.Fetch(ctx, by, w.id); err == nil {
			m.holder = by.Person
		}
	case "hand":
		may = m.mayMove(by, here, class)
		if err = w.Hand(ctx, by, w.id, here); err == nil {
			m.offered = by.Person
		}
	case "accept":
		holder := by
		holder.Person = m.holder
		offered := m.offered != "" || by.Roles[0].Role == roles.Office
		may = m.ours(by) && m.holder != "" && offered && m.holder != by.Person && m.mayMove(holder, here, class)
		if err = w.Accept(ctx, by, w.id, here); err == nil {
			m.holder, m.offered = by.Person, ""
		}
	case "close":
		may = m.mayMove(by, here, class) && (m.counted || here.Total() == 0) && rapid.IntRange(0, 3).Draw(t, "the day ends") == 0
		if !may && m.mayMove(by, here, class) {
			return
		}
		if err = w.Close(ctx, by, w.id, "office", here); err == nil {
			m.closed, m.left = true, here.Total()
		}
	}
	if (err == nil) != may {
		t.Fatalf("%s: %v, and may %v", by.Account, err, may)
	}
}

// In whatever order ticks arrive, however often, and whoever's answers are lost: the
// tray is what the model says, and what a book says that is told each tick once in the
// order they were made; and no other class's teacher ever reaches it.
func TestTicksInAnyOrder(t *testing.T) {
	steps := 0
	defer func() { t.Logf("%d steps", steps) }()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			steps++
			p := rapid.SampledFrom(w.tablets).Draw(t, "tablet")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2, 3:
				w.serial++
				p.tick(t, w.serial)
			case 4, 5, 6:
				batch := rapid.Permutation(p.queue).Draw(t, "order")
				batch = batch[:rapid.IntRange(0, len(batch)).Draw(t, "of them")]
				w.send(t, p, slices.Concat(batch, batch[:len(batch)/2]), rapid.Bool().Draw(t, "answered"))
			case 7:
				w.show(p)
			default:
				w.move(t, p.by)
			}
			w.agree(t)
		}
		same(t, w.room)
	})
}

// agree compares the book with its model, and with one told in another order.
func (w *world) agree(t *rapid.T) {
	tray, err := w.Tray(w.id)
	if err != nil {
		t.Fatal(err)
	}
	here, unsure := w.model.state(class)
	if w.model.closed {
		if !tray.Closed() || len(tray.Left) != w.model.left || len(w.left) != w.model.left {
			t.Fatalf("closed: %+v", tray)
		}
		return
	}
	if !maps.Equal(tray.Count(), here) || (len(tray.Conflicts()) > 0) != unsure || tray.Held() != w.model.holder {
		t.Fatalf("the tray has %v, conflicts %v, held by %q; the model %v %v %q", tray.Count(), tray.Conflicts(), tray.Held(), here, unsure, w.model.holder)
	}
	other := &kept{Tray: tray, known: map[string]bool{}, cells: map[Part]map[string]*cell{In: {}, Back: {}}}
	for _, id := range slices.Sorted(maps.Keys(w.model.ticks)) {
		other.ticked(body{Ticks: []Tick{w.model.ticks[id], w.model.ticks[id]}}, w.now)
	}
	if got := other.value(); !maps.Equal(got.Count(), here) || !slices.Equal(got.Conflicts(), tray.Conflicts()) {
		t.Fatalf("in another order: %v %v", got.Count(), got.Conflicts())
	}
}
