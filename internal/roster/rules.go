package roster

import (
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

func (r *reader) grant(g ruleFile) locker.Grant {
	grant := locker.Grant{ID: g.ID.V, Kind: locker.May(g.May.V), Person: g.Person.V, Uses: g.Uses,
		From: r.midnight("grants: from", g.From, g.ID.Line)}
	if g.Until.V != "" {
		grant.Until = r.midnight("grants: until", g.Until, g.ID.Line)
	}
	switch {
	case g.Person.V == "":
		r.fault(g.ID.Line, "grants: person: is missing")
	case g.Until.V == "":
		r.fault(g.ID.Line, "grants: until: every grant ends")
	case g.Uses < 0:
		r.fault(g.ID.Line, "grants: uses: cannot be below 0")
	}
	if grant.Kind != locker.MayKeep && grant.Kind != locker.MayCollect {
		r.fault(g.May.Line, "grants: may: %q is neither keep nor collect", g.May.V)
	}
	if !school.ValidID(g.ID.V) {
		r.fault(g.ID.Line, "grants: id: needs small letters, digits and hyphens")
	}
	return grant
}

func (r *reader) bar(b ruleFile) locker.Bar {
	bar := locker.Bar{ID: b.ID.V, Subject: locker.Subject{Person: b.Person.V, Bank: b.Bank.V, Door: b.Door.V}, From: r.midnight("bars: from", b.From, b.ID.Line)}
	if b.Until.V != "" {
		bar.Until = r.midnight("bars: until", b.Until, b.ID.Line)
	}
	if (b.Person.V == "") == (b.Door.V == 0) {
		r.fault(b.ID.Line, "bars: name either a person, or a bank and a door")
	}
	if (b.Door.V == 0) != (b.Bank.V == "") {
		r.fault(b.ID.Line, "bars: a door needs its bank")
	}
	if !school.ValidID(b.ID.V) {
		r.fault(b.ID.Line, "bars: id: needs small letters, digits and hyphens")
	}
	return bar
}

// people checks that grants and bars speak of pupils on the roll.
func (r *reader) people(f schoolFile, roll []Pupil) {
	known := ids(roll)
	r.rules(f, func(person text) {
		if !known[person.V] {
			r.fault(person.Line, "person %q is not on the roll", person.V)
		}
	})
}

// rules checks grants and bars together, and asks about each person they name.
func (r *reader) rules(f schoolFile, about func(person text)) {
	seen := map[string]int{}
	for _, rule := range append(append([]ruleFile{}, f.Grants...), f.Bars...) {
		if rule.Person.V != "" {
			about(rule.Person)
		}
		if first := seen[rule.ID.V]; first != 0 {
			r.fault(rule.ID.Line, "id %s stands on line %d already", rule.ID.V, first)
		}
		seen[rule.ID.V] = rule.ID.Line
		if rule.Until.V != "" && rule.Until.V <= rule.From.V {
			r.fault(rule.Until.Line, "until %s must be after from %s", rule.Until.V, rule.From.V)
		}
	}
}
