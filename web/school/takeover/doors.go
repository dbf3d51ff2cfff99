package takeover

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// doorLine is one door to look at.
type doorLine struct {
	Number     int
	What, Form string // what should be behind it
	Person     string // whose, "" for nobody's
	Since      string
	Sensor     string
	Agrees     bool   // its sensors allow for what the record says
	First      string // of an evidence door: who looked at it, before another person does too
	Evidence   bool
}

type doorsData struct {
	Form          *kit.Form
	ID, Name      string
	AsOf          string
	Online        bool
	Machine       bool       // another computer works the bank
	Evidence      bool       // evidence doors are among them
	Kept          []doorLine // with something behind them, as the record says
	Empty         []doorLine
	Tick          bool // the reader may say that doors are as they should be
	Total, Looked int
}

// Value is how the form names the door.
func (l doorLine) Value() string { return strconv.Itoa(l.Number) }

// doorList is doors of one sort.
type doorList struct {
	Title string
	Lines []doorLine
	Kept  bool // something should be behind them
}

// Lists are the doors with something behind them, and the others.
func (d doorsData) Lists() []doorList {
	return []doorList{{"With a device behind them", d.Kept, true}, {"Empty", d.Empty, false}}
}

// Fault is what is wrong with what was ticked.
func (d doorsData) Fault() string { return d.Form.Fault("doors") }

func (p *pages) doorsData(c echo.Context, f *kit.Form) (doorsData, error) {
	s, err := p.bank(c)
	if err != nil {
		return doorsData{}, err
	}
	d := doorsData{Form: f, ID: s.Setup.Bank, Name: title(s), AsOf: p.Now().Format("15:04:05 on 2 January 2006"), Online: s.Online,
		Total: len(s.Board.Doors), Tick: p.May(c, roles.DepositAtDesk, roles.Target{})}
	since := map[string]time.Time{}
	for _, person := range s.Board.People {
		since[person.ID] = person.Since
	}
	for _, i := range s.Board.Items {
		since[i.ID] = i.Since
	}
	d.Machine = slices.ContainsFunc(s.Board.Problems, func(w view.Problem) bool { return w.Code == view.TakenOver })
	for _, door := range s.Board.Doors {
		if !door.InDoubt {
			d.Looked++
			continue
		}
		line := p.doorLine(door, since[door.Person+door.Item])
		if line.Evidence = door.Class == locker.ClassEvidence; line.Evidence {
			d.Evidence = true
			line.First = p.first(d.ID, door.Number)
		}
		if door.Person+door.Item == "" {
			d.Empty = append(d.Empty, line)
		} else {
			d.Kept = append(d.Kept, line)
		}
	}
	return d, nil
}

func (p *pages) doorLine(door view.Door, since time.Time) doorLine {
	line := doorLine{Number: door.Number, Person: door.Person, Sensor: sensorWords(door), Agrees: door.Contact == locker.Closed && door.Spoke == 0}
	if !since.IsZero() {
		line.Since = since.In(p.Now().Location()).Format("2 January, 15:04")
	}
	switch name, form, known := p.Config.Name(door.Person); {
	case door.Item != "":
		line.What = "A device that staff put in"
	case door.Person != "" && known:
		line.What, line.Form = name, form
	case door.Person != "":
		line.What = "A pupil who is not on the roll"
	}
	switch door.Sensed {
	case locker.Absent:
		line.Agrees = line.Agrees && door.Person+door.Item == ""
	case locker.Present:
		line.Agrees = line.Agrees && door.Person+door.Item != ""
	}
	return line
}

// sensorWords is what the sensors of a door say.
func sensorWords(d view.Door) string {
	words := map[locker.Contact]string{locker.Open: "open", locker.Closed: "shut", locker.Unknown: "no answer"}[d.Contact]
	if d.Spoke != 0 {
		words += fmt.Sprintf("; at its turn the sensor of door %d spoke", d.Spoke)
	}
	switch d.Sensed {
	case locker.Absent:
		return words + ", nothing in it"
	case locker.Present:
		return words + ", something in it"
	}
	return words
}

func (p *pages) doors(c echo.Context) error {
	f := p.NewForm(c, url.Values{})
	d, err := p.doorsData(c, f)
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "takeover-doors", "Doors to look at", d)
}

// looked takes what somebody has found at the doors, and says it to the bank, whose
// sensors have a word in it.
func (p *pages) looked(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.doorsData(c, f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		doors, err := ticked(f)
		if err != nil {
			return "", err
		}
		who := p.Who(c)
		if who.Person == "" {
			return "", errs.New(errs.Denied, "This account is nobody of the register, and somebody must answer for what was seen.", "Sign in with an account of your own.")
		}
		return "/doors/" + d.ID, p.say(c.Request().Context(), who.Actor, d.ID, doors)
	})
	if err != nil {
		return p.Refuse(c, f, err, "takeover-doors", "Doors to look at", d)
	}
	return nil
}

// say tells a bank what somebody has found at its doors. Of evidence doors it is told
// once a second person has found the same.
func (p *pages) say(ctx context.Context, who school.Actor, bank string, doors []int) error {
	var alone, firsts []int
	second := map[string][]int{} // by the person who looked first
	for _, n := range doors {
		if since, is := p.evidence(bank, n); !is {
			alone = append(alone, n)
		} else if first, ok := p.Looks.Looked(bank, n, who.Person, since); ok {
			second[first.Person] = append(second[first.Person], n)
		} else {
			firsts = append(firsts, n)
		}
	}
	if len(firsts) > 0 {
		if err := p.Looks.First(ctx, who, bank, firsts); err != nil {
			return err
		}
	}
	if len(alone) > 0 {
		if err := p.order(ctx, bank, locker.Order{Kind: locker.OrderLook, Doors: alone, By: who.Account}); err != nil {
			return err
		}
	}
	for first, doors := range second {
		if err := p.order(ctx, bank, locker.Order{Kind: locker.OrderLook, Doors: doors, By: who.Account, Looked: [2]string{first, who.Person}}); err != nil {
			return err
		}
	}
	return nil
}

func (p *pages) order(ctx context.Context, bank string, o locker.Order) error {
	done, err := p.Orders.Order(ctx, bank, o)
	if err == nil {
		err = refusal(locker.Answer(done.Refused))
	}
	if err == nil {
		p.await(ctx, bank, done)
	}
	return err
}

// clocks is how far a bank's clock may be from this server's.
const clocks = 2 * time.Minute

// evidence reports whether a door is for evidence, and since when a look at it counts.
func (p *pages) evidence(bank string, door int) (since time.Time, is bool) {
	for _, s := range p.Banks.Banks() {
		for _, d := range s.Board.Doors {
			if s.Setup.Bank == bank && d.Number == door && d.Class == locker.ClassEvidence {
				return d.Asked.Add(-clocks), true
			}
		}
	}
	return since, false
}

// first says who looked at an evidence door, "" for nobody.
func (p *pages) first(bank string, door int) string {
	since, _ := p.evidence(bank, door)
	l, ok := p.Looks.Looked(bank, door, "", since)
	if !ok {
		return ""
	}
	name, _, _ := p.Config.Name(l.Person)
	return fmt.Sprintf("%s, %s", cmp.Or(name, l.By), l.At.In(p.Now().Location()).Format("15:04"))
}

// ticked are the doors that somebody has ticked.
func ticked(f *kit.Form) (doors []int, err error) {
	for _, text := range f.Values["door"] {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, errs.New(errs.Invalid, "That is no door.", "Go back and tick doors of the list.")
		}
		doors = append(doors, n)
	}
	if len(doors) == 0 {
		return nil, errs.At("doors", "Tick the doors you have looked at", "")
	}
	return doors, nil
}

// refusal is what a bank's answer means to whoever looked; nil for none.
func refusal(why locker.Answer) error {
	switch why {
	case "", locker.NoChange:
		return nil
	case locker.TwoNeeded:
		return errs.At("doors", "Two people look at an evidence door", "Let another person tick it too, with an account of their own.")
	case locker.Disagrees:
		return errs.At("doors", "The sensors of these doors say otherwise", "Shut the doors that stand open. Shut those out of turn once more, by number. Where a sensor is wrong, see to it first.")
	}
	return errs.New(errs.Conflict, "The bank refused it: "+string(why)+".", "Open the page again.")
}

// shownWithin is how long the page waits for the bank's record to come.
const shownWithin = 3 * time.Second

// await waits until the board shows what the bank has recorded, or a while: the list
// is right without it, if a moment old.
func (p *pages) await(ctx context.Context, bank string, done banks.Done) {
	ctx, cancel := context.WithTimeout(ctx, shownWithin)
	defer cancel()
	for {
		seen := p.Banks.News()
		for _, s := range p.Banks.Banks() {
			if s.Setup.Bank == bank && s.Board.Size > done.Seq {
				return
			}
		}
		if p.Banks.Wait(ctx, seen) != nil {
			return
		}
	}
}
