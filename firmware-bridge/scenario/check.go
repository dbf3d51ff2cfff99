package scenario

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// What somebody in a script may be.
const (
	onePupil   = "pupil"
	manyPupils = "pupils"
	oneStaff   = "staff"
	oneContact = "contact"
	everyPupil = "everybody" // the group of all pupils
)

// reader checks a file and keeps every fault with its line.
type reader struct {
	path   string
	faults *config.Faults
	names  map[string]string // what each name is
	only   []string
}

func (r *reader) fault(line int, format string, args ...any) {
	r.faults.Add(r.path, line, format, args...)
}

func (r *reader) script(f scriptFile) Script {
	s := Script{Name: f.Scenario.V, About: strings.TrimSpace(f.About), Schools: r.schools(f.Schools)}
	if !school.ValidID(s.Name) || len(s.Name) > 60 {
		r.fault(f.Scenario.Line, "scenario: needs a short name of small letters, digits and hyphens")
	}
	if len(s.Schools) == 0 {
		r.fault(0, "schools: name at least one")
	}
	r.only = s.Schools
	var err error
	if s.Day, err = school.ParseDate(f.Day.V); err != nil {
		r.fault(f.Day.Line, "day: %v", err)
	}
	r.names[everyPupil] = manyPupils
	for _, p := range bounded(r, "people", f.People, maxParts) {
		one := r.part(p)
		one.Until = r.moment("until", p.Until, s.Day)
		s.People = append(s.People, one)
	}
	r.contacts(f.People)
	for _, n := range bounded(r, "never", f.Never, maxNever) {
		s.Never = append(s.Never, r.never(n, s.Day))
	}
	if len(f.Steps) == 0 {
		r.fault(0, "steps: there are none")
	}
	s.Steps = r.steps(bounded(r, "steps", f.Steps, maxSteps), s.Day)
	return s
}

func bounded[T any](r *reader, key string, list []T, most int) []T {
	if len(list) > most {
		r.fault(0, "%s: more than %d", key, most)
		return list[:most]
	}
	return list
}

func (r *reader) schools(list []text) []string {
	var ids []string
	for _, t := range list {
		if !school.ValidID(t.V) || slices.Contains(ids, t.V) {
			r.fault(t.Line, "schools: %q is no school's id, or stands there twice", t.V)
		}
		ids = append(ids, t.V)
	}
	return ids
}

// onlyAt is the schools that a line is for.
func (r *reader) onlyAt(list []text) []string {
	var ids []string
	for _, t := range list {
		if !slices.Contains(r.only, t.V) {
			r.fault(t.Line, "only: the scenario is not for school %q", t.V)
		}
		ids = append(ids, t.V)
	}
	return ids
}

func (r *reader) part(f partFile) Part {
	p := Part{Name: f.Name.V, Is: f.Is.V, Only: r.onlyAt(f.Only), Form: f.Form, Year: f.Year, Bank: f.Bank, Count: f.Count.V, Role: f.Role.V}
	p.Contact = Contact{Of: f.Of.V, Relationship: f.Relationship, Responsibility: f.Responsibility, NoContact: f.NoContact, Email: f.Email}
	line := cmp.Or(f.Name.Line, f.Is.Line)
	switch before, known := r.names[p.Name]; {
	case p.Name == "" || len(p.Name) > 40 || strings.ContainsAny(p.Name, ",/"):
		r.fault(line, "people: a name is short and has neither comma nor slash")
	case known && (before != p.Is || len(p.Only) == 0):
		r.fault(line, "people: %q is in the list already", p.Name)
	}
	r.names[p.Name] = p.Is
	switch p.Is {
	case onePupil, oneContact:
	case manyPupils:
		if p.Count < 1 {
			r.fault(cmp.Or(f.Count.Line, line), "people: count: how many pupils are %s?", p.Name)
		}
	case oneStaff:
		if !roles.Role(p.Role).Known() {
			r.fault(cmp.Or(f.Role.Line, line), "people: role: %q is none; there are %s", p.Role, listRoles())
		}
	default:
		r.fault(cmp.Or(f.Is.Line, line), "people: is: %q; it is one of pupil, pupils, staff, contact", p.Is)
	}
	return p
}

func listRoles() string {
	var names []string
	for _, role := range roles.All {
		names = append(names, string(role))
	}
	return strings.Join(names, ", ")
}

// contacts checks whose contacts they are, wherever those stand in the list.
func (r *reader) contacts(list []partFile) {
	for _, f := range list {
		if f.Is.V == oneContact && r.names[f.Of.V] != onePupil {
			r.fault(cmp.Or(f.Of.Line, f.Name.Line), "people: of: %q is no pupil in the list", f.Of.V)
		}
	}
}

func (r *reader) never(f neverFile, day school.Date) Never {
	n := Never{Opens: f.Opens.V, Device: f.DeviceOf.V, Is: f.Is.V, Shows: f.Shows.V, To: cmp.Or(f.To.V, f.NoticeTo.V), Notice: f.NoticeTo.V != "", Only: r.onlyAt(f.Only)}
	n.Line = max(f.Opens.Line, f.DeviceOf.Line, f.Shows.Line, f.NoticeTo.Line)
	n.Before, n.After = r.moment("before", f.Before, day), r.moment("after", f.After, day)
	kinds := 0
	for _, t := range []text{f.Opens, f.DeviceOf, f.Shows, f.NoticeTo} {
		if t.V != "" {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		r.fault(n.Line, "never: each line has one of opens, device-of, shows, notice-to")
	case n.Device != "" && n.Is == "":
		r.fault(n.Line, "never: is: where must that device not be?")
	case n.Shows != "" && !knownWord(n.Shows):
		r.fault(n.Line, "never: shows: no kiosk has the screen %q", n.Shows)
	}
	for _, name := range []string{n.Device, n.To} {
		if name != "" && r.names[name] == "" {
			r.fault(n.Line, "never: nobody in the list of people is %q", name)
		}
	}
	return n
}

// knownWord reports whether a kiosk has such a screen for pupils.
func knownWord(word string) bool {
	return slices.Contains([]locker.Word{locker.Scan, locker.Starting, locker.PutIn, locker.TakeOut, locker.Again, locker.ShutDoor, locker.AlreadyIn,
		locker.Keep, locker.Office, locker.Unreadable, locker.Stuck, locker.Full, locker.OtherBank, locker.Empty, locker.AskPIN, locker.LeaveNow}, locker.Word(word))
}

// moment reads a time of day, in UTC until a school's zone is known.
func (r *reader) moment(key string, t text, day school.Date) time.Time {
	if t.V == "" {
		return time.Time{}
	}
	at, err := time.Parse("15:04:05", t.V)
	if err != nil {
		at, err = time.Parse("15:04", t.V)
	}
	if err != nil {
		r.fault(t.Line, "%s: %q is no time like 08:40 or 08:40:30", key, t.V)
		return time.Time{}
	}
	return time.Date(day.Year, day.Month, day.Day, at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}
