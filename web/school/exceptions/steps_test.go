package exceptions

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// actionOf is where the form of a page goes.
func actionOf(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<form method="post" action="/person/`)
	action, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no form: %s", page)
	}
	return "/person/" + strings.ReplaceAll(action, "&amp;", "&")
}

// step answers the form of a page, and gives the page that it leads to.
func step(t *testing.T, v *kittest.Visitor, at string, form url.Values) string {
	t.Helper()
	return v.Sent(actionOf(t, v.Page(http.StatusOK, at)), form)
}

// One question a page: what was answered goes along, may be gone back to and
// changed, and is asked for once, when it has been looked over.
func TestSteps(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	at := "/person/p-1/exception"
	at = step(t, v, at, url.Values{"kind": {"travel"}})
	v.Says(at, "Step 2 of 5", "When in the day is it needed?", "-First day")
	at = step(t, v, at, url.Values{"scope": {"daily"}})
	v.Says(at, "On which days?", `name="start"`, `value="2026-11-23"`)
	back := step(t, v, at, url.Values{"until": {"no date yet"}, "back": {"hours"}})
	v.Says(back, "When in the day is it needed?", `value="daily" checked`)
	at = step(t, v, back, url.Values{"scope": {"once"}})
	v.Says(at, "The day", "-Last day", "-review")
	at = step(t, v, at, url.Values{"from": {"2026-11-24"}, "start": {"12:00"}, "end": {"13:30"}})
	v.Says(at, "Why is it needed?", "Step 4 of 5")
	at = step(t, v, at, url.Values{"why": {"A bus at noon."}, "allow": {"bluetooth"}})
	v.Says(at, "Check your answers", "Travel to or from school", "Tue 24 Nov 2026, 12:00 to 13:30", "A bus at noon.", "bluetooth", "-looked at again")
	if n := len(a.book.All()); n != 0 {
		t.Errorf("%d asked for before the answers were checked", n)
	}
	change := strings.Replace(at, "step=check", "step=why", 1)
	v.Says(change, "A bus at noon.", `value="bluetooth" checked`)
	at = step(t, v, change, url.Values{"why": {"A bus at one."}}) // and the tick is taken away
	v.Says(at, "Check your answers", "A bus at one.", "-bluetooth", "Tue 24 Nov 2026")
	send := actionOf(t, v.Page(http.StatusOK, at))
	page := v.Sent(send, url.Values{"once": {"k"}})
	if again := v.Sent(send, url.Values{"once": {"k"}}); again != page || len(a.book.All()) != 1 {
		t.Errorf("a double click leads to %s and %s, %d asked for", page, again, len(a.book.All()))
	}
	v.Says(page, "Waits for a decision", "Tue 24 Nov 2026, 12:00 to 13:30")
	v.Says(at, "not kept any more", "What kind of exception")
}

// Nobody skips a step, reads another's answers, or sends what is not complete.
func TestStepsInOrder(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	const form = "/person/p-1/exception"
	for _, at := range []string{"?step=check", "?step=why", "?step=days", "?step=none", "?draft=x"} {
		v.Says(form+at, "What kind of exception is it?")
	}
	v.Says(form+"?draft=x", "not kept any more")
	at := step(t, v, form, url.Values{"kind": {"medical"}})
	for name, sent := range map[string]struct{ typed, want string }{
		"hours": {"never", `href="#scope"`}, "kind": {"", `href="#kind"`}, "check": {"", `href="#scope"`},
	} {
		to := strings.Replace(at, "step=hours", "step="+name, 1)
		status, text, _ := v.Post(to, url.Values{"scope": {sent.typed}})
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
		kittest.Has(t, name, text, sent.want)
	}
	at = step(t, v, at, url.Values{"scope": {"all-day"}})
	at = step(t, v, at, url.Values{"from": {"2026-11-23"}, "until": {"2027-08-31"}, "review": {"2027-03-01"}})
	at = step(t, v, at, url.Values{"why": {"glucose monitor"}})
	v.Says(at, "glucose monitor")
	v.Says(strings.Replace(at, "p-1", "p-2", 1), "-glucose", "What kind")
	v.SignIn("leadership")
	v.Says(at, "-glucose", "What kind")
	v.SignIn("head")
	v.Says("/person/s-head/exception", "Step 1 of 4", "When in the day", "-What kind")
}

// A session that ends on the way loses none of the answers.
func TestStepsOutliveASession(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	at := step(t, v, "/person/p-1/exception", url.Values{"kind": {"travel"}})
	page := v.Page(http.StatusOK, at)
	_, as, _ := strings.Cut(page, `name="as" value="`)
	as, _, _ = strings.Cut(as, `"`)
	v.Post("/sign-out", nil)
	_, _, to := v.Post(actionOf(t, page), url.Values{"scope": {"daily"}, "as": {as}})
	u, err := url.Parse(to)
	if err != nil || u.Path != "/sign-in" {
		t.Fatalf("signed out, it leads to %s", to)
	}
	v.SignIn("office")
	next := u.Query().Get("next")
	v.Says(next, "What you typed is still here", "When in the day is it needed?", `value="daily" checked`)
	at = step(t, v, next, url.Values{"scope": {"daily"}})
	v.Says(at, "On which days?", "-signed out")
	v.Says(strings.Replace(at, "step=days", "step=kind", 1), `value="travel" checked`)
}
