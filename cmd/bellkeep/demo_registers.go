package main

import (
	"context"
	"math/rand/v2"

	"github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// keepRegisters writes down what the pretend school has kept so far: registers in which
// most is in order and a few things wait, and how the days of the terms so far went.
func (d *demo) keepRegisters(ctx context.Context) error {
	if len(d.server.Figures.Days()) > 0 {
		return nil
	}
	if err := d.server.Figures.Count(ctx, d.daysBefore()...); err != nil {
		return err
	}
	for _, line := range d.entriesBefore() {
		by := registers.By{Actor: d.actor(line.by), Roles: []roles.Assignment{{Role: line.as}}}
		if len(line.said) == 0 || by.Person == "" {
			continue
		}
		ids, err := d.server.Registers.Add(ctx, by, line.register, line.said...)
		if err != nil {
			return err
		}
		if line.seen {
			head := registers.By{Actor: d.actor(demoSecond), Roles: []roles.Assignment{{Role: roles.Head}}}
			if err := d.server.Registers.See(ctx, head, ids[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// daysBefore are the school days of the calendar before the one that is played.
func (d *demo) daysBefore() (list []figures.Day) {
	pupils := map[string]int{}
	for _, p := range d.server.People.People() {
		if p.Kind == register.Pupil {
			pupils[p.Year]++
		}
	}
	random := rand.New(rand.NewPCG(d.seed, 0))
	for _, t := range d.school.Calendar.Terms {
		for day := t.From; day.Before(t.Until) && day.Before(d.day); day = day.Next() {
			if !d.school.Calendar.SchoolDay(day) {
				continue
			}
			years := map[string]figures.Tally{}
			for year, n := range pupils {
				t := figures.Tally{Expected: n - n*(6+random.IntN(4))/100}
				t.In = t.Expected - t.Expected*random.IntN(4)/100
				t.Late = min(t.In, random.IntN(1+n/30))
				years[year] = t
			}
			list = append(list, figures.Day{Date: day, Years: years})
		}
	}
	return list
}

// written is an entry of a demonstration's register, or several at once.
type written struct {
	register, by string
	as           roles.Role
	seen         bool // by the head
	said         []registers.Said
}

func (d *demo) entriesBefore() []written {
	on := func(daysAgo int, pairs ...string) registers.Said {
		s := registers.Said{On: d.day.Add(-daysAgo), Values: map[string]string{}}
		for i := 0; i+1 < len(pairs); i += 2 {
			s.Values[pairs[i]] = pairs[i+1]
		}
		return s
	}
	due := func(s registers.Said, days int) registers.Said {
		s.Due = d.day.Add(days)
		return s
	}
	it, dsl := d.actor("it").Person, d.actor("dsl").Person
	var trained, inducted, taught []registers.Said
	seen := map[string]bool{}
	for n, p := range d.server.People.People() {
		switch {
		case p.Kind == register.Staff && n%9 != 0:
			trained = append(trained, on(75, "staff", p.ID, "topic", "Online safety, the yearly training", "by", "The safeguarding lead"))
			inducted = append(inducted, on(82, "staff", p.ID, "with", "The headteacher"))
		case p.Kind == register.Pupil && p.Form != "" && !seen[p.Form]:
			if seen[p.Form] = true; len(seen)%6 != 0 {
				taught = append(taught, on(70, "form", p.Form, "what", "The internet and e-mail", "how", "In computing"))
			}
		}
	}
	return []written{
		{"filter-checks", "it", roles.IT, true, []registers.Said{on(40, "result", "Works, and suits our pupils", "evidence", "Twenty addresses and ten words on an iPad, a laptop and the staff network: all as they should be.")}},
		{"over-blocking", demoTeacher, roles.Teacher, false, []registers.Said{on(3, "site", "museum.example/blood-circulation", "why", "Year 9 biology; the filter takes it for violence.")}},
		{"risk-assessments", "it", roles.IT, true, []registers.Said{due(on(60, "what", "Quizzes in class", "kind", "App or tool", "risk", "Names of pupils could be seen by other schools.", "decision", "May be used, with the conditions below", "conditions", "Pupils play under numbers."), 300)}},
		{"training", "dsl", roles.DSL, false, trained},
		{"induction", "dsl", roles.DSL, false, inducted},
		{"taught-first", "dsl", roles.DSL, false, taught},
		{"dsl-governor-meetings", "dsl", roles.DSL, false, []registers.Said{on(30, "staff", dsl, "governor", "Greta Governor", "about", "The figures of last term, and the new lockers.")}},
		{"policy-reviews", demoSecond, roles.Head, false, []registers.Said{due(on(80, "policy", "Behaviour", "why", "Its date"), 285)}},
		{"action-plan", demoSecond, roles.Head, false, []registers.Said{due(on(40, "what", "Put the filter on the guest network too.", "from", "The filter check", "staff", it), -4)}},
		{"access", "it", roles.IT, false, []registers.Said{due(on(60, "system", "Parents’ evening booking", "other", "The parents’ association", "by", "The headteacher"), 240)}},
	}
}
