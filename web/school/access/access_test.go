package access_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/access"
)

// visitor is somebody signed in, without scripts.
type visitor struct {
	http.Handler
	cookies []*http.Cookie
}

func (s site) as(t *testing.T, account string) *visitor {
	t.Helper()
	v := &visitor{Handler: s}
	v.cookies = v.post("/sign-in", url.Values{"user": {account}, "password": {accountstest.Password}}).Result().Cookies()
	if len(v.cookies) == 0 {
		t.Fatalf("%s cannot sign in", account)
	}
	return v
}

func (v *visitor) do(r *http.Request) *httptest.ResponseRecorder {
	r.RemoteAddr = "127.0.0.1:9"
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	if again := w.Result().Cookies(); len(again) > 0 {
		v.cookies = again
	}
	return w
}

func (v *visitor) get(path string) *httptest.ResponseRecorder {
	return v.do(httptest.NewRequest("GET", "http://127.0.0.1"+path, nil))
}

func (v *visitor) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

// Each job by the person whose it is, and refused to the others.
func TestWhoseJobIsWhat(t *testing.T) {
	day := url.Values{"visit": {accountstest.Visitor}, "forms": {"7A"}, "until": {"16:00"}}
	for _, c := range []struct {
		who, path string
		form      url.Values
		want      int
	}{
		{"it", "/access/new", url.Values{"id": {"ann"}, "person": {"outsider"}, "name": {"Ann"}}, 303},
		{"it", "/access/new", url.Values{"id": {"ann"}, "name": {"Ann"}}, 422},
		{"owner", "/access/new", url.Values{"id": {"ann"}, "person": {"s-6"}}, 303},
		{"owner", "/access/new", url.Values{"id": {"ann"}, "person": {"s-4"}}, 422},
		{"owner", "/access/new", url.Values{"id": {"ann"}, "person": {"s-4"}, "another": {"yes"}}, 303},
		{"it", "/access/new", url.Values{"id": {"Ann!"}, "person": {"outsider"}}, 422},
		{"it", "/access/new", url.Values{"id": {"token-mis"}, "person": {"outsider"}}, 422},
		{"it", "/access/new", url.Values{"id": {"office"}, "person": {"outsider"}}, 422},
		{"it", "/access/new", url.Values{"id": {"ann"}, "person": {"p-1"}}, 422},
		{"office", "/access/new", url.Values{"id": {"ann"}}, 403},
		{"head", "/access/account/office/role", url.Values{"role": {"head"}, "from": {"2026-11-24"}, "until": {"2026-11-27"}}, 303},
		{"head", "/access/account/office/role", url.Values{"role": {"head"}, "until": {"2026-11-22"}}, 422},
		{"head", "/access/account/office/role", url.Values{"role": {"head"}, "until": {"next week"}}, 422},
		{"head", "/access/account/office/role", url.Values{"role": {"teacher"}, "forms": {"9B, 9C , Year 6"}}, 303},
		{"head", "/access/account/office/role", url.Values{"role": {"office"}, "forms": {"9B"}}, 422},
		{"head", "/access/account/head/role", url.Values{"role": {"dsl"}}, 403},
		{"it", "/access/account/office/role", url.Values{"role": {"head"}}, 403},
		{"it", "/access/account/teacher/reset", nil, 200},
		{"it", "/access/account/office/reset", nil, 403},
		{"head", "/access/account/office/reset", nil, 200},
		{"it", "/access/account/head/reset", nil, 403},
		{"owner", "/access/account/head/reset", nil, 200},
		{"it", "/access/account/it/reset", nil, 403},
		{"it", "/access/account/office/end", nil, 303},
		{"it", "/access/account/owner/end", nil, 409},
		{"it", "/access/account/nobody/end", nil, 404},
		{"it", "/access/account/head/lost", nil, 403},
		{"it", "/access/account/teacher/lost", nil, 303},
		{"it", "/access/account/office/lost", nil, 403},
		{"it", "/access/account/head/sign-out", nil, 303},
		{"head", "/access/account/visitor/role", url.Values{"role": {"office"}}, 422},
		{"head", "/access/account/visitor/role", url.Values{"role": {"teacher"}, "forms": {"7A"}}, 303},
		{"it", "/access/account/visitor/person", url.Values{"person": {"s-6"}}, 303},
		{"it", "/access/account/visitor/person", url.Values{"person": {"s-4"}}, 422},
		{"it", "/access/account/visitor/person", url.Values{"person": {"s-4"}, "another": {"yes"}}, 303},
		{"it", "/access/account/office/person", url.Values{"person": {"s-6"}}, 409},
		{"it", "/access/account/head/person", url.Values{"person": {"s-4"}}, 409},
		{"office", "/access/pass", day, 200},
		{"office", "/access/pass", url.Values{"visit": {accountstest.Visitor}, "forms": {"7A"}, "until": {"08:00"}}, 422},
		{"office", "/access/pass", url.Values{"visit": {accountstest.Visitor}, "until": {"16:00"}}, 422},
		{"office", "/access/pass", url.Values{"forms": {"7A"}, "until": {"16:00"}}, 422},
		{"office", "/access/pass", url.Values{"visit": {"x-v-unsigned"}, "forms": {"7A"}, "until": {"16:00"}}, 403},
		{"teacher", "/access/pass", day, 403},
		{"it", "/access/pass", day, 403},
	} {
		s := open(t, true)
		if got := s.as(t, c.who).post(c.path, c.form); got.Code != c.want {
			t.Errorf("%s: %s with %v: %d, want %d", c.who, c.path, c.form, got.Code, c.want)
		}
	}
}

// A code is shown to who asked for it, once, and no page tells it again.
func TestACodeIsShownOnce(t *testing.T) {
	s := open(t, true)
	it := s.as(t, "it")
	page := it.post("/access/account/teacher/reset", nil).Body.String()
	_, rest, _ := strings.Cut(page, "/link?code=")
	code := rest[:20]
	if _, purpose, err := s.Linked(code); err != nil || purpose != accounts.Reset {
		t.Fatalf("the page shows %q: %v", code, err)
	}
	for _, path := range []string{"/access", "/access/account/teacher", "/access/register", "/access/register.csv"} {
		if strings.Contains(it.get(path).Body.String(), code) {
			t.Errorf("%s tells the code again", path)
		}
	}
}

// The register has every line there was, and a spreadsheet takes no name for a
// formula.
func TestRegister(t *testing.T) {
	s := open(t, true)
	for _, step := range []error{
		s.Make(t.Context(), "it", accounts.NewAccount{ID: "ann", Name: `=HYPERLINK("evil")`}),
		s.Give(t.Context(), "head", "ann", roles.Assignment{Role: roles.Teacher, Forms: []string{"9B"}}),
		s.End(t.Context(), "it", "ann"),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	head := s.as(t, "head")
	text := head.get("/access/register.csv").Body.String()
	if !strings.Contains(text, `ann,"'=HYPERLINK(""evil"")",Teacher,9B,"23 Nov 2026, 09:00"`) || strings.Count(text, "\n") != 8 {
		t.Errorf("the register is\n%s", text)
	}
	if page := head.get("/access/register").Body.String(); !strings.Contains(page, "Teacher 9B") {
		t.Error("the page lacks an ended account")
	}
}

// The start page hears of guessing at an account that opens doors, without its name.
func TestTasks(t *testing.T) {
	s := open(t, true)
	cfg := access.Config{Accounts: s.Book, Zone: time.UTC}
	for range accounts.AlarmOver + 1 {
		s.Refused("teacher")
	}
	if tasks := cfg.Tasks(); len(tasks) != 0 {
		t.Errorf("at a teacher's: %+v", tasks)
	}
	for range accounts.AlarmOver + 1 {
		s.Refused("head")
	}
	tasks := cfg.Tasks()
	if len(tasks) != 1 || !strings.Contains(tasks[0].What, "refused 21 times since 09:00 on 23 November") || strings.Contains(tasks[0].What, "head") {
		t.Errorf("%+v", tasks)
	}
}

// The pages say what is true: where a password is enough nobody is said to lack a
// second factor, who has nothing to sign in with cannot yet, and an ended account
// has no role any more.
func TestHowAnAccountStands(t *testing.T) {
	s := open(t, true)
	head := s.as(t, "head")
	if text := head.get("/access").Body.String(); strings.Contains(text, "passkey or an app") || strings.Contains(text, "second factor missing") {
		t.Error("a second factor is said to be missing where none is asked for")
	}
	for _, err := range []error{
		s.Make(t.Context(), "it", accounts.NewAccount{ID: "ann", Name: "Ann"}),
		s.Give(t.Context(), "head", "ann", roles.Assignment{Role: roles.Teacher, Forms: []string{"9B"}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if text := head.get("/access/account/ann").Body.String(); !strings.Contains(text, "not yet: make a link") || !strings.Contains(text, "nothing yet") || !strings.Contains(text, "Teacher 9B") {
		t.Errorf("a new account: %s", text)
	}
	if err := s.End(t.Context(), "it", "ann"); err != nil {
		t.Fatal(err)
	}
	if text := head.get("/access/account/ann").Body.String(); strings.Contains(text, "Teacher 9B") || !strings.Contains(text, "no: ended") {
		t.Errorf("an ended account: %s", text)
	}
}
