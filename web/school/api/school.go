package api

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/labstack/echo/v4"
)

// School is the school as it is now.
type School struct {
	Name      string    `json:"name"`
	Now       time.Time `json:"now" doc:"school time"`
	Counts    Counts    `json:"counts"`
	Directory uint64    `json:"directory" doc:"version given out to banks last"`
	Plan      uint64    `json:"plan" doc:"version given out to banks last"`
}

// Counts are how many people stand how, and how many problems wait.
type Counts struct {
	In       int `json:"in" doc:"handed in, and in our custody"`
	Out      int `json:"out" doc:"handed in today and collected"`
	NotYet   int `json:"not_yet"`
	Exempt   int `json:"exempt"`
	Problems int `json:"problems"`
}

func (c *Counts) add(v view.Counts) {
	c.In, c.Out, c.NotYet, c.Exempt, c.Problems = c.In+v.In, c.Out+v.Out, c.NotYet+v.NotYet, c.Exempt+v.Exempt, c.Problems+v.Problems
}

// IssueList is what somebody should look at, at all banks.
type IssueList struct {
	Items []Issue `json:"items" doc:"bank by bank, gravest first"`
}

// Issue is something a person should do.
type Issue struct {
	Code   string    `json:"code" enum:"forced,unverified,no-reply,jammed,left-open,help,no-door,not-emptied,overdue"`
	Bank   string    `json:"bank"`
	Door   int       `json:"door,omitempty"`
	Person string    `json:"person,omitempty"`
	Since  time.Time `json:"since"`
}

func (a *api) schoolOperations() []operation {
	return []operation{
		read("/school", roles.SeeBoard, "The school as it is now", a.school),
		read("/problems", roles.SeeBoard, "What somebody should look at", a.problems),
	}
}

func (a *api) school(echo.Context) (School, error) {
	s := School{Name: a.School, Now: a.Now()}
	for _, b := range a.Banks.Banks() {
		s.Counts.add(b.Board.Counts)
	}
	rules := a.Rules.Current()
	s.Plan = rules.Plan.Version
	if rules.Directory != nil {
		s.Directory = rules.Directory.Version
	}
	return s, nil
}

func (a *api) problems(echo.Context) (IssueList, error) {
	list := IssueList{Items: []Issue{}}
	for _, b := range a.Banks.Banks() {
		list.Items = append(list.Items, problemsOf(b, func(view.Problem) bool { return true })...)
	}
	return list, nil
}

func problemsOf(b banks.Status, about func(view.Problem) bool) []Issue {
	list := []Issue{}
	for _, p := range b.Board.Problems {
		if about(p) {
			list = append(list, Issue{string(p.Code), b.Setup.Bank, p.Door, p.Person, p.Since})
		}
	}
	return list
}

// The statuses of success.
const (
	ok      = http.StatusOK
	created = http.StatusCreated
)
