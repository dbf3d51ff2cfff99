package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/registers"
)

// registerPages are the pages about the school's registers. Two of those are filled by
// other books, so nobody has access, and nobody signs, without a line there.
func registerPages(s *server.Server) registers.Config {
	return registers.Config{Book: s.Registers, Desk: s.Registers, People: s.People, Rules: s.Policy.Now, Clauses: s.School.Clauses,
		Filled: map[string]func() registers.Filled{
			"access":     func() registers.Filled { return accessFilled(s) },
			"agreements": func() registers.Filled { return signaturesFilled(s) },
		}}
}

// accessFilled is who has an account or a device of the school, since when, by whom
// and until when.
func accessFilled(s *server.Server) registers.Filled {
	f := registers.Filled{Heads: []string{"Who", "What", "Since", "By", "Until"}}
	for _, a := range s.Users.List() {
		for _, g := range a.Grants {
			until := g.Until
			for _, end := range []time.Time{g.Ended, a.Ended} {
				if !end.IsZero() && (until.IsZero() || end.Before(until)) {
					until = end
				}
			}
			since := g.From
			if since.IsZero() {
				since = g.Given
			}
			f.Rows = append(f.Rows, []string{a.Name, "Bellkeep, as " + kit.RoleName(g.Role) + " (account " + a.ID + ")", dayAt(s, since), g.By, dayAt(s, until)})
		}
		if len(a.Grants) == 0 {
			f.Rows = append(f.Rows, []string{a.Name, "Bellkeep, without a role yet (account " + a.ID + ")", dayAt(s, a.Made), a.By, dayAt(s, a.Ended)})
		}
	}
	for _, i := range s.Fleet.Register() {
		f.Rows = append(f.Rows, []string{holderName(s, i.To), "School device " + i.Device, dayAt(s, i.From), i.By, dayAt(s, i.Until)})
	}
	slices.SortStableFunc(f.Rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return f
}

// signaturesFilled is who has signed which agreement, as it counts now.
func signaturesFilled(s *server.Server) registers.Filled {
	f := registers.Filled{Heads: []string{"Who", "Agreement", "Version", "Signed", "How"}}
	words := map[agreements.Kind]string{agreements.Staff: "Acceptable use, staff", agreements.Pupils: "Acceptable use, pupils", agreements.OwnPhones: "Advice on own phones",
		agreements.Parents: "The school’s agreements, parents", agreements.SocialMedia: "Social media for the school", agreements.Monitoring: "Notice on monitoring", agreements.Briefing: "Note on safeguarding"}
	how := map[agreements.How]string{agreements.InAccount: "In their own account", agreements.AtDesk: "Before a witness", agreements.ByParent: "By a parent", agreements.Advised: "Was told of it"}
	for _, p := range s.People.People() {
		for _, k := range agreements.Kinds {
			if signed, ok := s.Agreements.Signed(p.ID, k); ok {
				f.Rows = append(f.Rows, []string{p.Name(), words[k], "Version " + strconv.Itoa(signed.Version), dayAt(s, signed.At), how[signed.How]})
			}
		}
	}
	for _, v := range s.Agreements.Visits() {
		f.Rows = append(f.Rows, []string{v.Called(), "Acceptable use, visitors", "Version " + strconv.Itoa(v.Version), dayAt(s, v.At), how[agreements.AtDesk]})
	}
	return f
}

// holderName is who was given a device: somebody of the register, or a visitor.
func holderName(s *server.Server, id string) string {
	if p, ok := s.People.Person(id); ok && p.Name() != "" {
		return p.Name()
	}
	if v, ok := s.Agreements.Visit(id); ok {
		return v.Called()
	}
	return "Somebody whose name is not kept any more"
}

// dayAt is a moment as the school's calendar has it, "" for never.
func dayAt(s *server.Server, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.School.Calendar.Zone).Format("2 January 2006")
}
