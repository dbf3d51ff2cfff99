package headwind

import (
	"cmp"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// phone is one phone as the gateway knows it, without any clock or network.
type phone struct {
	id      string
	want    mdm.Desired // Rev 0 before the first
	took    taken       // the configuration fetched last
	tasks   tasks       // what it was told to do
	unowned bool        // the agent said it is not the phone's owner, so it can do nothing

	model   string
	battery int // per cent, as last said; 0 for never
}

// taken is a configuration that a phone fetched.
type taken struct {
	Sum   string    `json:"sum,omitempty"`   // of all of it
	Rules string    `json:"rules,omitempty"` // of what the settings make of it; "" for all of it
	At    time.Time `json:"at,omitzero"`     // school time
	Back  bool      `json:"back"`            // and it reported in after that
}

// rules tells apart what settings ask.
func (t taken) rules() string { return cmp.Or(t.Rules, t.Sum) }

// order is what a phone must fetch and what it is asked by that.
type order struct {
	mode    mdm.Mode
	data    []byte
	sum     string
	rules   string // sum without what it is told to do
	waiting string // ids of what it is told to do and has not come for
	asked   map[mdm.Setting]mdm.Outcome
}

// news tells apart what a phone is called for.
func (o order) news() string { return o.sum + o.waiting }

// accept takes a verified document in and reports whether it is news. Errors:
// denied for one meant for another device, conflict for one older than the last.
func (p *phone) accept(d mdm.Desired) (bool, error) {
	news, err := d.News(p.id, p.want.Rev)
	if news {
		p.want = d
	}
	return news, err
}

// order gives what the phone must fetch at now.
func (p *phone) order(now time.Time, push Push) order {
	stage := p.want.At(now)
	c, asked := Configure(stage.Set, push)
	o := order{mode: stage.Mode, waiting: p.tasks.waiting(stage.Evidence, now), asked: asked}
	o.data, o.rules = c.encode()
	o.sum = o.rules
	if p.tasks.shape(&c, stage.Evidence, now) {
		o.data, o.sum = c.encode()
	}
	return o
}

// fetch notes that the phone was given an order.
func (p *phone) fetch(o order, now time.Time) {
	p.took = taken{Sum: o.sum, Rules: o.rules, At: now.UTC()}
}

// behind reports whether the phone has another configuration than it must have, or
// has to come for what it is told to do.
func (p *phone) behind(o order) bool {
	return p.want.Rev != 0 && (p.took.Sum != o.sum || o.waiting != "")
}

// report says how the phone stands. now is in the school's zone.
func (p *phone) report(o order, session string, now time.Time) mdm.Reported {
	r := mdm.NewReported(p.want.Rev, o.mode, session, now)
	r.Agent = agentName
	if p.model != "" {
		r.Agent = mdm.Cut(agentName + ", " + p.model)
	}
	for s, asked := range o.asked {
		if asked.State == mdm.Assumed {
			asked.State, asked.Detail = p.standing(o, asked.Detail, now)
		}
		r.Set[s] = asked
	}
	return r
}

// standing is the state of what the phone can be asked for. Applied is none: the
// agent has no words for it.
func (p *phone) standing(o order, limits string, now time.Time) (mdm.State, string) {
	switch fetched := "fetched " + mdm.Moment(p.took.At, now); {
	case p.unowned:
		return mdm.Failure, "the agent does not own the phone: set it up again by its QR code"
	case p.took.rules() != o.rules:
		return mdm.Updating, "not fetched yet"
	case !p.took.Back:
		return mdm.Updating, fetched + ", not reported in yet"
	case limits != "":
		return mdm.Assumed, mdm.Cut(fetched + ", not confirmed; " + limits)
	default:
		return mdm.Assumed, fetched + ", not confirmed"
	}
}
