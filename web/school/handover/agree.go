package handover

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/consent"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// listData is the page of what waits, and of what is behind evidence doors.
type listData struct {
	Waiting   []requestLine
	Devices   []deviceLine
	Kept      []deviceLine // with a hold, and behind no door
	Holds     []holdLine
	Approvers bool // the reader may see the page about them
}

type deviceLine struct{ ID, What, Where string }

type holdLine struct {
	Door int
	Bank string
}

func (p *pages) list(c echo.Context) error {
	d := listData{Approvers: p.May(c, roles.SeeAccess, roles.Target{})}
	for _, r := range p.Requests.Waiting() {
		d.Waiting = append(d.Waiting, p.line(r))
	}
	for _, i := range p.Custody.Items() {
		line := deviceLine{i.ID, whatWords(i.What), p.where(i)}
		switch {
		case i.Place.Kind == desk.Behind && p.evidence(i.Place):
			d.Devices = append(d.Devices, line)
		case i.Place.Kind != desk.Behind && i.Open() && p.Custody.Held(i):
			d.Kept = append(d.Kept, line)
		}
	}
	for _, b := range p.Banks.Banks() {
		for _, door := range b.Board.Doors {
			if door.Hold != nil {
				d.Holds = append(d.Holds, holdLine{door.Number, kit.BankName(b.Setup.Bank)})
			}
		}
	}
	return p.Page(c, http.StatusOK, "agree-list", "Two people", d)
}

func (p *pages) evidence(at desk.Place) bool {
	b, ok := p.bank(at.Bank)
	return ok && slices.Contains(b.Setup.Evidence, at.Door)
}

// line is a request in a list.
func (p *pages) line(r consent.Request) requestLine {
	return requestLine{ID: r.ID, What: p.what(r), At: p.at(r.Begun), State: p.state(r)}
}

// what is asked for, in a few words.
func (p *pages) what(r consent.Request) string {
	door := doorWords(r.Wish.Bank, r.Wish.Door)
	switch r.Kind {
	case consent.HandOver:
		if r.Wish.Bank == consent.School {
			return "Hand a device that the school keeps to the police"
		}
		return "Hand the device behind " + lower(door) + " to the police"
	case consent.Restore:
		return "Take the device behind " + lower(door) + " back into staff hands"
	case consent.EndHold:
		return "End the hold on " + lower(door)
	}
	return "Tell " + kit.BankName(r.Wish.Bank) + " whose passkeys count"
}

func lower(words string) string { return strings.ToLower(words[:1]) + words[1:] }

// state is how far a request has come.
func (p *pages) state(r consent.Request) string {
	switch {
	case r.Done() && r.Wish.Bank == consent.School:
		return "Both signed; it is with the police"
	case r.Done():
		return "Both signed; the bank did it"
	case r.Refused == consent.Unanswered:
		return "Both signed; the bank gave no answer"
	case r.Refused != "":
		return "Both signed; the bank refused it: " + refusalWords(r.Refused)
	case !r.Open():
		return "Not signed in time"
	case len(r.Signs) == 1:
		return "Signed by one; waits for the second"
	}
	return "Waits for the first signature"
}

// refusalWords is a bank's answer in words.
func refusalWords(why string) string {
	words := map[locker.Answer]string{
		locker.TooLate: "it came too late", locker.Replayed: "it came twice", locker.UnknownNonce: "the bank has started anew since", locker.Busy: "its door is in use",
		locker.DoorOpen: "its door stands open", locker.NoReply: "its door gives no answer", locker.Barred: "a stop or hold stands on it", locker.NothingHeld: "nothing is behind that door",
		locker.NotHeld: "no hold stands on that door any more", locker.UnknownKey: "it does not know one of the passkeys", locker.NewKey: "it has known one of the passkeys for less than a day",
		locker.SamePerson: "both passkeys are one person’s", locker.OtherWish: "something else was signed", locker.NoChange: "it knows these already",
	}[locker.Answer(why)]
	if words == "" {
		return why
	}
	return words
}

// requestData is the page that is signed on.
type requestData struct {
	Form     *kit.Form
	ID, What string
	State    string
	Open     bool
	Done     bool
	Left     string // time for whoever is next
	Facts    []fact
	Signs    []fact // who, and when
	For      string // whose word is next
	May      bool
	Why      string // the reader may not
	Question string // for the browser
	Here     bool   // passkeys work at this address
	Pretend  bool   // in a demonstration
	Address  string // where they do
	Wish     string // the bytes that are signed
	Sum      string
	Item     string
	After    bool // a hand-over is done, and the receipt is to be written down
	Receipt  []fact
	Door     string // and how it stands, once it is done
	Keys     []fact
	Sheet    bool
}

type fact struct{ Key, Value string }

func (p *pages) requestData(c echo.Context, f *kit.Form) (requestData, error) {
	r, err := p.Requests.Get(param(c, "id"))
	if err != nil {
		return requestData{}, err
	}
	words, err := p.Requests.Words(c.Request().Context(), r)
	if err != nil {
		return requestData{}, err
	}
	who := p.Who(c)
	sum := r.Wish.Challenge()
	d := requestData{Form: f, ID: r.ID, What: p.what(r), State: p.state(r), Open: r.Open(), Done: r.Done(), Wish: string(r.Wish.Bytes()), Sum: hex.EncodeToString(sum[:]), Item: r.Wish.Item}
	d.Left = strconv.Itoa(max(1, int(r.Left/time.Minute))) + " min"
	d.Facts = p.facts(r, words)
	for _, s := range r.Signs {
		d.Signs = append(d.Signs, fact{p.person(s.Person), p.clock(s.At)})
	}
	if wanted := p.Requests.Wanted(r); len(wanted) > 0 {
		join := "or"
		if len(r.Signs) == 0 {
			join = "and"
		}
		d.For = approvers.Words(wanted, join)
	}
	known, _ := p.Requests.Known(r)
	d.Pretend, d.Sheet = p.Pretend != nil, p.Config.Sheet != nil
	d.keys(p, r)
	if err := p.Requests.MayBeNext(asStaff(who), r); err != nil {
		d.Why = err.Error() + " " + errs.HintOf(err)
	} else if err := d.ask(c, known, r, who.Person); err != nil {
		return d, err
	}
	if r.Done() && r.Wish.Door != 0 {
		b, _ := p.bank(r.Wish.Bank)
		d.Door = map[locker.Contact]string{locker.Open: "open: take the device out, then shut the door", locker.Closed: "shut"}[doorOf(b.Board, r.Wish.Door).Contact]
	}
	return d, p.after(c, &d, r)
}

// ask is what the browser needs, where passkeys work at all.
func (d *requestData) ask(c echo.Context, known passkey.Set, r consent.Request, person string) error {
	question, err := known.Question(r.Wish, person)
	if err != nil {
		return err
	}
	d.May, d.Question = true, string(question)
	d.Here = slices.ContainsFunc(known.Origins, func(origin string) bool { return strings.HasSuffix(origin, "://"+c.Request().Host) })
	if len(known.Origins) > 0 {
		d.Address = known.Origins[0]
	}
	return nil
}

// keys are those of a set that a bank is to learn.
func (d *requestData) keys(p *pages, r consent.Request) {
	if r.Kind != consent.Approvers || r.Keys == nil {
		return
	}
	d.Facts = append(d.Facts, fact{"Fingerprint", r.Keys.Fingerprint()})
	for _, person := range r.Keys.People() {
		n := 0
		for _, k := range r.Keys.Keys {
			if k.Person == person {
				n++
			}
		}
		d.Keys = append(d.Keys, fact{p.person(person), strconv.Itoa(n) + " passkey" + map[bool]string{true: "s"}[n > 1]})
	}
}

// after is what is written down once the police have the device.
func (p *pages) after(c echo.Context, d *requestData, r consent.Request) error {
	if r.Kind != consent.HandOver || !r.Done() {
		return nil
	}
	d.After = r.Receipt.IsZero()
	if d.After {
		return nil
	}
	left, err := p.Requests.Left(c.Request().Context(), r)
	d.Receipt = []fact{{"Receipt", left.Number}, {"Taken by the officer", p.at(left.At)}}
	return err
}

func (p *pages) facts(r consent.Request, words consent.Paper) []fact {
	door := doorWords(r.Wish.Bank, r.Wish.Door)
	if r.Wish.Bank == consent.School {
		door = ""
	}
	all := []fact{{"Bank and door", door}, {"Device", r.Wish.Item}, {"Officer", words.Officer}, {"Collar number", words.Collar}, {"Force", words.Force},
		{"Reference of the police", words.Reference}, {"Seal or bag", words.Seal}, {"The device is", stateWords[words.State]}, {"Why", words.Why}, {"Asked for by", p.Holder(r.By)}, {"At", p.at(r.Begun)}}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

func (p *pages) request(c echo.Context) error {
	d, err := p.requestData(c, p.NewForm(c, url.Values{"at": {p.Now().Format("2006-01-02T15:04")}}))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "agree", "Sign together", d)
}

// sign takes one person's signature. After the second it waits a moment for the
// bank's own record, so that the page shown next tells of the door.
func (p *pages) sign(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	signed, err := p.signed(c, f)
	if err == nil {
		var r consent.Request
		if r, err = p.Requests.Sign(c.Request().Context(), asStaff(p.Who(c)), param(c, "id"), signed); err == nil && r.Done() && r.Wish.Bank != consent.School {
			p.await(c.Request().Context(), r)
		}
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/agree/"+param(c, "id"))
	}
	d, other := p.requestData(c, f)
	if other != nil {
		return other
	}
	return p.Refuse(c, f, err, "agree", "Sign together", d)
}

// signed is what the browser sent, or in a demonstration a pretend passkey's.
func (p *pages) signed(c echo.Context, f *kit.Form) (passkey.Assertion, error) {
	answer := f.Values.Get("passkey")
	if r, err := p.Requests.Get(param(c, "id")); err == nil && p.Pretend != nil && answer == pretend {
		if signed, ok := p.Pretend(p.Who(c).Account, r.Wish); ok {
			return signed, nil
		}
	}
	signed, err := passkey.ParseAssertion([]byte(answer))
	if err != nil {
		err = errs.Wrap(err, errs.Invalid, "No passkey signed this.", "Press the button, and say yes when your device asks.")
	}
	return signed, err
}

// pretend is what the form of a demonstration sends instead of a passkey's answer.
const pretend = "pretend"

// shownWithin is how long the page waits for the bank's record to come.
const shownWithin = 2 * time.Second

func (p *pages) await(ctx context.Context, r consent.Request) {
	ctx, cancel := context.WithTimeout(ctx, shownWithin)
	defer cancel()
	for {
		seen := p.Banks.News()
		if b, ok := p.bank(r.Wish.Bank); ok && b.Board.Size > r.Seq+1 {
			return
		}
		if p.Banks.Wait(ctx, seen) != nil {
			return
		}
	}
}

func (p *pages) receive(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	id := param(c, "id")
	err = p.Do(c, f, func() (string, error) {
		at, err := time.ParseInLocation("2006-01-02T15:04", f.Get("at"), p.Now().Location())
		if err != nil {
			return "", errs.At("at", "This is not a date and time.", "Give both.")
		}
		return "/agree/" + id, p.Requests.Receive(c.Request().Context(), asStaff(p.Who(c)), id, consent.Receipt{Number: f.Get("number"), At: at})
	})
	if err == nil {
		return nil
	}
	d, other := p.requestData(c, f)
	if other != nil {
		return other
	}
	return p.Refuse(c, f, err, "agree", "Sign together", d)
}
