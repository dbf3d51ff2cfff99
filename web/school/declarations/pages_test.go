package declarations

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/declarations"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// staffroom is a school with an account for every role and the real book.
type staffroom struct {
	book  *declarations.Book
	gate  *kittest.Gate
	rules policy.Rules
}

func (staffroom) Person(id string) (register.Person, bool) {
	return register.Person{ID: id, Kind: register.Staff}, strings.HasPrefix(id, "s-")
}

// Name is an account's person.
func (staffroom) Name(id string) (name, form string, ok bool) {
	return "The " + strings.TrimPrefix(id, "s-"), "", strings.HasPrefix(id, "s-")
}

func newStaffroom(t *testing.T) (*staffroom, http.Handler) {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	s := &staffroom{gate: kittest.People(), rules: policy.Default()}
	s.rules.Relationship = policy.DSLAndHead
	s.book = declarations.New(declarations.Config{Log: log, Vault: v, People: s, Rules: func() policy.Rules { return s.rules },
		Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: monday, Trusted: true} },
		Held: func(person string) []roles.Assignment {
			return []roles.Assignment{{Role: roles.Role(strings.TrimPrefix(person, "s-"))}}
		}})
	k := kittest.Kit(s.gate, s, func() time.Time { return monday }, nil)
	f, err := Pages(k, s.config())
	if err != nil {
		t.Fatal(err)
	}
	return s, kittest.Serve(t, k, f)
}

func (s *staffroom) config() Config {
	return Config{Reader: s.book, Making: s.book, Answering: s.book, Rules: func() policy.Rules { return s.rules }}
}

func tie() url.Values {
	return url.Values{"about": {"Ann in year 4"}, "why": {"She is my niece."}}
}

// A teacher declares a tie; both who have to know take note, and nobody else sees it.
func TestTie(t *testing.T) {
	s, h := newStaffroom(t)
	v := kittest.Visit(t, h, "teacher")
	v.Says("/declarations", "the headteacher and the safeguarding lead have to know", "-For you")
	_, wrong, _ := v.Post("/declarations/relationship", nil)
	kittest.Has(t, "an empty form", wrong, "Enter whom it is about")
	page := v.Sent("/declarations/relationship", tie())
	v.Says(page, "Ann in year 4", "Waits for the headteacher or the safeguarding lead", "It is over", "-I have read it")
	for _, account := range []string{"office", "it", "leadership", "supply", "governor"} {
		v.SignIn(account)
		if status, text, _ := v.Get(page); status != http.StatusNotFound || strings.Contains(text, "Ann") {
			t.Errorf("%s reads it: %d", account, status)
		}
		v.Says("/declarations", "-The teacher")
		if status, _, _ := v.Post(page+"/acknowledge", nil); status != http.StatusForbidden {
			t.Errorf("%s acknowledges it: %d", account, status)
		}
	}
	if tasks := s.config().Tasks(); len(tasks) != 1 || tasks[0].Permission != roles.SeeDeclarations {
		t.Errorf("%+v", tasks)
	}
	v.SignIn("dsl")
	v.Says("/declarations", "For you (1)", "The teacher, 23 November 2026")
	v.Sent(page+"/acknowledge", nil)
	v.Says(page, "Waits for the headteacher", "Known to", "The dsl, 23 November 2026", "-I have read it")
	v.SignIn("deputy-dsl")
	_, wrong, _ = v.Post(page+"/acknowledge", nil)
	kittest.Has(t, "as the deputy", wrong, "it is not for you to acknowledge")
	v.SignIn("head")
	v.Sent(page+"/acknowledge", nil)
	v.Says(page, "Known", "-Waits for")
	v.SignIn("teacher")
	v.Sent(page+"/end", nil)
	v.Says(page, "Over")
	s.rules.Relationship = policy.DSLOrHead
	v.Says("/declarations", "the headteacher or the safeguarding lead has to know")
}

// Contact waits for the head, and a refusal says why.
func TestContact(t *testing.T) {
	_, h := newStaffroom(t)
	v := kittest.Visit(t, h, "teacher")
	form := tie()
	form.Set("until", "soon")
	_, wrong, _ := v.Post("/declarations/contact", form)
	kittest.Has(t, "no date", wrong, "Enter until when")
	form.Set("until", "2027-05-01")
	page := v.Sent("/declarations/contact", form)
	v.Says(page, "Waits for the headteacher", "Private contact, until 1 May 2027")
	v.SignIn("dsl")
	v.Says(page, "-Approve")
	v.SignIn("head")
	_, wrong, _ = v.Post(page+"/refuse", nil)
	kittest.Has(t, "without a word", wrong, "Say why it is refused")
	v.Sent(page+"/refuse", url.Values{"refusal": {"Use the school's channels."}})
	v.SignIn("teacher")
	v.Says(page, "Refused", "The head, 23 November 2026: Use the school&#39;s channels.")
	second := v.Sent("/declarations/contact", form)
	v.SignIn("head")
	v.Sent(second+"/approve", nil)
	v.Says(second, "Approved")
}

// Every page at a desk's width and at 320 px.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	_, h := newStaffroom(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	v := kittest.Visit(t, h, "teacher")
	page := v.Sent("/declarations/relationship", tie())
	form := tie()
	form.Set("until", "2027-05-01")
	contact := v.Sent("/declarations/contact", form)
	for name, width := range map[string]int64{"1280": 1280, "320": 320} {
		tab := browser.Tab(t, width, 900)
		for account, pages := range map[string]map[string]string{
			"teacher": {"own": "/declarations", "tie": "/declarations/relationship", "ask": "/declarations/contact", "waits": page},
			"head":    {"list": "/declarations", "read": page, "decide": contact},
		} {
			tab.SignIn(base, account, kittest.Password, "/declarations")
			for what, path := range pages {
				tab.Go(base + path)
				tab.Looks("declarations-" + what + "-" + name)
			}
		}
	}
}
