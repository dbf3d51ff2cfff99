// Package roster reads what a school keeps in files and compiles it into what
// banks may know.
//
// A school is a folder:
//
//	school.yaml   name, time zone, terms, bells, grants and bars
//	roll.csv      person,name,form,door,bank     one line a pupil
//	badges.csv    person,badge,state             state: active or revoked
//	bank-*.yaml   the cabinets (read by the bank's own program)
//
// Names go no further than the vault; a Directory holds ids and badge hashes.
package roster

import (
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// School is one school's files, read and checked.
type School struct {
	ID       string
	Name     string
	Calendar school.Calendar
	Banks    []string // paths of the bank files
	Pupils   []Pupil
	Badges   []Badge
	Grants   []locker.Grant
	Bars     []locker.Bar
}

// Pupil is one line of the roll.
type Pupil struct {
	ID   string
	Name string
	Form string
	Bank string
	Door int // 0 for none
	Line int // of the roll's file
}

// Badge is one line of the badge sheet.
type Badge struct {
	Person  string
	Token   school.Token
	Revoked bool
}

type schoolFile struct {
	School config.Value[string]   `yaml:"school"`
	Name   config.Value[string]   `yaml:"name"`
	Zone   config.Value[string]   `yaml:"zone"`
	Terms  []spanFile             `yaml:"terms"`
	Closed []spanFile             `yaml:"closed"`
	Bells  bellsFile              `yaml:"bells"`
	Banks  []config.Value[string] `yaml:"banks"`
	Grants []ruleFile             `yaml:"grants"`
	Bars   []ruleFile             `yaml:"bars"`
}

type spanFile struct {
	From  config.Value[string] `yaml:"from"`
	Until config.Value[string] `yaml:"until"`
	Why   string               `yaml:"why"`
}

type bellsFile struct {
	Gate         config.Value[string] `yaml:"gate"`
	Register     config.Value[string] `yaml:"register"`
	Collect      config.Value[string] `yaml:"collect"`
	CollectUntil config.Value[string] `yaml:"collect_until"`
}

type ruleFile struct {
	ID     config.Value[string] `yaml:"id"`
	May    config.Value[string] `yaml:"may"`
	Person config.Value[string] `yaml:"person"`
	Bank   config.Value[string] `yaml:"bank"`
	Door   config.Value[int]    `yaml:"door"`
	From   config.Value[string] `yaml:"from"`
	Until  config.Value[string] `yaml:"until"`
	Uses   int                  `yaml:"uses"`
}

// Load reads a school's folder. All faults of all its files come back in one
// error.
func Load(dir string) (School, error) {
	var faults config.Faults
	s := Read(dir, &faults)
	return s, faults.Err()
}

// Read is Load for a caller that gathers the faults of more files.
func Read(dir string, faults *config.Faults) School {
	path := filepath.Join(dir, "school.yaml")
	var file schoolFile
	if !config.Load(path, &file, faults) {
		return School{}
	}
	r := reader{path: path, faults: faults}
	s := r.school(file)
	for _, bank := range file.Banks {
		s.Banks = append(s.Banks, filepath.Join(dir, filepath.Base(bank.V)))
	}
	s.Pupils = readRoll(filepath.Join(dir, RollFile), faults)
	if len(s.Pupils) == 0 {
		return s // who badges and grants speak of cannot be said
	}
	s.Badges = readBadges(filepath.Join(dir, "badges.csv"), s.Pupils, faults)
	r.people(file, s.Pupils)
	return s
}

// RollFile is the file with one line a pupil.
const RollFile = "roll.csv"

type reader struct {
	path   string
	faults *config.Faults
	zone   *time.Location
}

func (r *reader) fault(line int, format string, args ...any) {
	r.faults.Add(r.path, line, format, args...)
}

func (r *reader) school(f schoolFile) School {
	if !school.ValidID(f.School.V) {
		r.fault(f.School.Line, "school: needs an id of small letters, digits and hyphens, like mill-lane")
	}
	if f.Name.V == "" {
		r.fault(f.Name.Line, "name: the school's name is missing")
	}
	if len(f.Banks) == 0 {
		r.fault(0, "banks: name at least one bank file, like bank-a.yaml")
	}
	zone, err := time.LoadLocation(f.Zone.V)
	if err != nil || f.Zone.V == "" {
		r.fault(f.Zone.Line, "zone: %q is not a time zone like Europe/London", f.Zone.V)
		zone = time.UTC
	}
	r.zone = zone
	cal := school.Calendar{Zone: zone, Terms: r.spans("terms", f.Terms), Closed: r.spans("closed", f.Closed), Bells: r.bells(f.Bells)}
	if len(f.Terms) == 0 {
		r.fault(0, "terms: name at least one term")
	}
	s := School{ID: f.School.V, Name: f.Name.V, Calendar: cal}
	for _, g := range f.Grants {
		s.Grants = append(s.Grants, r.grant(g))
	}
	for _, b := range f.Bars {
		s.Bars = append(s.Bars, r.bar(b))
	}
	return s
}

func (r *reader) spans(key string, list []spanFile) []school.Span {
	var spans []school.Span
	for _, s := range list {
		span := school.Span{From: r.date(key, s.From), Until: r.date(key, s.Until)}
		if !span.From.Before(span.Until) {
			r.fault(s.From.Line, "%s: until %s must be after from %s (the day of until is not part of it)", key, s.Until.V, s.From.V)
		}
		spans = append(spans, span)
	}
	return spans
}

func (r *reader) bells(b bellsFile) school.Bells {
	bells := school.Bells{
		Gate: r.clock("gate", b.Gate), Register: r.clock("register", b.Register),
		Collect: r.clock("collect", b.Collect), CollectUntil: r.clock("collect_until", b.CollectUntil),
	}
	order := []struct {
		name   string
		c      school.Clock
		source config.Value[string]
	}{{"gate", bells.Gate, b.Gate}, {"register", bells.Register, b.Register}, {"collect", bells.Collect, b.Collect}, {"collect_until", bells.CollectUntil, b.CollectUntil}}
	for i := 1; i < len(order); i++ {
		if !order[i-1].c.Before(order[i].c) && order[i].source.V != "" {
			r.fault(order[i].source.Line, "bells: %s %s must be after %s %s", order[i].name, order[i].source.V, order[i-1].name, order[i-1].source.V)
		}
	}
	return bells
}

func (r *reader) clock(key string, v config.Value[string]) school.Clock {
	c, err := school.ParseClock(v.V)
	if err != nil {
		r.fault(v.Line, "bells: %s: %v", key, err)
	}
	return c
}

func (r *reader) date(key string, v config.Value[string]) school.Date {
	d, err := school.ParseDate(v.V)
	if err != nil {
		r.fault(v.Line, "%s: %v", key, err)
	}
	return d
}

// midnight reads a date as the start of that day at the school.
func (r *reader) midnight(key string, v config.Value[string]) time.Time {
	return r.date(key, v).At(school.Clock{}, r.zone).UTC()
}

func (r *reader) grant(g ruleFile) locker.Grant {
	grant := locker.Grant{ID: g.ID.V, Kind: locker.May(g.May.V), Person: g.Person.V, Uses: g.Uses,
		From: r.midnight("grants", g.From)}
	if g.Until.V != "" {
		grant.Until = r.midnight("grants", g.Until)
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
	bar := locker.Bar{ID: b.ID.V, Subject: locker.Subject{Person: b.Person.V, Bank: b.Bank.V, Door: b.Door.V}, From: r.midnight("bars", b.From)}
	if b.Until.V != "" {
		bar.Until = r.midnight("bars", b.Until)
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
	known, seen := ids(roll), map[string]int{}
	for _, rule := range append(append([]ruleFile{}, f.Grants...), f.Bars...) {
		if rule.Person.V != "" && !known[rule.Person.V] {
			r.fault(rule.Person.Line, "person %q is not on the roll", rule.Person.V)
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
