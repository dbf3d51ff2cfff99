package cases

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// move records where a device is within the school.
func (o *pages) move(c echo.Context) error {
	file, item, err := o.outside(c)
	if err != nil {
		return err
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	to := desk.InHandsOf(o.Who(c).Person)
	if spot, ok := strings.CutPrefix(f.Get("place"), "spot "); ok {
		to = desk.At(spot)
		if !slices.ContainsFunc(o.Spots, func(s Spot) bool { return s.ID == spot }) {
			to = desk.Place{}
		}
	} else if f.Get("place") != "hands" {
		to = desk.Place{}
	}
	err = o.Do(c, f, func() (string, error) {
		return "/cases/" + file.ID, o.Custody.Move(c.Request().Context(), o.by(c), item.ID, to)
	})
	return o.refuseFile(c, f, err, file, item)
}

// refuseFile shows the case again with what is wrong with a form on it.
func (o *pages) refuseFile(c echo.Context, f *kit.Form, err error, file desk.Case, item desk.Item) error {
	if err == nil {
		return nil
	}
	d, failed := o.fileData(c, file, item)
	if failed != nil {
		return failed
	}
	d.Form = f
	return o.Refuse(c, f, err, "case-file", d.Name, d)
}

// putData is the form that puts a device behind a door.
type putData struct {
	subject
	Form  *kit.Form
	Where string
	Image bool
	Banks []kit.Option
}

func (o *pages) putData(c echo.Context) (putData, error) {
	of, err := o.subject(c)
	if err != nil {
		return putData{}, err
	}
	d := putData{subject: of, Where: o.place(of.Item.Place), Image: of.File.Facts.Reason.Restricted()}
	for _, b := range o.Banks.Banks() {
		title := bankTitle(b)
		hint := ""
		if !b.Online {
			hint = "Offline now: use its kiosk with badge and PIN"
		}
		if len(b.Setup.Evidence) > 0 {
			d.Banks = append(d.Banks, kit.Option{Value: string(locker.ClassEvidence) + " " + b.Setup.Bank, Text: title + ": evidence door", Hint: hint})
		}
		if len(b.Setup.Confiscation) > 0 && !d.Image {
			d.Banks = append(d.Banks, kit.Option{Value: string(locker.ClassConfiscation) + " " + b.Setup.Bank, Text: title + ": confiscation door", Hint: hint})
		}
	}
	slices.SortStableFunc(d.Banks, func(a, b kit.Option) int { return strings.Compare(a.Value[:1], b.Value[:1]) }) // evidence is the exception
	return d, nil
}

func (o *pages) putPage(c echo.Context) error {
	d, err := o.putData(c)
	if err != nil {
		return err
	}
	start := url.Values{}
	if len(d.Banks) > 0 {
		start.Set("bank", d.Banks[0].Value)
	}
	d.Form = o.NewForm(c, start)
	return o.Page(c, http.StatusOK, "case-put", "Put a device behind a door", d)
}

func (o *pages) put(c echo.Context) error {
	d, err := o.putData(c)
	if err != nil {
		return err
	}
	if d.Form, err = o.ReadForm(c); err != nil {
		return err
	}
	class, bank, _ := strings.Cut(d.Form.Get("bank"), " ")
	if !slices.ContainsFunc(d.Banks, func(b kit.Option) bool { return b.Value == d.Form.Get("bank") }) {
		bank = ""
	}
	err = o.Do(c, d.Form, func() (string, error) {
		what, err := o.Custody.Put(c.Request().Context(), o.by(c), d.Item.ID, bank, locker.Class(class))
		if err != nil {
			return "", err
		}
		return o.given(c, d.Base, what), nil
	})
	if err != nil {
		return o.Refuse(c, d.Form, err, "case-put", "Put a device behind a door", d)
	}
	return nil
}

// given gives an order and leads to what became of it.
func (o *pages) given(c echo.Context, base string, what desk.Ordered) string {
	key := strings.ToLower(rand.Text())
	o.order(c.Request().Context(), key, what)
	return base + "/ordered/" + key
}

// takeOut lets a device out of its door: to an adult it was released to, or into
// the hands of whoever asks.
func (o *pages) takeOut(c echo.Context) error {
	of, err := o.subject(c)
	if err != nil {
		return err
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) {
		what, err := o.Custody.TakeOut(c.Request().Context(), o.by(c), of.Item.ID)
		if err != nil {
			return "", err
		}
		return o.given(c, of.Base, what), nil
	})
	if of.File.ID == "" {
		return err // the page of a device at the desk is another package's
	}
	return o.refuseFile(c, f, err, of.File, of.Item)
}

// orderedData is what became of an order.
type orderedData struct {
	subject
	In        bool // the device goes in
	Released  bool
	Bank      string
	Door      int
	Now       doorNow
	Look      string // address of the page while it follows the door; "" when that has come to its end
	Why, Next string
	When      string
}

// followFor is how long a page that is left open follows a door, in school time.
const followFor = 5 * time.Minute

func (o *pages) orderedPage(c echo.Context) error {
	of, err := o.subject(c)
	if err != nil {
		return err
	}
	was, ok := o.opened.find(c.Param("key"))
	if !ok || was.Order.Item != of.Item.ID {
		return errs.New(errs.NotFound, "What became of that order is not kept here any more.", "The record of the device has it.")
	}
	d := orderedData{subject: of, In: was.Order.Kind == locker.OrderPut, Released: of.File.Release != nil,
		Bank: strings.ToUpper(was.Bank), Door: was.Done.Door, When: o.clock(was.At)}
	d.Why, d.Next = was.said()
	if d.Now = d.now(o.stands(was.Bank, was.Done.Door)); d.Now != shut && d.Why == "" && o.Now().Sub(was.At) < followFor {
		d.Look = c.Request().URL.Path
	}
	return o.Page(c, http.StatusOK, "case-ordered", "The door", d)
}
