package api

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Policy is the school's rules in force.
type Policy struct {
	Items []Rule `json:"items" doc:"in the order they are shown in"`
}

// Rule is one rule.
type Rule struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Value string `json:"value"`
	Words string `json:"words" doc:"the value, for people"`
}

// ExceptionList is every exception the caller may see, oldest first: everybody's, or
// what they asked for themselves.
type ExceptionList struct {
	Items []Exception `json:"items"`
	Next  string      `json:"next,omitempty"`
}

// Exception is one exception, without its reasons.
type Exception struct {
	ID     string    `json:"id"`
	State  string    `json:"state" enum:"waiting,refused,withdrawn,ahead,in-force,lapsed,over,ended,barred"`
	Person string    `json:"person,omitempty"`
	Form   string    `json:"form,omitempty" doc:"a class"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until,omitzero"`
	Review time.Time `json:"review,omitzero"`
}

// ExceptionFile is one exception with what was written about it, as far as its
// reader may see reasons.
type ExceptionFile struct {
	Exception
	Kind      string    `json:"kind,omitempty" doc:"none for who may not see reasons, nor once it is erased"`
	Scope     string    `json:"scope,omitempty" enum:"all-day,daily,once"`
	Start     string    `json:"start,omitempty" doc:"with daily"`
	End       string    `json:"end,omitempty" doc:"with daily"`
	Allow     []string  `json:"allow" doc:"freed on school devices"`
	Asked     time.Time `json:"asked"`
	AskedBy   string    `json:"asked_by" doc:"account"`
	Approved  time.Time `json:"approved,omitzero"`
	By        string    `json:"approved_by,omitempty" doc:"account"`
	Longer    time.Time `json:"extension_until,omitzero" doc:"asked for, and not decided"`
	Why       string    `json:"why,omitempty"`
	Evidence  string    `json:"evidence,omitempty"`
	Departure string    `json:"departure,omitempty"`
	Refused   string    `json:"refused_why,omitempty"`
	Ended     string    `json:"ended_why,omitempty"`
	InForce   []InForce `json:"in_force"`
}

// Records are a part of the school's ledger as it is: ids, no names.
type Records struct {
	Items []Record `json:"items"`
	Next  string   `json:"next,omitempty"`
}

// Record is one record.
type Record struct {
	Seq  uint64          `json:"seq"`
	At   time.Time       `json:"at" doc:"school time"`
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body,omitempty" doc:"as its kind has it"`
}

func (a *api) ruleOperations() []operation {
	return []operation{
		read("/policy", roles.SeePolicy, "The school's rules in force", a.policy),
		read("/exceptions", roles.AskException, "Exceptions, without their kinds and reasons", a.exceptionList).asking(paging...),
		read("/exceptions/:id", roles.AskException, "One exception, and for who may see reasons its reasons", a.exceptionFile),
		read("/audit", roles.SeeAudit, "The school's ledger, oldest first", a.audit).asking(paging...),
	}
}

func (a *api) policy(echo.Context) (Policy, error) {
	var list Policy
	now := a.Policy()
	for _, k := range policy.Keys {
		list.Items = append(list.Items, Rule{k.Name, k.Title, k.Value(now), k.Words(now)})
	}
	return list, nil
}

func (a *api) exceptionOf(e exception.Exception) Exception {
	return Exception{e.ID, string(a.Exceptions.State(e)), e.Terms.Person, e.Form, e.From, e.Until, e.Review}
}

// sight is how much of exceptions the caller may see.
func (a *api) sight(c echo.Context) exceptions.Sight {
	who := a.Who(c)
	return exceptions.SightOf(who.Person, who.Roles, a.Now())
}

func (a *api) exceptionList(c echo.Context) (ExceptionList, error) {
	see := a.sight(c)
	mine := slices.DeleteFunc(a.Exceptions.All(), func(e exception.Exception) bool { return !see.Sees(e) })
	part, next, err := window(c, mine, func(e exception.Exception) string { return e.ID })
	list := ExceptionList{Items: make([]Exception, len(part)), Next: next}
	for i, e := range part {
		list.Items[i] = a.exceptionOf(e)
	}
	return list, err
}

// visible finds the exception in the path, if it is the caller's to see.
func (a *api) visible(c echo.Context) (exception.Exception, error) {
	e, ok := a.Exceptions.Exception(kit.Param(c, "id"))
	if !ok || !a.sight(c).Sees(e) {
		return e, errs.New(errs.NotFound, "There is no such exception for the caller.", "Ask for /api/v1/exceptions.")
	}
	return e, nil
}

func (a *api) exceptionFile(c echo.Context) (ExceptionFile, error) {
	e, err := a.visible(c)
	if err != nil {
		return ExceptionFile{}, err
	}
	return a.exceptionFileOf(c, e), nil
}

func (a *api) exceptionFileOf(c echo.Context, e exception.Exception) ExceptionFile {
	out := ExceptionFile{Exception: a.exceptionOf(e), Scope: string(e.Scope), Allow: []string{}, Asked: e.Asked.At, AskedBy: e.Asked.By,
		Approved: e.Approved.At, By: e.Approved.By, InForce: []InForce{}}
	if e.Person != "" && !a.sight(c).Reasons {
		e = exceptions.Bare(e)
	}
	out.Kind, out.Why, out.Evidence, out.Departure = string(e.Kind), e.Why, e.Evidence, e.Departure
	if e.Scope == exception.Daily {
		out.Start, out.End = e.Start.String(), e.End.String()
	}
	for _, s := range e.Allow {
		out.Allow = append(out.Allow, string(s))
	}
	if e.Renewal != nil {
		out.Longer = e.Renewal.Until
	}
	if e.Refused != nil {
		out.Refused = e.Refused.Why
	}
	if e.Gone != nil {
		out.Ended = e.Gone.Why
	}
	if !e.Approved.At.IsZero() {
		out.InForce = a.inForce(e.Seq)
	}
	return out
}

var errEnough = errors.New("enough records")

// audit reads a page of the ledger. after is the number of a record.
func (a *api) audit(c echo.Context) (Records, error) {
	limit, err := limitOf(c)
	if err != nil {
		return Records{}, err
	}
	from := uint64(0)
	if after := c.QueryParam("after"); after != "" {
		n, err := strconv.ParseUint(after, 10, 63)
		if err != nil {
			return Records{}, errs.At("after", "That is not the number of a record.", "Begin again without it.")
		}
		from = n + 1
	}
	list := Records{Items: []Record{}}
	err = a.Ledger.Read(c.Request().Context(), from, func(r ledger.Record) error {
		if len(list.Items) == limit {
			list.Next = strconv.FormatUint(list.Items[limit-1].Seq, 10)
			return errEnough
		}
		list.Items = append(list.Items, Record{r.Seq, r.Stamp.Wall, r.Kind, slices.Clone(r.Body)})
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return list, err
}
