package scenario

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// How long a pupil takes.
const (
	toDoor = 1500 * time.Millisecond // from the kiosk to the open door
	atWork = 2 * time.Second         // until the door is shut
)

var atBank = param{name: "at", kind: aBank, about: "the bank whose kiosk it is; without it their own"}

// kioskVerbs are what people do at a bank.
var kioskVerbs = []verb{
	{"scan", "who scans", "Hold a badge to a kiosk's scanner and do nothing else.",
		[]param{atBank, {name: "badge", kind: aChoice, among: []string{"newest", "old"}, about: "which badge; old is the one that was replaced"}}, scan},
	{"hand-in", "the pupil", "Scan, put the device behind the door that opens, and shut it.",
		[]param{atBank, {name: "shut", kind: yesNo, about: "no leaves the door standing open"}}, handIn},
	{"collect", "the pupil", "Scan, take the device out of the door that opens, and shut it.", []param{atBank}, collect},
	{"shut", "", "Push a door to that stands open.", []param{{name: "door", kind: aText, needed: true, about: "the door, like a/12 or own P"}}, shut},
	{"arrive", "", "Let many pupils hand in, each at a moment of their own: few at first, most shortly before the end.",
		[]param{
			{name: "from", kind: aTime, needed: true, about: "when the first comes"},
			{name: "until", kind: aTime, needed: true, about: "when the last comes"},
			{name: "except", kind: people, about: "who stays away"},
			{name: "peak", kind: aTime, about: "when most come"},
			{name: "twice", kind: aNumber, about: "how many scan a second time within 5 s"},
		}, arrive},
	{"leave", "", "Let many pupils collect, each at a moment of their own, evenly spread.",
		[]param{
			{name: "from", kind: aTime, needed: true, about: "when the first comes"},
			{name: "until", kind: aTime, needed: true, about: "when the last comes"},
			{name: "except", kind: people, about: "who stays away"},
		}, leave},
	{"press-help", "", "Press Help at a kiosk.", []param{{name: "at", kind: aBank, needed: true, about: "the bank"}}, pressHelp},
}

// kioskOf is the bank somebody goes to.
func (w *world) kioskOf(c call) (*person, *bank, error) {
	p := w.people[c.who]
	if p == nil {
		return nil, nil, wrong("%q is not at this school.", c.who)
	}
	b, err := w.bank(c.or("at", p.place.Bank))
	return p, b, err
}

func scan(w *world, c call) error {
	p, b, err := w.kioskOf(c)
	if err != nil {
		return err
	}
	token := p.badge
	if c.text("badge") == "old" {
		if token = p.old; token == (school.Token{}) {
			return wrong("%s has no old badge.", c.who)
		}
	}
	w.scans(p, b, token)
	return nil
}

// scans holds a badge to a scanner and gives what the kiosk says.
func (w *world) scans(p *person, b *bank, token school.Token) locker.Screen {
	b.reader = p
	b.handle(bridge.Scanned{Kiosk: b.kiosk, Line: token.Badge()})
	return b.screen
}

func handIn(w *world, c call) error {
	p, b, err := w.kioskOf(c)
	if err != nil {
		return err
	}
	w.handsIn(p, b, c.or("shut", "yes") == "yes")
	return nil
}

// handsIn is a pupil doing what the kiosk says, with a device.
func (w *world) handsIn(p *person, b *bank, shut bool) {
	screen := w.scans(p, b, p.badge)
	if screen.Word != locker.PutIn {
		return
	}
	w.after(toDoor, func() {
		if b.open[screen.Door] && p.where == inHands+p.name {
			w.moves(p, atDoor+door{b.id, screen.Door}.String())
		}
	})
	if shut {
		w.after(toDoor+atWork, func() { b.shut(screen.Door) })
	}
}

func collect(w *world, c call) error {
	p, b, err := w.kioskOf(c)
	if err != nil {
		return err
	}
	w.collects(p, b)
	return nil
}

func (w *world) collects(p *person, b *bank) {
	screen := w.scans(p, b, p.badge)
	if screen.Word != locker.TakeOut {
		return
	}
	w.after(toDoor, func() {
		if b.open[screen.Door] && p.where == atDoor+(door{b.id, screen.Door}.String()) {
			w.moves(p, inHands+p.name)
		}
	})
	w.after(toDoor+atWork, func() { b.shut(screen.Door) })
}

func shut(w *world, c call) error {
	d, err := w.door(c.text("door"))
	if err != nil {
		return err
	}
	b, err := w.bank(d.bank)
	if err != nil {
		return err
	}
	if !b.open[d.n] {
		return wrong("Door %s is shut already.", d)
	}
	b.shut(d.n)
	return nil
}

func pressHelp(w *world, c call) error {
	b, err := w.bank(c.text("at"))
	if err == nil {
		b.handle(bridge.HelpAsked{Kiosk: b.kiosk})
	}
	return err
}

func (b *bank) tick() { b.handle(bridge.Tick{}) }

// crowd is everybody with a place at a bank, but for some.
func (w *world) crowd(c call) []*person {
	away := w.all(c.names("except"))
	return slices.DeleteFunc(slices.Clone(w.groups[everyPupil]), func(p *person) bool {
		return p.place.Bank == "" || slices.Contains(away, p)
	})
}

// today is a time of day that was checked when the file was read.
func (w *world) today(clock string) time.Time {
	at, _ := time.Parse("15:04", clock)
	y, m, d := w.now.In(w.zone).Date()
	return time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, w.zone)
}

// comeTo plans what a pupil does, at a kiosk that takes one at a time.
func (w *world) comeTo(free map[string]time.Time, p *person, at time.Time, do func(*person, *bank)) {
	const each = 3 * time.Second // at the scanner
	if free[p.place.Bank].After(at) {
		at = free[p.place.Bank]
	}
	free[p.place.Bank] = at.Add(each)
	b, err := w.bank(p.place.Bank)
	if err != nil {
		w.broken("%v", err)
		return
	}
	w.at(at, func() { do(p, b) })
}

func arrive(w *world, c call) error {
	from, until := w.today(c.text("from")), w.today(c.text("until"))
	peak := until.Add(-until.Sub(from) / 4)
	if c.text("peak") != "" {
		peak = w.today(c.text("peak"))
	}
	if !from.Before(until) || peak.Before(from) || peak.After(until) {
		return wrong("from, peak and until must come in that order.")
	}
	random := rand.New(rand.NewPCG(8, 40))
	crowd := w.crowd(c)
	var moments []time.Time
	for range crowd {
		moments = append(moments, triangle(random, from, peak, until))
	}
	slices.SortFunc(moments, time.Time.Compare)
	random.Shuffle(len(crowd), func(i, j int) { crowd[i], crowd[j] = crowd[j], crowd[i] })
	free := map[string]time.Time{}
	for i, p := range crowd {
		twice := i*c.number("twice")/len(crowd) != (i+1)*c.number("twice")/len(crowd) // so many, evenly spread
		w.comeTo(free, p, moments[i], func(p *person, b *bank) {
			w.handsIn(p, b, true)
			if twice {
				w.after(2*time.Second, func() { w.scans(p, b, p.badge) })
			}
		})
	}
	return nil
}

// triangle draws a moment between from and until that is most likely at peak.
func triangle(random *rand.Rand, from, peak, until time.Time) time.Time {
	span, up := until.Sub(from).Seconds(), peak.Sub(from).Seconds()
	x := random.Float64()
	at := span - math.Sqrt((1-x)*span*(span-up))
	if x < up/span {
		at = math.Sqrt(x * span * up)
	}
	return from.Add(time.Duration(at * float64(time.Second))).Truncate(time.Millisecond)
}

func leave(w *world, c call) error {
	from, until := w.today(c.text("from")), w.today(c.text("until"))
	crowd := w.crowd(c)
	if !from.Before(until) || len(crowd) == 0 {
		return wrong("from must be before until, and somebody must be there.")
	}
	free := map[string]time.Time{}
	for i, p := range crowd {
		at := from.Add(until.Sub(from) * time.Duration(i) / time.Duration(len(crowd))).Truncate(time.Millisecond)
		w.comeTo(free, p, at, func(p *person, b *bank) {
			if strings.HasPrefix(p.where, atDoor) {
				w.collects(p, b)
			}
		})
	}
	return nil
}

// lineVerbs are what happens to the line between banks and school, and to time.
var lineVerbs = []verb{
	{"cut-line", "", "Cut the line between a bank, or all, and the school: nothing goes either way.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank, or all"}}, func(w *world, c call) error {
			return w.each(c.text("of"), func(b *bank) { b.cut = true })
		}},
	{"mend-line", "", "Join it again: what waited follows in order.",
		[]param{{name: "of", kind: aBank, needed: true, about: "the bank, or all"}}, func(w *world, c call) error {
			return w.each(c.text("of"), (*bank).mend)
		}},
	{"look", "", "Do nothing: time passes, and what is expected is looked at.", nil, func(*world, call) error { return nil }},
}

// each does something to a bank, or to all.
func (w *world) each(id string, do func(*bank)) error {
	if id != "all" {
		b, err := w.bank(id)
		if err == nil {
			do(b)
		}
		return err
	}
	if len(w.banks) == 0 {
		return wrong("%s has no banks.", w.school.Name)
	}
	for _, b := range w.banks {
		do(b)
	}
	return nil
}
