package agreements

import (
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

const text = "We keep what the school lends us safe.\n\nWe use it for school work, and never as somebody else."

func newSchool(t *testing.T) (*agreements.Book, http.Handler) {
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
	book := agreements.New(agreements.Config{Log: log, Vault: v, People: people{}, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: monday} }})
	k := kittest.Kit(kittest.People(), people{}, func() time.Time { return monday }, nil)
	f, err := Pages(k, Config{Texts: book, Signing: book, Visits: book, People: people{}, Devices: func() map[string]int { return map[string]int{"s-teacher": 2} }})
	if err != nil {
		t.Fatal(err)
	}
	return book, kittest.Serve(t, k, f)
}

// people are a young pupil, an older one and some staff; the governor is nobody the
// register knows.
type people struct{}

func (people) People() []register.Person {
	list := []register.Person{
		{ID: "p-1", Kind: register.Pupil, Details: register.Details{Given: "Ada", Family: "Byron", Form: "1B", Year: "1"}},
		{ID: "p-7", Kind: register.Pupil, Details: register.Details{Given: "Sana", Family: "Iqbal", Form: "7A", Year: "7"}},
		{ID: "p-left", Kind: register.Pupil, Details: register.Details{Given: "Gone", Family: "Away"}, Left: monday},
	}
	for _, role := range []string{"head", "office", "teacher"} {
		list = append(list, register.Person{ID: "s-" + role, Kind: register.Staff, Details: register.Details{Given: "The", Family: role}})
	}
	return list
}

func (people) Person(id string) (register.Person, bool) {
	all := people{}.People()
	i := slices.IndexFunc(all, func(p register.Person) bool { return p.ID == id })
	if i < 0 {
		return register.Person{}, false
	}
	return all[i], true
}

func (people) Name(id string) (name, form string, ok bool) {
	p, ok := people{}.Person(id)
	return p.Name(), p.Form, ok
}

func (people) Search(query string) []register.Person {
	return slices.DeleteFunc(people{}.People(), func(p register.Person) bool { return !strings.Contains(strings.ToLower(p.Name()), query) })
}

// The head publishes, a teacher signs in their own account, the office witnesses what
// a pupil or a parent signs; a new version asks everybody again.
func TestSigning(t *testing.T) {
	book, h := newSchool(t)
	v := kittest.Visit(t, h, "teacher")
	v.Says("/agreements", "The school has not published it yet", "-Publish", "-Who has not signed")
	if status, _, _ := v.Get("/agreements/publish/staff"); status != http.StatusForbidden {
		t.Errorf("a teacher publishes: %d", status)
	}
	v.SignIn("head")
	for _, k := range []string{"staff", "pupils", "own-phones"} {
		v.Sent("/agreements/publish/"+k, url.Values{"text": {text}, "parents": {"2"}})
	}
	v.SignIn("teacher")
	v.Says("/agreements", "Not signed yet", `href="/agreements/sign/staff"`, "-for pupils")
	v.Says("/agreements/sign/staff", "never as somebody else", "Version 1, of 23 November 2026", `name="version" value="1"`)
	if status, page, _ := v.Post("/agreements/sign/staff", url.Values{"version": {"1"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#name"`) {
		t.Errorf("signed without a name: %d", status)
	}
	if status, _, _ := v.Post("/agreements/sign/pupils", url.Values{"version": {"1"}, "name": {"The teacher"}}); status != http.StatusForbidden {
		t.Errorf("a teacher signs what is for pupils: %d", status)
	}
	v.Sent("/agreements/sign/staff", url.Values{"version": {"1"}, "name": {"The teacher"}})
	v.Says("/agreements", "Signed 23 November 2026, in their own account")

	v.SignIn("office")
	v.Says("/agreements/unsigned", "2 of staff and 2 pupils", "Ada Byron (1B)", "-Gone Away", "-The teacher")
	v.Says("/agreements/person/p-1", "For Ada Byron", "A parent or carer", `-value="desk"`)
	if status, page, _ := v.Post("/agreements/person/p-1", url.Values{"version": {"1"}, "how": {"desk"}, "name": {"Ada"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#how"`) {
		t.Errorf("a young pupil signed alone: %d", status)
	}
	v.Sent("/agreements/person/p-1", url.Values{"version": {"1"}, "how": {"parent"}, "name": {"Pat Byron"}})
	v.Sent("/agreements/person/p-7", url.Values{"version": {"1"}, "how": {"desk"}, "name": {"Sana Iqbal"}})
	v.Says("/agreements/unsigned?q=ada", "Signed 23 November 2026, by a parent, witnessed by office")
	if err := book.MayHave("p-1"); err != nil {
		t.Error(err)
	}
	if status, _, _ := v.Get("/agreements/person/p-left"); status != http.StatusNotFound {
		t.Errorf("a leaver signs: %d", status)
	}

	v.SignIn("head")
	v.Sent("/agreements/publish/staff", url.Values{"text": {text + " Nor at home."}, "from": {"2026-12-07"}})
	v.SignIn("teacher")
	v.Says("/agreements", "There is a new text of 23 November 2026", "counts until 7 December 2026")
	v.SignIn("office")
	v.Says("/agreements/unsigned", "Signed an earlier version", "it counts until 7 December 2026", "Has 2 devices of the school")
	if status, _, _ := v.Post("/agreements/sign/staff", url.Values{"version": {"1"}, "name": {"The office"}}); status != http.StatusConflict {
		t.Errorf("signed what is not in force any more: %d", status)
	}
	v.SignIn("governor")
	v.Says("/agreements", "not known which member of staff")
}

// Own phones are said to be advised or attested, and nothing else.
func TestOwnPhones(t *testing.T) {
	_, h := newSchool(t)
	v := kittest.Visit(t, h, "head")
	v.Says("/agreements/phones", "not published yet", "-They were told")
	v.Sent("/agreements/publish/own-phones", url.Values{"text": {text}})
	v.SignIn("office")
	v.Says("/agreements/phones", "The teacher", "Not told yet", "-Ada")
	v.Sent("/agreements/phones/s-teacher", nil)
	v.Says("/agreements/phones", "Advised on 23 November 2026")
	v.SignIn("teacher")
	v.Says("/agreements/sign/own-phones", "This is advice")
	v.Sent("/agreements/sign/own-phones", url.Values{"version": {"1"}, "name": {"The teacher"}})
	v.SignIn("office")
	page := v.Page(http.StatusOK, "/agreements/phones")
	kittest.Has(t, "own phones", page, "Attested on 23 November 2026", "-Advised on")
	for _, word := range []string{"in force", "compliant", "In force", "enforced"} {
		if strings.Contains(page, word) {
			t.Errorf("an own phone is said to be %s", word)
		}
	}
}
