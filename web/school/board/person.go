package board

import (
	"net/url"
	"slices"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// personData is what the sections of a person's page get.
type personData struct {
	moment
	line
	Left     string // since when no longer on the roll; "" while on it
	Held     []place
	Home     *bankNow // their own bank
	Problems []advice
	Bars     []barLine
	Stopped  bool // a stop stands against them
	Badge    *badgeLine
	Today    []string // what counts of their day, in words
	Actions  []action
	History  []happened
	Recorded bool // there is a history to show
}

// badgeLine is the badge of a person in words.
type badgeLine struct {
	Words          string
	Live           bool
	Replace, Print bool     // what may be done about it here
	Force          *inForce // where the newest change is in force; nil when that is not known any more
}

// happened is one line of a person's history in words.
type happened struct{ At, What, Place string }

var errNobody = errs.New(errs.NotFound, "Nobody of that number is known here.", "Look for the name on the start page.")

func (o *pages) personPage(get func(string) string, who reader, s *scene) (livePage, error) {
	id := get("id")
	l, ok := s.person(id)
	if !ok {
		return livePage{}, errNobody
	}
	return livePage{name: "person", title: l.Name, query: url.Values{"id": {id}}, reader: o.rights(id, who), draw: func(s *scene) (any, []part) {
		d := o.personData(s, id, who)
		return d, parts(d, "person", "problems", "bars", "actions", "history", "badge", "asof-banks")
	}}, nil
}

func (o *pages) personData(s *scene, id string, who reader) personData {
	l, _ := s.person(id)
	d := personData{moment: s.moment(), line: l, Held: s.heldAt(id)}
	if p, ok := s.people.Person(id); ok && !p.OnRoll() {
		d.Left = s.clock(p.Left)
	}
	if b, ok := s.bank(l.Bank); ok {
		d.Home = &b
	}
	d.Problems = s.problemsOf("/person/"+id, func(p view.Problem) bool { return p.Person == id })
	d.Bars = s.barLines(func(on locker.Subject) bool { return s.concerns(on, id) })
	d.Stopped = slices.ContainsFunc(s.bars, func(b desk.Bar) bool { return b.Kind == desk.Stop && b.On.Person == id })
	d.Badge = o.badgeLine(s, id)
	if d.Badge != nil {
		d.Badge.Replace = d.Badge.Replace && !o.offers(sparePath) && who.may(roles.ReplaceBadge, id)
		d.Badge.Print = d.Badge.Print && who.may(roles.PrintBadges, "")
	}
	if o.Config.Day != nil {
		d.Today = o.Config.Day.Pupil(id)
	}
	d.Actions = o.actions(d, who)
	if o.History != nil && who.may(roles.SeeHistory, id) {
		d.Recorded, d.History = true, s.history(o.History.History(id))
	}
	return d
}

// Banks are those whose word the page rests on.
func (d personData) Banks() []bankNow {
	var list []bankNow
	if d.Home != nil {
		list = append(list, *d.Home)
	}
	for _, h := range d.Held {
		if d.Home == nil || h.Bank.ID != d.Home.ID {
			list = append(list, h.Bank)
		}
	}
	return list
}

// concerns tells whether a bar keeps something from a person: it stands against
// them, or against a door that holds their device.
func (s *scene) concerns(on locker.Subject, person string) bool {
	return on.Person == person || on.Person == "" && slices.ContainsFunc(s.heldAt(person), func(p place) bool {
		return p.Bank.ID == on.Bank && p.Door.Number == on.Door
	})
}

// maxHistory bounds the lines shown of a person's history.
const maxHistory = 30

func (s *scene) history(list []Happening) []happened {
	var out []happened
	for _, h := range list {
		what := happeningWords(h.Event)
		if what == "" {
			continue
		}
		if len(out) == maxHistory {
			break
		}
		line := happened{At: s.clock(h.At), What: what, Place: kit.BankName(h.Bank)}
		if h.Door != 0 {
			line.Place += ", door " + number(h.Door)
		}
		out = append(out, line)
	}
	return out
}

// badgeLine is nil when these pages know nothing of badges.
func (o *pages) badgeLine(s *scene, id string) *badgeLine {
	if o.Badges == nil {
		return nil
	}
	list := o.Badges.Of(id)
	b := &badgeLine{Words: "None yet", Print: o.Cards != nil}
	newest := uint64(0)
	for _, badge := range list {
		newest = max(newest, badge.Seq)
		if badge.State == badges.Live {
			b.Words, b.Live, b.Replace, b.Print = "No. "+number(badge.Serial)+", in use "+s.since(badge.Since), true, o.BadgeDesk != nil, false
			break
		}
		b.Words = "No. " + number(badge.Serial) + ", not valid any more " + s.since(badge.Since)
	}
	if newest > 0 {
		force := s.inForce(newest)
		b.Force = &force
	}
	return b
}
