package concern

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// NextAfter is how long one circle of people has to say that they have a concern in
// hand before the next is told.
const NextAfter = 10 * time.Minute

// Alert is a concern that somebody should be told of, without a word of what it is.
type Alert struct {
	File    string
	Since   time.Time
	Circle  int          // 0 at once, 1 after ten minutes, 2 after twenty
	Roles   []roles.Role // any of whom
	Except  []string     // persons: whom it is about
	Waiting bool         // nobody has it in hand yet
}

// Alerts are those of the last day, whoever was told of them before: the first
// circle is whom the school's rules name and always the safeguarding lead; the
// deputy and the headteacher follow while nobody has it in hand. Who stands in for
// somebody it is about is told in their place. A person decides about parents.
func (b *Book) Alerts(now time.Time) []Alert {
	var list []Alert
	for _, f := range b.all() {
		if now.Sub(f.Raised.At) > inADay || f.Sealed {
			continue
		}
		for n, circle := range b.circles(f) {
			began := f.Raised.At.Add(time.Duration(n) * NextAfter)
			if now.Before(began) || n > 0 && f.Acknowledged.Some() && !f.Acknowledged.At.After(began) {
				break
			}
			list = append(list, Alert{File: f.ID, Since: f.Raised.At, Circle: n, Roles: circle, Except: f.About, Waiting: !f.Acknowledged.Some()})
		}
	}
	return list
}

// Hears are those who hear of a file by the school's rules. Of parents a person
// decides each time.
func (b *Book) Hears(f File) []policy.Hears { return sorts[f.Category].hears(b.Rules().Notify) }

// circles are who is told at once, and who next.
func (b *Book) circles(f File) [][]roles.Role {
	rules := b.Rules()
	var first []roles.Role
	if f.Category != Incident {
		first = append(first, roles.DSL)
		if rules.Roles.DSL == policy.IsHead {
			first = append(first, roles.Head)
		}
	}
	for _, h := range b.Hears(f) {
		first = append(first, hearers[h]...)
	}
	if f.Category == Incident {
		return [][]roles.Role{b.inPlace(f, first)}
	}
	return [][]roles.Role{b.inPlace(f, first), b.inPlace(f, []roles.Role{roles.DeputyDSL}), b.inPlace(f, []roles.Role{roles.Head})}
}

// hearers are the roles of those whom the rules name. Parents are none: a person
// tells them.
var hearers = map[policy.Hears][]roles.Role{
	policy.HearsHead: {roles.Head}, policy.HearsDSL: {roles.DSL}, policy.HearsLeadership: {roles.Leadership},
	policy.HearsOffice: {roles.Office}, policy.HearsChair: {roles.Chair},
}

// inPlace adds who stands in for those whom the file is about.
func (b *Book) inPlace(f File, list []roles.Role) []roles.Role {
	stands := map[roles.Role]roles.Role{roles.Head: roles.Chair, roles.DSL: roles.DeputyDSL, roles.DeputyDSL: roles.Chair}
	for n := 0; n < len(list); n++ {
		if next := stands[list[n]]; next != "" && b.aboutPost(f, list[n]) {
			list = append(list, next)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Routes are the ways that are open where the usual one would lead to whom a file
// is about; for whoever works on it.
func (b *Book) Routes(f File) (chair, deputy bool) {
	return b.aboutHead(f), b.aboutPost(f, roles.DSL)
}

// Count is how many files there are of a sort.
type Count struct {
	Category Category
	Area     Area
	Outcome  Outcome // "" while open
	N        int
}

// Counts are the files raised from one moment until another, for trends and
// reports. Those about whoever looks are not among them; see For.
func (b *Book) Counts(from, until time.Time) []Count {
	var list []Count
	for _, f := range b.all() {
		if b.conceals(&f, b.viewer) || f.Sealed || f.Raised.At.Before(from) || !f.Raised.At.Before(until) {
			continue
		}
		c := Count{Category: f.Category, Area: f.Area, Outcome: f.Outcome}
		n := slices.IndexFunc(list, func(o Count) bool { o.N = 0; return o == c })
		if n < 0 {
			list, n = append(list, c), len(list)
		}
		list[n].N++
	}
	return list
}

// Waiting are the open files that nobody has in hand yet, oldest first, without
// those about whoever looks.
func (b *Book) Waiting() []Alert {
	var list []Alert
	for _, f := range b.all() {
		if f.Open() && !f.Acknowledged.Some() && !b.conceals(&f, b.viewer) {
			list = append(list, Alert{File: f.ID, Since: f.Raised.At, Except: f.About, Waiting: true})
		}
	}
	return list
}
