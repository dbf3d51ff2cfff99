package desk

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"pgregory.net/rapid"
)

// history plays the same day to the desk and to the model.
type history struct {
	*rapid.T
	*counter
	model model
}

// Over random histories exactly that is possible which the model allows, every
// device is in one place, and a restart changes nothing.
func TestCustodyIsAsTheModel(t *testing.T) {
	steps := 0
	defer func() { t.Logf("%d steps", steps) }()
	rapid.Check(t, func(t *rapid.T) {
		h := &history{T: t, counter: newCounter(t), model: model{items: map[string]*modelItem{}}}
		h.rules.ReleaseTo = rapid.SampledFrom([]policy.ReleaseTo{policy.ToParent, policy.ToParent, policy.ToPupil}).Draw(t, "rules")
		h.confiscate()
		t.Repeat(map[string]func(*rapid.T){
			"confiscate": func(*rapid.T) { h.confiscate() }, "move": func(*rapid.T) { h.move() }, "bank": func(*rapid.T) { h.door() },
			"release": func(*rapid.T) { h.release() }, "return": func(*rapid.T) { h.giveBack() }, "withdraw": func(*rapid.T) { h.withdraw() },
			"search": func(*rapid.T) { h.search() }, "delete": func(*rapid.T) { h.erase() },
			"bar": func(*rapid.T) { h.bar() }, "take out": func(*rapid.T) { h.takeOut() },
			"wait": func(t *rapid.T) {
				h.now.Wall = h.now.Wall.Add(time.Duration(rapid.SampledFrom([]int{5, 60, 240, 600}).Draw(t, "minutes")) * time.Minute)
			},
			"clock":  func(t *rapid.T) { h.now.Trusted = rapid.IntRange(0, 5).Draw(t, "trusted") > 0 },
			"exempt": func(t *rapid.T) { h.exempt[h.pupil()] = rapid.Bool().Draw(t, "exempt") },
			"":       func(*rapid.T) { steps++; h.compare(h.Custody); h.compare(h.again(h.T)) },
		})
	})
}

func (h *history) pupil() string { return rapid.SampledFrom([]string{"p-1", "p-2"}).Draw(h.T, "pupil") }
func (h *history) item() string {
	return h.model.order[rapid.IntRange(0, len(h.model.order)-1).Draw(h.T, "item")]
}

// must wants an attempt to go as the model says.
func (h *history) must(what string, err error, may bool) bool {
	h.Helper()
	if (err == nil) != may {
		h.Fatalf("%s: %v, by the model it may be: %t", what, err, may)
	}
	return may
}

func (h *history) confiscate() {
	pupil, reason := h.pupil(), rapid.SampledFrom([]Reason{Breach, Breach, Exam, PossibleImage}).Draw(h.T, "reason")
	in := phoneOf(pupil, reason, h.now.Wall)
	in.Despite = rapid.Bool().Draw(h.T, "despite")
	file, err := h.Confiscate(h.Context(), teacher, in)
	if !h.must("confiscate", err, !h.exempt[pupil] || in.Despite) {
		return
	}
	h.model.order = append(h.model.order, file.Item)
	h.model.items[file.Item] = &modelItem{whose: pupil, place: "hands", file: file.ID, reason: reason, taken: h.now.Wall, despite: h.exempt[pupil]}
	if reason == PossibleImage {
		h.model.bars = append(h.model.bars, locker.Subject{Item: file.Item})
	}
}

func (h *history) move() {
	id := h.item()
	i := h.model.items[id]
	err := h.Move(h.Context(), office, id, At("safe"))
	if h.must("move", err, i.place == "hands" || i.place == "spot") {
		i.place = "spot"
	}
}

// door lets the bank tell that a device went in or came out.
func (h *history) door() {
	id, n := h.item(), rapid.IntRange(1, 3).Draw(h.T, "door")
	if h.model.items[id].place == "door" {
		h.bank(h.T, locker.Event{Kind: locker.Collected, Door: h.model.items[id].door, Body: locker.Body{Item: id, By: "office"}})
		h.model.letOut(id)
		return
	}
	h.behind(h.T, id, n)
	h.model.tookIn(id, n)
}

func (h *history) takeOut() {
	id := h.item()
	_, err := h.TakeOut(h.Context(), office, id)
	h.must("take out", err, h.model.items[id].place == "door" && !h.model.barred(id))
}

func (h *history) release() {
	id, by := h.item(), office
	r := toMother(h.model.items[id].file)
	h.spoil(&by, map[string]func(){
		"no contact": func() { r.Contact = "C2" }, "no responsibility": func() { r.Contact = "C3" }, "court order": func() { r.Contact = "C4" },
		"unlisted": func() { r.Contact = "C9" }, "nobody": func() { r.Contact = "" }, "pupil": func() { r.To, r.Identity = ToOwner, "" },
		"identity": func() { r.Identity = "" }, "code": func() { r.Identity = ByCode }, "unsigned": func() { r.Signed.Name = "" },
	})
	may := h.model.mayRelease(id, by, r, h.rules, h.now.Wall, h.now.Trusted)
	if h.must("release", h.Hand(h.Context(), by, r), may) {
		h.model.release(id, r)
	}
}

// spoil makes one thing wrong with what is tried, or nothing.
func (h *history) spoil(by *By, ways map[string]func()) {
	ways["role"] = func() { *by = teacher }
	names := slices.Sorted(maps.Keys(ways))
	if n := rapid.IntRange(0, 2*len(names)-1).Draw(h.T, "spoilt"); n < len(names) {
		ways[names[n]]()
	}
}

func (h *history) withdraw() {
	id := h.item()
	i := h.model.items[id]
	if h.must("withdraw", h.Withdraw(h.Context(), office, i.file), i.released != "" && !i.gone() && i.place == "door") {
		i.released = ""
	}
}

func (h *history) giveBack() {
	id := h.item()
	i := h.model.items[id]
	if h.must("return", h.Return(h.Context(), teacher, i.file), h.model.mayReturn(id, h.exempt[i.whose])) {
		i.place = "owner"
	}
}

func (h *history) search() {
	id, by, s := h.item(), head, fullSearch(h.now.Wall)
	s.Of = rapid.SampledFrom(Searches).Draw(h.T, "of")
	h.spoil(&by, map[string]func(){
		"witness": func() { s.Witness = "" }, "consent": func() { s.Consent = "" }, "statutory": func() { s.Consent = Statutory }, "who": func() { s.ConsentBy = "" },
	})
	h.must("search", h.RecordSearch(h.Context(), by, h.model.items[id].file, s), h.model.maySearch(id, by, s))
}

func (h *history) erase() {
	id, by, d := h.item(), head, fullDeletion(h.now.Wall)
	h.spoil(&by, map[string]func(){
		"witness": func() { d.Witness = "" }, "consent": func() { d.Consent = "" }, "statutory": func() { d.Consent = Statutory },
	})
	h.must("delete", h.RecordDeletion(h.Context(), by, h.model.items[id].file, d), h.model.mayDelete(id, by, d))
}

// bar places or ends one: on a person, an item, a door, or a hold of the bank's
// own on a door.
func (h *history) bar() {
	on := rapid.SampledFrom([]locker.Subject{{Person: h.pupil()}, {Item: h.item()}, {Bank: "d", Door: 1}, {Bank: "d", Door: 2}}).Draw(h.T, "on")
	if on.Door == 2 {
		if n := slices.Index(h.model.bars, on); n >= 0 {
			h.bank(h.T, locker.Event{Kind: locker.HoldEnded, Door: 2})
			h.model.bars = slices.Delete(h.model.bars, n, n+1)
			return
		}
		h.bank(h.T, locker.Event{Kind: locker.HoldPlaced, Door: 2})
		h.model.bars = append(h.model.bars, on)
		return
	}
	for _, b := range h.bars.Standing() {
		if b.On == on {
			for _, who := range []roles.Role{roles.Head, roles.DSL} {
				if ended, _ := h.bars.End(h.Context(), somebody(who), b.ID); ended {
					break
				}
			}
			n := slices.Index(h.model.bars, on)
			h.model.bars = slices.Delete(h.model.bars, n, n+1)
			return
		}
	}
	if _, err := h.bars.Place(h.Context(), "office", rapid.SampledFrom([]Kind{Stop, Hold}).Draw(h.T, "kind"), on); err != nil {
		h.Fatal(err)
	}
	h.model.bars = append(h.model.bars, on)
}

// compare wants every device to be where the model has it, and nowhere else.
func (h *history) compare(book *Custody) {
	for id, want := range h.model.items {
		i, err := book.Item(id)
		file, _ := book.Case(want.file)
		place := map[PlaceKind]string{Behind: "door", Hands: "hands", AtSpot: "spot", Gone: string(i.Place.To)}[i.Place.Kind]
		if err != nil || place != want.place || i.Place.Door != want.door && place == "door" || file.Open() == want.gone() {
			h.Fatalf("%s is at %+v, case %q; by the model at %s %d", id, i.Place, file.Outcome, want.place, want.door)
		}
	}
	for _, person := range []string{"p-1", "p-2"} {
		if (book.Keeps(person) != nil) != h.model.keeps(person) {
			h.Fatalf("may the record of %s go: %v", person, book.Keeps(person))
		}
	}
}
