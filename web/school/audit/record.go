package audit

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/corrections"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// recordData is the page of one record.
type recordData struct {
	line
	Form    *kit.Form
	ID      string
	Seq     uint64
	Leaf    string // as it is stored
	Correct bool   // whoever reads may correct it
}

var errNoRecord = errs.New(errs.NotFound, "There is no such record.", "Look for it in the list.")

func (o *pages) record(c echo.Context) error {
	f, err := o.one(c)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "audit-record", "One record", o.recordData(c, f, o.NewForm(c, nil)))
}

// one is the record that the path names.
func (o *pages) one(c echo.Context) (found, error) {
	seq, err := strconv.ParseUint(c.Param("seq"), 10, 53)
	if err != nil {
		return found{}, errNoRecord
	}
	for _, l := range o.Ledgers.Ledgers() {
		if l.ID == c.Param("ledger") && seq < l.Size() {
			r, err := read(c.Request().Context(), l, seq)
			return found{l, r, o.read(r)}, err // an error is the whole answer
		}
	}
	return found{}, errNoRecord
}

func read(ctx context.Context, from Reader, seq uint64) (r ledger.Record, err error) {
	err = from.Read(ctx, seq, func(rec ledger.Record) error {
		r = rec
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil && r.Seq != seq {
		err = errNoRecord // one that is not shown here
	}
	return r, err
}

func (o *pages) recordData(c echo.Context, f found, form *kit.Form) recordData {
	return recordData{
		line: o.line(c, f), Form: form, ID: f.ID, Seq: f.Seq, Leaf: string(f.Leaf),
		Correct: o.May(c, roles.Correct, roles.Target{}),
	}
}

func (o *pages) correct(c echo.Context) error {
	f, err := o.one(c)
	if err != nil {
		return err
	}
	form, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	err = o.Do(c, form, func() (string, error) {
		return c.Request().URL.Path, o.Corrections.Add(c.Request().Context(), o.Who(c).Actor, corrections.Ref{Ledger: f.ID, Seq: f.Seq}, form.Get("text"))
	})
	if err != nil {
		return o.Refuse(c, form, err, "audit-record", "One record", o.recordData(c, f, form))
	}
	return nil
}
