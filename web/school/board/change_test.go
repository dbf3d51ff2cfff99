package board

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// sent posts a form that must lead on to a page, and gives the page's address.
func (v *visitor) sent(path string, form url.Values) string {
	v.t.Helper()
	r := v.post(path, form)
	if r.StatusCode != http.StatusSeeOther {
		v.t.Fatalf("POST %s: %d: %s", path, r.StatusCode, body(v.t, r))
	}
	return r.Header.Get("Location")
}

// refuses posts a form that must come back with a status and words.
func (v *visitor) refuses(path string, form url.Values, status int, texts ...string) {
	v.t.Helper()
	r := v.post(path, form)
	text := body(v.t, r)
	if r.StatusCode != status {
		v.t.Errorf("POST %s: %d, want %d", path, r.StatusCode, status)
	}
	has(v.t, path, text, texts...)
}

func TestStop(t *testing.T) {
	s := newAcademy(true) // bank C is offline
	v := signedIn(t, handlerFor(t, s))
	v.says("/person/p-20/stop", "Send Jia Khan (7A) to the office?")
	page := v.sent("/person/p-20/stop", nil)
	if b := s.bars[0]; b.Kind != desk.Stop || b.On != (locker.Subject{Person: "p-20"}) || b.By != "office" {
		t.Errorf("placed %+v", b)
	}
	v.says(page, "Stop: Jia Khan (7A)", "In force at Bank A since 08:41:09", "In force at Bank B since 08:41:09",
		"<strong>Not yet at Bank C</strong> (offline since 07:51): use the bank’s keypad or key", "End this stop")
	v.says("/person/p-20", "Not yet at Bank C", "-Send to the office", page)
	v.says("/", "1 stop and 0 holds", "1 stop or hold is not yet in force there.", "-Jia Khan")
	v.says("/bars", "Jia Khan (7A)", page)
	v.refuses("/person/p-20/stop", nil, http.StatusConflict, "There is a problem", "That bar stands already.")
	v.says(v.sent(page+"/end", nil), "Stop ended: Jia Khan", "by office", "In force at Bank A", "Not yet at Bank C", "-<button class=\"govuk-button\" id=\"end\"")
	if len(s.bars) != 0 {
		t.Error("the stop still stands")
	}
	v.says(v.sent(page+"/end", nil), "Stop ended") // again: nothing more happens
	s.comeBack(2)
	v.says(page, "In force at Bank C since 08:41:09", "-Not yet")
}

// TestEndNotGivenOutYet: an end is in force nowhere while the rules still hold
// the bar.
func TestEndNotGivenOutYet(t *testing.T) {
	s := newAcademy(false)
	v := signedIn(t, handlerFor(t, s))
	page := v.sent("/person/p-20/stop", nil)
	held := s.rules
	v.sent(page+"/end", nil)
	s.change(func([]banks.Status) { s.rules = held })
	v.says(page, "Not yet at Bank A</strong>: on its way", "-In force at")
}

// TestHoldIsEndedByTwo: by two different people, each of whom sees what the
// other did.
func TestHoldIsEndedByTwo(t *testing.T) {
	s := newAcademy(false)
	h := handlerFor(t, s)
	office, dsl, head := signedIn(t, h), visit(t, h), visit(t, h)
	dsl.signIn("dsl")
	head.signIn("head")
	office.says("/person/p-5/hold", "The pupil", "Only door 5 of bank A")
	office.refuses("/person/p-5/hold", nil, http.StatusUnprocessableEntity, "There is a problem", "Choose what the hold is on")
	office.refuses("/person/p-5/hold", url.Values{"on": {"door-6"}}, http.StatusUnprocessableEntity, "Choose what the hold is on")
	page := office.sent("/person/p-5/hold", url.Values{"on": {"door-5"}})
	if b := s.bars[0]; b.Kind != desk.Hold || b.On != (locker.Subject{Bank: "a", Door: 5}) {
		t.Errorf("placed %+v", b)
	}
	office.says(page, "Hold: Door 5 of Bank A", "-Ask to end this hold")
	dsl.says(page, "Hold: Door 5 of Bank A", "Ask to end this hold")
	office.says("/person/p-5", "Door 5 of Bank A", page)
	office.says("/door/5", page)
	office.refuses(page+"/end", nil, http.StatusNotFound, "does not stand any more")
	office.refuses(page+"/end-hold", nil, http.StatusForbidden, "You may not do that")
	dsl.sent(page+"/end-hold", nil)
	dsl.says(page, "You asked at 08:41 to end this hold.", "-<button class=\"govuk-button")
	dsl.refuses(page+"/end-hold", nil, http.StatusForbidden, "somebody else must agree")
	if len(s.bars) != 1 {
		t.Fatal("one person alone ended a hold")
	}
	head.says("/", "dsl asked at 08:41 to end a hold.", page, "-Ewa")
	head.says(page, "dsl asked at 08:41 to end this hold.", "Agree and end this hold")
	head.says(head.sent(page+"/end-hold", nil), "Hold ended", "by head; dsl had asked for it")
	office.says("/person/p-5", "-"+page)
}

var keyOf = regexp.MustCompile(`name="key" value="([A-Z2-7]+)"`)

// openForm reads the key out of the page that asks whether to open.
func openForm(t *testing.T, v *visitor, person string, texts ...string) url.Values {
	t.Helper()
	m := keyOf.FindStringSubmatch(v.says("/person/"+person+"/open", texts...))
	if m == nil {
		t.Fatal("the page that asks has no key")
	}
	return url.Values{"key": {m[1]}, "on": {"door-" + strings.TrimPrefix(person, "p-")}}
}

func TestOpen(t *testing.T) {
	s := newAcademy(false)
	v := signedIn(t, handlerFor(t, s))
	form := openForm(t, v, "p-5", "Open door 5 of bank A now?", "Ewa Byron (7A)")
	page := v.sent("/person/p-5/open", form)
	v.says(page, "Door 5 of Bank A was told to open", "record 1234", "Keeping a phone")
	if v.sent("/person/p-5/open", form) != page || len(s.orders) != 1 {
		t.Errorf("the same form sent twice gave %d orders", len(s.orders))
	}
	if o := s.orders[0]; !reflect.DeepEqual(o, locker.Order{Kind: locker.OpenDoor, Person: "p-5", Door: 5, By: "office"}) {
		t.Errorf("ordered %+v", o)
	}
	v.refuses("/person/p-5/open", url.Values{"key": {"short"}, "on": {"door-5"}}, http.StatusUnprocessableEntity, "Choose the door to open")
	v.refuses("/person/p-5/open", url.Values{"key": form["key"][:0], "on": {"door-5"}}, http.StatusUnprocessableEntity, "Choose the door to open")
	form = openForm(t, v, "p-5")
	form.Set("on", "door-6") // the phone has moved since
	v.refuses("/person/p-5/open", form, http.StatusUnprocessableEntity, "Choose the door to open")
	form.Set("on", "person")
	v.refuses("/person/p-5/open", form, http.StatusUnprocessableEntity, "Choose the door to open")
	v.refuses("/person/p-290/open", form, http.StatusConflict, "Nothing of theirs is behind a door now.")
	if len(s.orders) != 1 {
		t.Errorf("%d orders were given", len(s.orders))
	}
}

// TestAnswers: every answer of a bank in plain words, and what to do.
func TestAnswers(t *testing.T) {
	s := newAcademy(false)
	v := signedIn(t, handlerFor(t, s))
	for _, c := range []struct {
		done banks.Done
		err  error
		says []string
	}{
		{banks.Done{Seq: 77}, nil, []string{"was told to open", "record 77"}},
		{banks.Done{Seq: 78, Refused: "barred"}, nil, []string{"not opened by this order", "A stop or a hold stands", "ended first", "record 78"}},
		{banks.Done{Seq: 79, Refused: "nothing-held"}, nil, []string{"Nothing of theirs is behind that door"}},
		{banks.Done{Seq: 79, Refused: "no-reply"}, nil, []string{"its board does not answer", "key"}},
		{banks.Done{Seq: 79, Refused: "door-open"}, nil, []string{"stands open already"}},
		{banks.Done{Seq: 79, Refused: "busy"}, nil, []string{"Somebody is at that door"}},
		{banks.Done{Seq: 79, Refused: "late"}, nil, []string{"too late"}},
		{banks.Done{Refused: "replayed"}, nil, []string{"a second time", "-refusal is record"}},
		{banks.Done{Refused: "news-to-us"}, nil, []string{"The bank refused."}},
		{banks.Done{}, nil, []string{"takes no orders for the moment", "-was told to open"}},
		{banks.Done{}, errs.Wrap(errors.New("deadline"), errs.Unavailable, "The bank does not answer. No door was opened.", "Use the bank's keypad or key."),
			[]string{"The bank does not answer. No door was opened.", "keypad or key", "-deadline"}},
		{banks.Done{}, errors.New("secret cause"), []string{"The bank does not answer.", "-secret cause"}},
	} {
		s.answer = func(string, locker.Order) (banks.Done, error) { return c.done, c.err }
		v.says(v.sent("/person/p-5/open", openForm(t, v, "p-5")), c.says...)
	}
}

// TestOpenWarns: of what will stop it.
func TestOpenWarns(t *testing.T) {
	s := newAcademy(true)
	v := signedIn(t, handlerFor(t, s))
	v.sent("/person/p-601/hold", url.Values{"on": {"person"}})
	v.says("/person/p-601/open", "The bank will refuse until it has ended.", "Bank C is offline and cannot be told.")
}

// TestOneOrderForManyClicks: the same form sent many times at once.
func TestOneOrderForManyClicks(t *testing.T) {
	s := newAcademy(false)
	release := make(chan struct{})
	s.answer = func(string, locker.Order) (banks.Done, error) { <-release; return banks.Done{Seq: 1}, nil }
	v := signedIn(t, handlerFor(t, s))
	form := openForm(t, v, "p-5")
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			r, err := v.PostForm(v.base+"/person/p-5/open", form)
			if err != nil || r.StatusCode != http.StatusSeeOther {
				t.Errorf("%v %v", r, err)
				return
			}
			r.Body.Close()
		})
	}
	close(release)
	group.Wait()
	if len(s.orders) != 1 {
		t.Errorf("%d orders for one form", len(s.orders))
	}
}

func TestOpeningsAreBounded(t *testing.T) {
	var o openings
	for i := range mostOpenings + 5 {
		o.once(number(i), func() opening { return opening{} })
	}
	if _, known := o.find("4"); known || len(o.kept) != mostOpenings || len(o.keys) != mostOpenings {
		t.Errorf("%d are kept", len(o.kept))
	}
	var e endings
	for i := range mostEndings + 5 {
		e.add(ending{Bar: desk.Bar{ID: number(i)}})
	}
	if _, known := e.find("4"); known || len(e.list) != mostEndings {
		t.Errorf("%d ends are kept", len(e.list))
	}
}

// download posts a form that must be answered with a PDF.
func (v *visitor) download(path string, form url.Values) {
	v.t.Helper()
	r := v.post(path, form)
	h := r.Header
	if text := body(v.t, r); r.StatusCode != http.StatusOK || h.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(text, "%PDF") {
		v.t.Errorf("POST %s: %d, %s", path, r.StatusCode, text)
	}
	if !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || !strings.Contains(h.Get("Cache-Control"), "no-store") {
		v.t.Errorf("POST %s: %v", path, h)
	}
}

func TestBadges(t *testing.T) {
	c := newCards()
	v := signedIn(t, handlerFor(t, newAcademy(false), func(cfg *setting) { cfg.Badges, cfg.BadgeDesk, cfg.Cards = c, c, c }))
	v.download("/badges", url.Values{"for": {"all"}})
	v.download("/badges", url.Values{"for": {"form"}, "form": {"7A"}})
	v.download("/badges", url.Values{"for": {"person"}, "person": {"s-1"}})
	v.download("/badges", url.Values{"for": {"spares"}, "spares": {"30"}})
	var got bytes.Buffer
	for _, p := range c.printed {
		got.WriteString(strings.Join(p, " ") + "; ")
	}
	if got.String() != "p-3 p-4 p-31 s-1; p-3 p-4; s-1; " || len(c.spares) != 1 || c.spares[0] != 30 {
		t.Errorf("printed %s and %v spares", &got, c.spares)
	}
	v.refuses("/badges", nil, 400, "There is a problem", "Choose for whom")
	v.refuses("/badges", url.Values{"for": {"form"}, "form": {"9Z"}}, 409, "nobody without a badge")
	v.refuses("/badges", url.Values{"for": {"person"}, "person": {"p-5"}}, 409, "nobody without a badge")
	for _, n := range []string{"", "0", "501", "x", "-3"} {
		v.refuses("/badges", url.Values{"for": {"spares"}, "spares": {n}}, 400, "from 1 to 500")
	}
	v.says("/badges?person=p-4", `<option value="p-4" selected>`)
	c.err = errs.New(errs.Unavailable, "The vault does not answer.", "Try again.")
	v.refuses("/badges", url.Values{"for": {"all"}}, 503, "The vault does not answer.", "Try again.")
	c.missing = nil
	v.says("/badges", "Everybody has a badge.", "-Everybody without one")
}

// TestBadgesPrintedOnce: pressing the button twice prints one box; the answer to the
// second press, the only one a browser keeps, is the same file.
func TestBadgesPrintedOnce(t *testing.T) {
	c := newCards()
	v := signedIn(t, handlerFor(t, newAcademy(false), func(cfg *setting) { cfg.Badges, cfg.BadgeDesk, cfg.Cards = c, c, c }))
	page := body(t, v.get("/badges"))
	once := regexp.MustCompile(`name="once" value="([A-Z2-7]+)"`).FindStringSubmatch(page)
	if once == nil {
		t.Fatalf("the form has no key: %s", page)
	}
	for range 2 {
		v.download("/badges", url.Values{"once": {once[1]}, "for": {"spares"}, "spares": {"30"}})
		v.download("/badges", url.Values{"once": {once[1]}, "for": {"all"}})
	}
	if len(c.spares) != 1 || len(c.printed) != 1 {
		t.Errorf("printed %v spares, and for %v", c.spares, c.printed)
	}
}

// TestReplacedOnce: pressing twice, or the same form left open elsewhere, makes one
// badge; its file comes with the first answer alone, and no page offers it again.
func TestReplacedOnce(t *testing.T) {
	c := newCards()
	v := signedIn(t, handlerFor(t, newAcademy(false), func(cfg *setting) { cfg.Badges, cfg.BadgeDesk, cfg.Cards = c, c, c }))
	form := url.Values{"why": {"damaged"}, "serial": {"17"}}
	v.says("/person/p-5/badge", `name="serial" value="17"`)
	r := v.post("/person/p-5/badge", form)
	text := body(t, r)
	for _, want := range []string{"Badge No. 18 of Ewa Byron (7A) is made", `download="badge-18.pdf" href="data:application/pdf;base64,JVBERi1uZXc="`, "The file holds secrets"} {
		if !strings.Contains(text, want) {
			t.Errorf("the answer lacks %q: %s", want, text)
		}
	}
	if strings.Contains(text, "<button class=\"govuk-button\"") || !strings.Contains(r.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("the answer offers it again, or is kept: %v", r.Header)
	}
	v.refuses("/person/p-5/badge", form, 409, "has a new badge already", "Badge No. 18", "Nothing was done now")
	if len(c.replaced) != 1 || c.replaced[0] != badges.Damaged {
		t.Errorf("replaced for %q", c.replaced)
	}
	v.refuses("/person/p-5/badge", url.Values{"why": {"leaver"}, "serial": {"18"}}, 422, "Choose why the badge is replaced")
	c.err = errs.New(errs.Unavailable, "The vault does not answer.", "Try again.")
	v.refuses("/person/p-5/badge", url.Values{"why": {"lost"}, "serial": {"18"}}, 503, "The vault does not answer.")
}
