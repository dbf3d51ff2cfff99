package board

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// openWithin is how long an order may take in all, however slow the bank is.
const openWithin = 15 * time.Second

// openAsking asks before a door is opened.
type openAsking struct {
	asking
	Key  string // makes sending the same form twice open one door once
	Bars []barLine
}

func (o *pages) openAsking(c echo.Context) (openAsking, error) {
	a, err := o.asking(c)
	if err != nil {
		return openAsking{}, err
	}
	if len(a.Held) == 0 {
		return openAsking{}, errs.New(errs.Conflict, "Nothing of theirs is behind a door now.", "Look at the pupil's page.")
	}
	s := o.scene(0)
	return openAsking{asking: a, Key: rand.Text(), Bars: s.barLines(func(on locker.Subject) bool { return s.concerns(on, a.ID) })}, nil
}

func (o *pages) openForm(c echo.Context) error {
	a, err := o.openAsking(c)
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "open", "Open the door now", a)
}

// open orders the bank to let out what is held, and leads to what became of it.
func (o *pages) open(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key := form.Get("key")
	if _, known := o.openings.find(key); !known {
		a, err := o.openAsking(c)
		if err != nil {
			return err
		}
		on, ok := a.subject(form.Get("on"))
		if !ok || on.Door == 0 || len(key) != len(a.Key) {
			a.Fault = "Choose the door to open"
			return o.Page(c, http.StatusUnprocessableEntity, "open", "Error: Open the door now", a)
		}
		order := locker.Order{Kind: locker.OpenDoor, Person: a.ID, Door: on.Door, By: o.Who(c).Account}
		o.openings.once(key, func() opening { return o.order(c.Request().Context(), on.Bank, order) })
		o.changed()
	}
	return c.Redirect(http.StatusSeeOther, "/opened/"+url.PathEscape(key))
}

// order sends one order. Whoever closes the page does not take it back.
func (o *pages) order(ctx context.Context, bank string, order locker.Order) opening {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openWithin)
	defer cancel()
	done, err := o.Orders.Order(ctx, bank, order)
	return opening{Bank: bank, Order: order, Done: done, Err: err, At: o.scene(pushEvery).now}
}

// opening is an order and what became of it.
type opening struct {
	Bank  string
	Order locker.Order
	Done  banks.Done
	Err   error
	At    time.Time // school time
}

// openings are the orders given through these pages, newest last, each under
// the key of the form that gave it.
type openings struct {
	mu   sync.Mutex
	keys []string
	kept map[string]func() opening
}

const mostOpenings = 256

// once gives an order unless it was given under that key, and waits for what
// became of it.
func (o *openings) once(key string, give func() opening) opening {
	o.mu.Lock()
	result := o.kept[key]
	if result == nil {
		if o.kept == nil {
			o.kept = map[string]func() opening{}
		}
		if o.keys = append(o.keys, key); len(o.keys) > mostOpenings {
			delete(o.kept, o.keys[0])
			o.keys = o.keys[1:]
		}
		result = sync.OnceValue(give)
		o.kept[key] = result
	}
	o.mu.Unlock()
	return result()
}

// find waits for what became of an order, if there was one under that key.
func (o *openings) find(key string) (opening, bool) {
	o.mu.Lock()
	result := o.kept[key]
	o.mu.Unlock()
	if result == nil {
		return opening{}, false
	}
	return result(), true
}

// openedData is what the sections of a result page get.
type openedData struct {
	moment
	opening
	Who       string
	Door      view.Door
	Why, Next string // why nothing was opened, or may not have been
	Ok        bool
	When      string
}

// BankName is the short name of the bank.
func (d openedData) BankName() string { return kit.BankName(d.Bank) }

// Words says what the door is doing now.
func (d openedData) Words() string { return doorWords(d.Door.State) }

func (o *pages) openedPage(get func(string) string, _ reader, _ *scene) (livePage, error) {
	key := get("key")
	was, ok := o.openings.find(key)
	if !ok {
		return livePage{}, errs.New(errs.NotFound, "What became of that order is not kept here any more.", "The bank's record has it.")
	}
	return livePage{name: "opened", title: "Open the door now", query: url.Values{"key": {key}}, draw: func(s *scene) (any, []part) {
		d := s.openedData(was)
		return d, parts(d, "opened", "door-now", "asof")
	}}, nil
}

func (s *scene) openedData(was opening) openedData {
	d := openedData{moment: s.moment(), opening: was, Who: s.who(was.Order.Person), When: s.at(was.At)}
	_, d.Door, _ = s.door(was.Order.Door)
	switch {
	case was.Err != nil:
		d.Why, d.Next = "The bank does not answer.", errs.HintOf(was.Err)
		var known *errs.Error
		if errors.As(was.Err, &known) && known.Code != errs.Internal {
			d.Why = known.Message
		}
		if d.Next == "" {
			d.Next = "Use the bank's keypad or key."
		}
	case was.Done.Refused != "":
		d.Why, d.Next = refusalWords(locker.Answer(was.Done.Refused))
	case was.Done.Seq == 0:
		d.Why, d.Next = "The bank takes no orders for the moment. No door was opened.", "Try again in a few seconds, or use the bank's keypad or key."
	default:
		d.Ok = true
	}
	return d
}
