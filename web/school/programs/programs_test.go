package programs

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var now = time.Date(2027, 6, 7, 8, 41, 7, 0, time.UTC)

type nobody struct{}

func (nobody) Name(string) (name, form string, ok bool) { return "", "", false }

// bureau is the pages over a book of tokens, and who is signed in.
type bureau struct {
	http.Handler
	t      *testing.T
	gate   *kittest.Gate
	tokens *tokens.Book

	holders accounts
}

// accounts are what some may do now, by their names.
type accounts map[string][]roles.Assignment

func (a accounts) Holder(account string) tokens.Holder {
	return tokens.Holder{Name: "Ms " + account, Roles: a[account]}
}

func open(t *testing.T) *bureau {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	holders := accounts{"it": {{Role: roles.IT}}, "head": {{Role: roles.Head}}}
	b := &bureau{t: t, holders: holders, gate: kittest.People(), tokens: tokens.New(log, func() ledger.Stamp { return ledger.Stamp{Wall: now, Trusted: true} }, holders)}
	k := kittest.Kit(b.gate, nobody{}, func() time.Time { return now }, nil)
	feature, err := Pages(k, b.tokens)
	if err != nil {
		t.Fatal(err)
	}
	b.Handler = kittest.Serve(t, k, feature)
	return b
}

// as signs somebody in and gives what sends requests for them; a form makes it a
// POST.
func (b *bureau) as(account string) func(path string, form url.Values) *httptest.ResponseRecorder {
	send := func(cookie, path string, form url.Values) *httptest.ResponseRecorder {
		method := http.MethodGet
		if form != nil {
			method = http.MethodPost
		}
		r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
		r.RemoteAddr = "127.0.0.1:9"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		return w
	}
	w := send("", kit.SignInPath, url.Values{"user": {account}, "password": {kittest.Password}})
	cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return func(path string, form url.Values) *httptest.ResponseRecorder { return send(cookie, path, form) }
}

var secretOn = regexp.MustCompile(`bkt_[a-z0-9]{26}`)

// IT makes a token and sees its secret this once; the head agrees to what IT may
// not do itself; either ends it.
func TestLifeOnPages(t *testing.T) {
	b := open(t)
	it, head := b.as("it"), b.as("head")
	made := it("/programs/new", url.Values{"name": {"mis"}, "scopes": {"mark-attendance"}, "until": {"2028-06-06"}})
	secret := secretOn.FindString(made.Body.String())
	if made.Code != http.StatusCreated || secret == "" {
		t.Fatalf("%d %s", made.Code, made.Body)
	}
	says := func(get func(string, url.Values) *httptest.ResponseRecorder, path, text string) {
		t.Helper()
		if page := get(path, nil).Body.String(); !strings.Contains(page, text) || secretOn.MatchString(page) {
			t.Errorf("%s does not say %q, or has a secret", path, text)
		}
	}
	says(it, "/programs", "Waits for a second person")
	says(it, "/programs/token/mis", "must agree to it here")
	says(head, "/programs/token/mis", "/programs/token/mis/agree")
	if w := it("/programs/token/mis/agree", url.Values{"x": {"1"}}); w.Code != http.StatusForbidden {
		t.Errorf("IT agreed to its own token: %d", w.Code)
	}
	if _, ok := b.tokens.Check(secret, now); ok {
		t.Error("it works before anybody agreed")
	}
	head("/programs/token/mis/agree", url.Values{"x": {"1"}})
	if _, ok := b.tokens.Check(secret, now); !ok {
		t.Error("it does not work although the head agreed")
	}
	says(it, "/programs/token/mis", "6 June 2028")
	head("/programs/token/mis/end", url.Values{"x": {"1"}})
	if _, ok := b.tokens.Check(secret, now); ok {
		t.Error("it works after its end")
	}
	says(it, "/programs", "Ended")
	if w := it("/programs/token/mis/end", url.Values{"x": {"1"}}); w.Code != http.StatusSeeOther {
		t.Errorf("ended twice: %d", w.Code)
	}
}

// A token rests while who vouched for it no longer may, and the pages say so.
func TestRestsOnPages(t *testing.T) {
	b := open(t)
	it := b.as("it")
	it("/programs/new", url.Values{"name": {"display"}, "scopes": {"see-board", "replace-badge"}, "until": {"2027-12-31"}})
	b.holders["it"] = []roles.Assignment{{Permissions: []roles.Permission{roles.UseAPI, roles.SeeBoard}}}
	for path, texts := range map[string][]string{
		"/programs":               {"Works in part", "because Ms it no longer may"},
		"/programs/token/display": {"because Ms it no longer may", "<li>See and replace badges</li>"},
	} {
		for _, text := range texts {
			if page := it(path, nil).Body.String(); !strings.Contains(page, text) {
				t.Errorf("%s does not say %q", path, text)
			}
		}
	}
	delete(b.holders, "it")
	for _, path := range []string{"/programs", "/programs/token/display"} {
		if page := it(path, nil).Body.String(); !strings.Contains(page, ">Rests<") || !strings.Contains(page, "because Ms it no longer may") {
			t.Errorf("%s does not say that it rests", path)
		}
	}
}

// What is wrong stands beside its field, and what was typed is kept; the same
// form sent twice makes one token.
func TestFormSaysWhatIsWrong(t *testing.T) {
	b := open(t)
	it := b.as("it")
	w := it("/programs/new", url.Values{"name": {"The MIS"}, "scopes": {"open-door"}, "until": {"soon"}})
	for _, text := range []string{`value="The MIS"`, `id="name-error"`, `id="scopes-error"`, `id="until-error"`, "There is a problem"} {
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), text) {
			t.Errorf("%d, no %s", w.Code, text)
		}
	}
	good := url.Values{"name": {"display"}, "scopes": {"see-board"}, "until": {"2027-12-31"}}
	it("/programs/new", good)
	if again := it("/programs/new", good); again.Code != http.StatusUnprocessableEntity || secretOn.MatchString(again.Body.String()) || len(b.tokens.All()) != 1 {
		t.Errorf("sent twice: %d, %d tokens", again.Code, len(b.tokens.All()))
	}
	for _, path := range []string{"/programs/token/none", "/programs/token/none/end"} {
		form := url.Values(nil)
		if strings.HasSuffix(path, "end") {
			form = url.Values{"x": {"1"}}
		}
		if w := it(path, form); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// Every permission that a program may have is said in words.
func TestEveryScopeHasWords(t *testing.T) {
	for _, p := range tokens.Scopes() {
		if can(p) == string(p) {
			t.Errorf("%s has no words", p)
		}
	}
}
