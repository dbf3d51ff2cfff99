package api

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
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

// ExceptionList is every exception that was ever asked for.
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
		read("/exceptions", roles.AskException, "Exceptions, without their reasons", a.exceptionList).asking(paging...),
		read("/exceptions/:id", roles.AskException, "One exception, without its reasons", a.exception),
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

func (a *api) exceptionList(c echo.Context) (ExceptionList, error) {
	part, next, err := window(c, a.Exceptions.All(), func(e exception.Exception) string { return e.ID })
	list := ExceptionList{Items: make([]Exception, len(part)), Next: next}
	for i, e := range part {
		list.Items[i] = a.exceptionOf(e)
	}
	return list, err
}

func (a *api) exception(c echo.Context) (Exception, error) {
	e, ok := a.Exceptions.Exception(kit.Param(c, "id"))
	if !ok {
		return Exception{}, errs.New(errs.NotFound, "There is no such exception.", "Ask for /api/v1/exceptions.")
	}
	return a.exceptionOf(e), nil
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
