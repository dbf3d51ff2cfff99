package scenario

import (
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

var atBank = param{name: "at", kind: oneBank, about: "the bank whose kiosk it is; without it their own"}

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
	{"press-help", "", "Press Help at a kiosk.", []param{{name: "at", kind: oneBank, needed: true, about: "the bank"}}, pressHelp},
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
