// Package roster reads what a school keeps in files and compiles it into what
// banks may know.
//
// A school is a folder:
//
//	school.yaml   name, time zone, calendar, bells, waves, spots, grants and bars
//	policy.yaml   the school's rules, where it has any of its own (package rules)
//	devices.yaml  what its devices must be, at the first start (package change)
//	registers.yaml  what is other in its registers (package registers)
//	clauses.csv   its written policy, and met.csv how that is met (package clauses)
//	roll.csv      person,name,form,door,bank     one line a pupil
//	badges.csv    person,badge,state             state: active or revoked
//	bank-*.yaml   the cabinets (read by the bank's own program)
//
// With "people: import" in school.yaml the two sheets are absent: people and
// badges live on the school server.
//
// Names go no further than the vault; a Directory holds ids and badge hashes.
package roster

import (
	"cmp"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// School is one school's files, read and checked.
type School struct {
	ID       string
	Name     string
	Phone    string // of the office, as parents are told it; "" for none
	Calendar school.Calendar
	Banks    []string // paths of the bank files
	Imported bool     // people come by import: no Pupils, no Badges
	Pupils   []Pupil
	Badges   []Badge
	Grants   []locker.Grant
	Bars     []locker.Bar
	Notices  []notify.Template // nil: the built-in ones
	Spots    []Spot            // named places at the desk; nil: the built-in ones
	Policy   *rules.File       // nil for a school that says nothing
	Clauses  []clauses.Clause  // of its written policy, if they are listed
	Devices  *mdm.Rules        // nil for a school that manages none

	Registers []registers.Kind // that it must keep
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
	if own := filepath.Join(dir, NoticesFile); exists(own) {
		s.Notices = notify.ReadTemplates(own, faults)
	}
	if path, ok := rules.Path(dir); ok {
		policy := rules.ReadFile(path, faults)
		s.Policy, s.Clauses = &policy, clauses.Load(dir, faults)
		policy.Known(path, func(id string) bool { _, ok := clauses.Find(s.Clauses, id); return ok }, faults)
	}
	if path, ok := change.Path(dir); ok {
		devices := change.ReadFile(path, faults)
		s.Devices = &devices
	}
	s.Registers = registers.Builtin()
	if path, ok := registers.Path(dir); ok {
		s.Registers = registers.ReadFile(path, faults)
	}
	for _, bank := range file.Banks {
		s.Banks = append(s.Banks, filepath.Join(dir, filepath.Base(bank.V)))
	}
	roll := filepath.Join(dir, RollFile)
	if s.Imported {
		r.importOnly(file, roll)
		return s
	}
	r.withoutYears(file)
	s.Pupils = readRoll(roll, faults)
	if len(s.Pupils) == 0 {
		return s // who badges and grants speak of cannot be said
	}
	s.Badges = readBadges(filepath.Join(dir, "badges.csv"), s.Pupils, faults)
	r.people(file, s.Pupils)
	return s
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// RollFile is the file with one line a pupil.
const RollFile = "roll.csv"

// NoticesFile is the optional file of a school's own texts for notices.
const NoticesFile = "notices.yaml"

// peopleImport is what school.yaml says when people come by import.
const peopleImport = "import"

// mostEntries bounds every list in school.yaml.
const mostEntries = 500

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
	if f.People.V != "" && f.People.V != peopleImport {
		r.fault(f.People.Line, "people: %q is not %s; leave the key out to read %s", f.People.V, peopleImport, RollFile)
	}
	zone, err := time.LoadLocation(f.Zone.V)
	if err != nil || f.Zone.V == "" || zone == time.Local {
		r.fault(f.Zone.Line, "zone: %q is not a time zone like Europe/London", f.Zone.V)
		zone = time.UTC
	}
	r.zone = zone
	s := School{ID: f.School.V, Name: f.Name.V, Phone: f.Phone.V, Calendar: r.calendar(f), Imported: f.People.V == peopleImport}
	for _, g := range bounded(r, "grants", f.Grants) {
		s.Grants = append(s.Grants, r.grant(g))
	}
	for _, b := range bounded(r, "bars", f.Bars) {
		s.Bars = append(s.Bars, r.bar(b))
	}
	s.Spots = r.spots(f.Spots)
	return s
}

// importOnly checks that nothing in the folder speaks of people whom only the
// import knows.
func (r *reader) importOnly(f schoolFile, roll string) {
	if _, err := os.Stat(roll); err == nil {
		r.fault(f.People.Line, "people: %s stands beside this file; remove it or the word %s", RollFile, peopleImport)
	}
	r.rules(f, func(person text) {
		r.fault(person.Line, "person %q comes by import; give and bar at the school server", person.V)
	})
}

// withoutYears refuses waves that the roll cannot tell apart.
func (r *reader) withoutYears(f schoolFile) {
	for _, w := range f.Waves {
		if len(w.Years) > 0 {
			r.fault(w.ID.Line, "waves: %s goes by years, which %s does not know; go by banks", w.ID.V, RollFile)
		}
	}
}

// bounded is the list, cut where it is longer than anybody means.
func bounded[T any](r *reader, key string, list []T) []T {
	if len(list) > mostEntries {
		r.fault(0, "%s: more than %d entries", key, mostEntries)
		return list[:mostEntries]
	}
	return list
}

// clock reads a time of day. near is the line to name when the key is missing.
func (r *reader) clock(key string, v text, near int) (school.Clock, bool) {
	c, err := school.ParseClock(v.V)
	if err != nil {
		r.fault(cmp.Or(v.Line, near), "%s: %v", key, err)
	}
	return c, err == nil
}

func (r *reader) date(key string, v text, near int) (school.Date, bool) {
	d, err := school.ParseDate(v.V)
	if err != nil {
		r.fault(cmp.Or(v.Line, near), "%s: %v", key, err)
	}
	return d, err == nil
}

// midnight reads a date as the start of that day at the school.
func (r *reader) midnight(key string, v text, near int) time.Time {
	d, _ := r.date(key, v, near)
	return d.At(school.Clock{}, r.zone).UTC()
}
