package tray

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Tray is one form's tray of one day. It is a value: nothing in it changes.
type Tray struct {
	ID    string
	Form  string
	Day   school.Date
	Taken time.Time
	Place desk.Place // in somebody's hands or in a named place; gone once it is closed
	Trail []desk.Step

	Counted Count // when it was put away last, all kinds; nil before
	Offer   *Offer
	Asked   *Asking // of a bank, which has not said anything yet
	Left    []Left  // over, once it is closed

	in, back map[string]Said // by pupil
}

// Offer is that whoever has a tray wants to hand it on.
type Offer struct {
	By, Person string
	Count      Count
	At         time.Time
}

// Asking is an order that somebody was about to give to a bank.
type Asking struct {
	By, Person string
	Put        bool // to take the tray in, else to let it out
	At         time.Time
}

// Left is one thing that nobody took back.
type Left struct {
	Pupil string    `json:"pupil"`
	What  desk.What `json:"what"`
	Item  string    `json:"item"` // in the office's custody
}

// IDOf is the tray of a form on a day: opaque, for whoever may not know the form.
func IDOf(form string, day school.Date) string {
	sum := sha256.Sum256([]byte(day.String() + " " + form))
	return "t-" + hex.EncodeToString(sum[:12])
}

// In is what is said of what a pupil handed in.
func (t Tray) In(pupil string) Said { return t.in[pupil] }

// Back is what is said of what a pupil got back.
func (t Tray) Back(pupil string) Said { return t.back[pupil] }

// Closed reports whether the tray is done for the day.
func (t Tray) Closed() bool { return t.Place.Kind == desk.Gone }

// Held is who has the tray in hands, "" while nobody has.
func (t Tray) Held() string { return t.Place.Person }

// Pupils are those of whom something was ticked, sorted.
func (t Tray) Pupils() []string {
	all := slices.Concat(slices.Collect(maps.Keys(t.in)), slices.Collect(maps.Keys(t.back)))
	slices.Sort(all)
	return slices.Compact(all)
}

// Here are the things of a pupil that should be in the tray now.
func (t Tray) Here(pupil string) []desk.What {
	if t.Closed() {
		return nil
	}
	back := t.back[pupil]
	return slices.DeleteFunc(slices.Clone(t.in[pupil].Things), func(w desk.What) bool { return slices.Contains(back.Things, w) })
}

// Count is a number of things of each kind, none of them zero.
type Count map[desk.What]int

// Count is what should be in the tray now.
func (t Tray) Count() Count {
	c := Count{}
	for pupil := range t.in {
		for _, what := range t.Here(pupil) {
			c[what]++
		}
	}
	return c
}

// Total is of all kinds.
func (c Count) Total() (n int) {
	for _, k := range c {
		n += k
	}
	return n
}

// plain is c without zeros.
func (c Count) plain() Count {
	c = maps.Clone(c)
	maps.DeleteFunc(c, func(_ desk.What, n int) bool { return n == 0 })
	return c
}

func (c Count) check() error {
	for what, n := range c {
		if !slices.Contains(desk.Whats, what) || n < 0 || n > MaxTicks {
			return errs.At(string(what), "Enter how many you counted", "A number from 0 on.")
		}
	}
	return nil
}

// Conflicts are the pupils of whom two tablets said different things, or who got back
// what they did not hand in, sorted.
func (t Tray) Conflicts() []string {
	return slices.DeleteFunc(t.Pupils(), func(p string) bool {
		more := slices.ContainsFunc(t.back[p].Things, func(w desk.What) bool { return !slices.Contains(t.in[p].Things, w) })
		return len(t.in[p].Others) == 0 && len(t.back[p].Others) == 0 && !more
	})
}

// Recount reports whether ticks came after the tray was counted that make it another
// count.
func (t Tray) Recount() bool {
	return !t.Closed() && t.Counted != nil && t.Held() == "" && !maps.Equal(t.Counted, t.Count())
}

// matches refuses a count that is not what the ticks say, field by field.
func (t Tray) matches(counted Count) error {
	if list := t.Conflicts(); len(list) > 0 {
		return errs.New(errs.Conflict, fmt.Sprintf("Two tablets say different things of %s.", pupils(len(list))), "Settle them first: they are marked in the list.")
	}
	if err := counted.check(); err != nil {
		return err
	}
	ticked, counted := t.Count(), counted.plain()
	var wrong []string
	for _, what := range desk.Whats {
		if a, b := ticked[what], counted[what]; a != b {
			wrong = append(wrong, fmt.Sprintf("%s, %d ticked and %d counted", words[what], a, b))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return errs.At("count", "The count is not what is ticked: "+strings.Join(wrong, "; ")+".", "Count again, and look who is ticked.")
}

// words are kinds of device.
var words = map[desk.What]string{desk.Phone: "phones", desk.Watch: "watches", desk.Earbuds: "earbuds", desk.SecondPhone: "second phones",
	desk.Tracker: "trackers", desk.OtherDevice: "other things"}

func pupils(n int) string {
	if n == 1 {
		return "1 pupil"
	}
	return fmt.Sprintf("%d pupils", n)
}
