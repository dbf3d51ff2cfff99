package signin

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// where is the page an answer leads to, without its query.
func where(r *http.Response) string {
	path, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	return path
}

// in reports whether the visitor is signed in.
func (v *visitor) in() bool { return v.get("/").StatusCode == http.StatusOK }

// A token that somebody planted before a sign-in is worth nothing after it.
func TestFixation(t *testing.T) {
	v := visit(t, handlerFor(t, true))
	base, _ := url.Parse(v.base)
	planted := []*http.Cookie{{Name: "bellkeep", Value: "PLANTEDPLANTEDPLANTEDPLANTEDPLANTEDPLANTED", Path: "/"}}
	v.Jar.SetCookies(base, planted)
	v.signIn("office")
	if v.Jar.Cookies(base)[0].Value == planted[0].Value {
		t.Error("the planted token was kept")
	}
	v.Jar.SetCookies(base, planted)
	if v.in() {
		t.Error("the planted token is signed in")
	}
}

// Another site's page cannot sign anybody in, out or lock them.
func TestOtherSitesAreRefused(t *testing.T) {
	v := visit(t, handlerFor(t, true))
	v.signIn("office")
	for _, path := range []string{"/sign-in", "/sign-out", lockPath, unlockPath, passwordPath, everywherePath, linkPath, withPath, passkeyPath, kit.ProvePath} {
		for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			r, _ := http.NewRequest("POST", v.base+path, strings.NewReader("user=office&password="+url.QueryEscape(accountstest.Password)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header[0], header[1])
			if answer := v.keep(v.Do(r)); answer.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %s: %d", path, header[0], answer.StatusCode)
			}
		}
	}
	if !v.in() {
		t.Error("another site signed somebody out")
	}
}

func TestNobodyIsLedElsewhere(t *testing.T) {
	h := handlerFor(t, true)
	for _, next := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\tevil", "javascript:alert(1)", "evil", "http:evil.example"} {
		v := visit(t, h)
		r := v.post("/sign-in", url.Values{"user": {"office"}, "password": {accountstest.Password}, "next": {next}})
		if to := r.Header.Get("Location"); to != "/" && !strings.HasPrefix(to, "/%") {
			t.Errorf("%q leads to %q", next, to)
		}
		h = handlerFor(t, true) // whose attempts have not been used up
	}
}

// What is answered to a wrong name, a wrong password, an account that has ended
// and one without a role is the same to the letter.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	s := open(t, true)
	s.Hire(t, "gone", "s-6", roles.Office)
	must(t, s.End(t.Context(), accounts.Console, "gone"))
	must(t, s.Make(t.Context(), accounts.Console, accounts.NewAccount{ID: "new"}))
	want := ""
	for _, user := range []string{"office", "nobody", "gone", "new", accounts.Console} {
		r := visit(t, s).post("/sign-in", url.Values{"user": {user}, "password": {"wrong and still wrong"}})
		text := strings.ReplaceAll(body(t, r), `"`+user+`"`, "NAME")
		text = stripCeremony(text)
		if want == "" {
			want = text
		}
		if r.StatusCode != http.StatusUnauthorized || text != want {
			t.Errorf("%s is answered otherwise: %d", user, r.StatusCode)
		}
	}
}

// stripCeremony takes out what is random on the page.
func stripCeremony(text string) string {
	before, rest, found := strings.Cut(text, `<form method="post" action="/sign-in/passkey"`)
	if !found {
		return text
	}
	_, after, _ := strings.Cut(rest, "</form>")
	return before + after
}

// A refused sign-in is logged without what was typed.
func TestTheLogTellsNoSecrets(t *testing.T) {
	s := open(t, true)
	var log bytes.Buffer
	s.sessions.kit.Log = slog.New(slog.NewJSONHandler(&log, nil))
	v := visit(t, s)
	v.post("/sign-in", url.Values{"user": {"correct horse battery"}, "password": {"office"}})
	v.post("/sign-in", url.Values{"user": {"office"}, "password": {accountstest.Password}})
	if text := log.String(); !strings.Contains(text, "sign-in refused") || !strings.Contains(text, "signed in") || strings.Contains(text, "horse") || strings.Contains(text, "herons") {
		t.Errorf("the log says %s", text)
	}
}

// Whatever ends or changes an account counts with the next request.
func TestChangesCountAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s site) error
		in     bool
	}{
		"ended":      {func(s site) error { return s.End(t.Context(), accounts.Console, "office") }, false},
		"left":       {func(s site) error { s.Leave("s-1"); return nil }, false},
		"signed out": {func(s site) error { return s.EndSessions(t.Context(), "head", "office") }, false},
		"last role over": {func(s site) error {
			a, _ := s.Get("office")
			return s.EndRole(t.Context(), accounts.Console, "office", a.Grants[0].ID)
		}, false},
		"new role": {func(s site) error {
			return s.Give(t.Context(), accounts.Console, "office", roles.Assignment{Role: roles.Exams})
		}, true},
	} {
		s := open(t, true)
		v := visit(t, s)
		v.signIn("office")
		base, _ := url.Parse(v.base)
		before := v.Jar.Cookies(base)
		must(t, c.change(s))
		if v.in() != c.in {
			t.Errorf("%s: signed in is %v", name, !c.in)
		}
		if !c.in {
			continue
		}
		v.Jar.SetCookies(base, before)
		if !v.in() { // an answer that the browser gave up on must not sign them out
			t.Errorf("%s: the token of before is not good any more", name)
		}
	}
}

// A head without a second factor reaches their own account, and nothing else.
func TestASecondFactorComesFirst(t *testing.T) {
	s := open(t, true)
	v := visit(t, s)
	v.signIn("head")
	if r := v.get("/"); where(r) != kit.AccountPath {
		t.Errorf("a head without a second factor: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	key, _, err := s.NewTOTP("head")
	must(t, err)
	code, err := totp.GenerateCode(key, s.Now())
	must(t, err)
	must(t, s.SetTOTP(t.Context(), "head", key, code))
	if !v.in() {
		t.Error("a head with a second factor does not get in")
	}

	v = visit(t, s)
	next := func() string { s.Wait(time.Minute); c, _ := totp.GenerateCode(key, s.Now()); return c }
	password := func() string {
		return where(v.post("/sign-in", url.Values{"user": {"head"}, "password": {accountstest.Password}}))
	}
	if to := password(); to != codePath || v.in() {
		t.Fatalf("a password alone leads to %q, signed in: %v", to, v.in())
	}
	fresh := next()
	if r := v.post(codePath, url.Values{"code": {fresh}}); where(r) != "/" {
		t.Fatalf("the right code: %d", r.StatusCode)
	}
	v.post("/sign-out", nil)
	password()
	if r := v.post(codePath, url.Values{"code": {fresh}}); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a code shown twice: %d", r.StatusCode)
	}
	if r := visit(t, s).post(codePath, url.Values{"code": {next()}}); where(r) != kit.SignInPath {
		t.Errorf("a code without a password: %d", r.StatusCode)
	}
}

func TestStepUp(t *testing.T) {
	s := open(t, true)
	v := visit(t, s)
	v.signIn("office")
	if r := v.get("/door"); r.StatusCode != http.StatusOK {
		t.Errorf("just signed in: %d", r.StatusCode)
	}
	if r := v.post(kit.ProvePath, url.Values{"password": {"wrong"}, "next": {"/door"}}); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d", r.StatusCode)
	}
	if r := v.post(kit.ProvePath, url.Values{"password": {accountstest.Password}, "next": {"/door"}}); where(r) != "/door" {
		t.Errorf("the right password: %d", r.StatusCode)
	}
}

// After five minutes a door asks again, after twenty nobody is signed in, and
// however busy somebody is, ten hours are the end.
func TestSessionsEnd(t *testing.T) {
	s := open(t, true)
	ask := func(cookie *http.Cookie, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "http://127.0.0.1"+path, nil)
		r.RemoteAddr = "127.0.0.1:9"
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	signIn := func(form url.Values) *http.Cookie {
		r := httptest.NewRequest("POST", "http://127.0.0.1/sign-in", strings.NewReader(form.Encode()))
		r.RemoteAddr = "127.0.0.1:9"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Result().Cookies()[0]
	}
	form := url.Values{"user": {"office"}, "password": {accountstest.Password}}
	synctest.Test(t, func(t *testing.T) {
		cookie := signIn(form)
		time.Sleep(kit.ProofLasts + time.Second)
		if to := ask(cookie, "/door").Header().Get("Location"); !strings.HasPrefix(to, kit.ProvePath) {
			t.Errorf("a door after five minutes leads to %q", to)
		}
		time.Sleep(idleFor - time.Second)
		if ask(cookie, "/").Code != http.StatusOK {
			t.Error("out before twenty minutes")
		}
		time.Sleep(idleFor + time.Second)
		if ask(cookie, "/").Code == http.StatusOK {
			t.Error("in after twenty idle minutes")
		}
		cookie = signIn(form)
		for end := time.Now().Add(lifeFor - time.Minute); time.Now().Before(end); time.Sleep(10 * time.Minute) {
			if ask(cookie, "/").Code != http.StatusOK {
				t.Fatal("out while busy")
			}
		}
		time.Sleep(time.Minute)
		if ask(cookie, "/").Code == http.StatusOK {
			t.Error("in after ten hours")
		}
		form.Set("shared", "yes")
		cookie = signIn(form)
		time.Sleep(lockAfter + time.Second)
		if text := ask(cookie, "/").Header().Get("Location"); !strings.HasPrefix(text, kit.SignInPath) {
			t.Errorf("a shared computer after three minutes: %q", text)
		}
		if page := ask(cookie, "/sign-in").Body.String(); !strings.Contains(page, "Locked") || strings.Contains(page, ">office<") || strings.Contains(page, "Given") {
			t.Error("the page is not locked, or names somebody")
		}
	})
}

func TestLock(t *testing.T) {
	s := open(t, true)
	v := visit(t, s)
	v.signIn("office")
	v.post(lockPath, url.Values{"next": {"/door"}, "as": {"office"}, "reason": {"half a sentence"}})
	if v.in() {
		t.Fatal("a locked session still shows pages")
	}
	if r := v.post(unlockPath, url.Values{"password": {accountstest.Password}, "next": {"/door"}}); where(r) != "/door" || !v.in() {
		t.Errorf("the right password: %d", r.StatusCode)
	}
	s.sessions.PIN = func(person, pin string) bool { return person == "s-1" && pin == "271828" }
	v.post(lockPath, nil)
	if r := v.post(unlockPath, url.Values{"password": {"271828"}}); where(r) != "/" {
		t.Errorf("the right PIN: %d", r.StatusCode)
	}
	v.post(lockPath, nil)
	for range 4 {
		v.post(unlockPath, url.Values{"password": {"guess"}})
	}
	if r := v.post(unlockPath, url.Values{"password": {"271828"}}); where(r) == "/" {
		t.Error("the fifth guess is not refused: attempts are not limited")
	}
}

// One of several sessions, or all the others, are ended from one's own page.
func TestOwnSessions(t *testing.T) {
	s := open(t, true)
	here, there := visit(t, s), visit(t, s)
	here.signIn("office")
	there.signIn("office")
	list := s.sessions.List("office")
	if len(list) != 2 || list[0].ID == list[1].ID {
		t.Fatalf("the list is %+v", list)
	}
	here.post(everywherePath, nil)
	if !here.in() || there.in() {
		t.Errorf("here: %v, there: %v", here.in(), there.in())
	}
	mine := s.sessions.List("office")[0].ID
	there.signIn("office")
	stranger := visit(t, s)
	stranger.signIn("head")
	for _, o := range s.sessions.List("office") {
		stranger.post(sessionPath, url.Values{"session": {o.ID}})
		if o.ID != mine {
			here.post(sessionPath, url.Values{"session": {o.ID}})
		}
	}
	if there.in() || !here.in() {
		t.Errorf("the one that was ended: %v; the other: %v", there.in(), here.in())
	}
}

// Whoever guesses is counted, also while they are kept waiting; a name that nobody
// has tells nobody apart.
func TestGuessesAreCounted(t *testing.T) {
	s := open(t, true)
	v := visit(t, s)
	for range accounts.AlarmOver + 1 {
		v.post("/sign-in", url.Values{"user": {"Head"}, "password": {"guess"}})
		v.post("/sign-in", url.Values{"user": {"nobody-here"}, "password": {"guess"}})
	}
	if list := s.Besieged(); len(list) != 1 || list[0].Account != "head" || list[0].Times != accounts.AlarmOver+1 {
		t.Errorf("%v", list)
	}
}
