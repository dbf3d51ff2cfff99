package view

import (
	"cmp"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// helpFor is how long a call for help or for a free door stays on the board.
const helpFor = 15 * time.Minute

// Fold makes a Board from a bank's events.
type Fold struct {
	state *locker.State
	size  uint64
	took  school.Instant // when another machine last took over
	alien uint64         // records passed over
	asOf  school.Instant
	calls []call                    // newest last, bounded
	today map[string]school.Instant // by person: their newest collection or deposit
	since map[int]school.Instant    // by door: when its newest trouble began

	ofItems []locker.Event // the newest about items and holds, oldest first
	evacuations
	force
	history
}

type call struct {
	code   ProblemCode
	person string
	at     school.Instant
}

const mostCalls = 50

// NewFold starts from an empty bank.
func NewFold(setup locker.Setup) *Fold {
	return &Fold{state: locker.NewState(setup), today: map[string]school.Instant{}, since: map[int]school.Instant{}, history: history{}}
}

// Apply folds in the event recorded at seq.
func (f *Fold) Apply(seq uint64, e locker.Event) {
	f.state.Apply(seq, e)
	f.size, f.asOf = seq+1, e.At
	f.evacuations.apply(f.state, seq, e)
	f.force.apply(e)
	f.history.apply(e)
	if e.AboutItems() {
		f.ofItems = pushed(f.ofItems, e, mostOfItems)
	}
	switch e.Kind {
	case locker.TookOver:
		f.took = e.At
	case locker.Help:
		f.call(HelpAsked, "", e.At)
	case locker.Turned:
		if e.Answer == locker.NoDoor {
			f.call(NoDoor, e.Person, e.At)
		}
	case locker.Deposited, locker.Collected, locker.NothingIn, locker.StillIn:
		f.today[e.Person] = e.At
	case locker.Outcome:
		if e.Result == locker.Jammed || e.Result == locker.Unverified {
			f.since[e.Door] = e.At
		}
	case locker.Moved:
		f.since[e.Door] = e.At
	}
}

// Pass passes over the record at seq, which says nothing that can be understood.
func (f *Fold) Pass(seq uint64) {
	f.size = seq + 1
	f.alien++
}

func (f *Fold) call(code ProblemCode, person string, at school.Instant) {
	f.calls = append(f.calls, call{code, person, at})
	if len(f.calls) > mostCalls {
		f.calls = f.calls[1:]
	}
}

// Legacy is what the bank would leave to another machine now.
func (f *Fold) Legacy(grants []locker.Grant) locker.Legacy { return locker.LegacyOf(f.state, grants) }

// Board is the bank at now under the rules in force. The zone tells which
// events belong to today.
func (f *Fold) Board(rules locker.Rules, now school.Instant, zone *time.Location) Board {
	p := painter{Fold: f, rules: rules, now: now, zone: zone}
	b := Board{Bank: f.state.Bank, AsOf: now.Wall, Heard: f.asOf.Wall, Size: f.size, Alien: f.alien, Directory: newest(f.directories), Plan: newest(f.plans),
		Approvers: f.state.Approvers, Approving: f.state.Approvers.People(f.asOf, now),
		Evacuation: f.state.Evacuation, Evacuations: slices.Clone(f.evacuations.list)}
	b.Doors = p.doors()
	b.Items = p.items()
	b.People = p.people()
	b.Problems = p.problems()
	for _, person := range b.People {
		switch person.State {
		case In, StillIn, Unsure, AtDoor:
			b.Counts.In++
		case Out:
			b.Counts.Out++
		case NotYet:
			b.Counts.NotYet++
		case Exempt:
			b.Counts.Exempt++
		}
	}
	b.Counts.Problems = len(b.Problems)
	p.localise(&b)
	return b
}

type painter struct {
	*Fold
	rules locker.Rules
	now   school.Instant
	zone  *time.Location
}

// localise tells every time by the school's own clock on the wall.
func (p painter) localise(b *Board) {
	b.AsOf, b.Heard = b.AsOf.In(p.zone), b.Heard.In(p.zone)
	for i, line := range b.People {
		if !line.Since.IsZero() {
			b.People[i].Since = line.Since.In(p.zone)
		}
	}
	for i, line := range b.Problems {
		b.Problems[i].Since = line.Since.In(p.zone)
	}
}

func (p painter) isToday(t school.Instant) bool {
	return school.DateOf(t.Wall.In(p.zone)) == school.DateOf(p.now.Wall.In(p.zone))
}

func (p painter) doors() []Door {
	holders := map[int]*locker.Holding{}
	for _, holdings := range []map[string]*locker.Holding{p.state.Holdings, p.state.Items} {
		for _, h := range holdings {
			holders[h.Door] = h
		}
	}
	visits := map[int]*locker.Visit{} // under way; a person's goes before an item's
	for _, under := range []map[string]*locker.Visit{p.state.ItemVisits, p.state.Visits} {
		for _, v := range under {
			if v.UnderWay() {
				visits[v.Door] = v
			}
		}
	}
	var list []Door
	turns := p.state.OutOfTurn()
	for n := range p.state.All() {
		line := p.door(n, holders[n], visits[n])
		line.Spoke = turns[n]
		list = append(list, line)
	}
	slices.SortFunc(list, func(a, b Door) int { return cmp.Compare(a.Number, b.Number) })
	return list
}

// door is one door, with what is behind it and who is at it, if anybody.
func (p painter) door(n int, h *locker.Holding, v *locker.Visit) Door {
	d := p.state.Doors[n]
	line := Door{Number: n, Class: p.state.Class(n), Contact: d.Contact, State: DoorFree, Hold: p.hold(n), Sensed: d.Sensed, InDoubt: p.state.InDoubt(n)}
	if d.ToLook {
		line.Asked = d.LookSince.Wall
	}
	switch {
	case h != nil:
		line.Person, line.Item = h.Person, h.Item
	case v != nil:
		line.Person, line.Item = v.Person, v.Item
	}
	switch {
	case d.Contact == locker.Unknown:
		line.State = DoorUnasked
	case d.Forced && d.Contact == locker.Open, d.LeftOpen, h != nil && h.Unsure:
		line.State = DoorTrouble
	case d.Contact == locker.Open:
		line.State = DoorOpen
	case line.Hold != nil:
		line.State = DoorHeld
	case d.Jammed, p.rules.Directory.Barred(locker.Subject{Bank: p.state.Bank, Door: n}, p.now):
		line.State = DoorOut
	case h != nil:
		line.State = DoorKeeping
	}
	return line
}

func (p painter) people() []Person {
	var list []Person
	for id, place := range p.rules.Directory.People {
		if place.Bank == p.state.Bank {
			list = append(list, p.person(id, place.Door))
		}
	}
	slices.SortFunc(list, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func (p painter) person(id string, own int) Person {
	line := Person{ID: id, State: NotYet, Door: own}
	v, h := p.state.Visits[id], p.state.Holdings[id]
	if at, ok := p.today[id]; ok && p.isToday(at) && h == nil {
		line.Since = at.Wall
	}
	switch {
	case v.UnderWay() && v.Phase == locker.AtDoor:
		line.State, line.Door, line.Since = AtDoor, v.Door, v.Began.Wall
	case h != nil:
		line.State, line.Door, line.Since = In, h.Door, h.Since.Wall
		line.Late = h.Timing == school.Late
		if h.Unsure {
			line.State = Unsure
		} else if p.collectionBegan() || !p.isToday(h.Since) {
			line.State = StillIn
		}
	case p.rules.Directory.MayKeep(id, p.now):
		line.State = Exempt
	case !line.Since.IsZero() && v != nil && v.Purpose != locker.Deposit:
		line.State = Out
	}
	return line
}

// collectionBegan reports whether today's collection has begun for everybody.
func (p painter) collectionBegan() bool {
	return p.windowToday(func(w school.Window) time.Time { return w.From })
}

// collectionOver reports whether today's collection window has closed.
func (p painter) collectionOver() bool {
	return p.windowToday(func(w school.Window) time.Time { return w.Until })
}

func (p painter) windowToday(edge func(school.Window) time.Time) bool {
	return slices.ContainsFunc(p.rules.Plan.Windows, func(w school.Window) bool {
		return w.Use == school.Collection && w.Wave == "" && p.isToday(school.Instant{Wall: w.From}) && !p.now.Wall.Before(edge(w))
	})
}
