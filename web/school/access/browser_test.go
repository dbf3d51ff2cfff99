package access_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"

	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// person is somebody at a browser.
type person struct {
	*axetest.Tab
	url string
}

// at is somebody at the pages by the name that passkeys are for.
func at(t *testing.T, url string, width int64) person {
	return person{axetest.Open(t).Tab(t, width, 900), strings.Replace(url, "127.0.0.1", "localhost", 1)}
}

// signIn signs in by keyboard alone.
func (p person) signIn(account string) {
	p.Go(p.url + "/sign-in")
	p.Do(chromedp.Focus("#user"), chromedp.KeyEvent(account+"\t"+accountstest.Password+kb.Enter))
	p.Wait(`location.pathname != "/sign-in"`)
}

// says waits for words on the page, and has axe look at it.
func (p person) says(words string) {
	p.Wait(fmt.Sprintf("document.body.innerText.includes(%q)", words))
}

// press presses the button of some words by keyboard.
func (p person) press(words string) {
	axetest.Eval[bool](p.Tab, fmt.Sprintf(`(b => (b.focus(), true))([...document.querySelectorAll("button")].find(b => b.innerText.startsWith(%q)))`, words))
	p.Do(chromedp.KeyEvent(kb.Enter))
}

// narrow wants nothing to stick out of a window of 320 px.
func (p person) narrow(t *testing.T) {
	t.Helper()
	if wide := axetest.Eval[int](p.Tab, "document.documentElement.scrollWidth"); wide > 320 {
		t.Errorf("%s is %d px wide at 320", axetest.Eval[string](p.Tab, "location.pathname"), wide)
	}
}

// passkeys gives a tab something that holds passkeys and says yes.
func (p person) passkeys(t *testing.T) {
	t.Helper()
	if _, err := chromedp.Call(p.Ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(p.Ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: "internal", HasResidentKey: true, HasUserVerification: true,
		IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestInBrowser(t *testing.T) {
	s := open(t, false)
	url, _ := axetest.Serve(t, "127.0.0.1:0", s)
	t.Run("an owner sets up a passkey, and signs in with it", func(t *testing.T) { owner(t, at(t, url, 1280)) })
	t.Run("a teacher sets up an app, locks and comes back", func(t *testing.T) { app(t, at(t, url, 320), s) })
	t.Run("the office gives a day pass", func(t *testing.T) { dayPass(t, at(t, url, 320), s) })
}

func owner(t *testing.T, p person) {
	p.passkeys(t)
	p.Go(p.url + "/sign-in")
	p.says("Use a passkey")
	p.Clean()
	p.Shot("signin", true)
	p.signIn("owner")
	p.Go(p.url + "/access")
	p.says("Your role needs more than a password")
	p.Clean()
	p.Shot("account-confined", true)
	p.Do(chromedp.SendKeys("#label", "my laptop"))
	p.press("Add a passkey")
	p.Wait(`document.querySelector("h1") && document.body.innerText.includes("my laptop") && document.body.innerText.includes("Last used")`)
	p.Clean()
	p.Shot("account", true)

	p.press("Sign out")
	p.Wait(`location.pathname == "/sign-in"`)
	p.Wait(`!document.querySelector("form[data-passkey]").hidden`)
	p.press("Use a passkey")
	p.Wait(`location.pathname == "/"`)
	p.Go(p.url + "/access")
	p.says("need a passkey or an app for their role")
	p.Clean()
	p.Shot("access", true)
	p.Go(p.url + "/access/account/office")
	p.says("Give a role")
	p.Clean()
	p.Do(chromedp.SetValue("#role", "exams"))
	p.press("Give the role")
	p.Wait(`[...document.querySelectorAll("dt")].some(dt => dt.innerText == "Exams officer")`)
	p.Clean()
	p.Shot("access-account", true)
	p.press("Make a link for a new password")
	p.says("One-time link")
	p.Clean()
	p.Shot("access-slip", true)
	p.Go(p.url + "/access/register")
	p.says("Register of access")
	p.Clean()
	p.Shot("access-register", true)
	p.Go(p.url + "/access/new")
	p.press("Make the account")
	p.says("Choose whose account it is")
	p.Clean()
	p.Shot("access-new", true)
}

func app(t *testing.T, p person, s site) {
	p.signIn("teacher")
	p.Go(p.url + "/account")
	p.says("Your account")
	p.Clean()
	p.narrow(t)
	p.Shot("account-320", true)
	p.Go(p.url + "/account/app")
	p.says("Set up an app")
	p.Clean()
	p.narrow(t)
	p.Shot("app-320", true)
	key := axetest.Eval[string](p.Tab, `document.querySelector(".bk-code").innerText`)
	code, err := totp.GenerateCode(key, s.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.Do(chromedp.Focus("#code"), chromedp.KeyEvent(code+kb.Enter))
	p.says("Your recovery codes")
	p.Clean()
	p.narrow(t)
	p.Shot("codes-320", true)

	p.Go(p.url + "/account/password")
	p.press("Lock")
	p.says("Whoever was here")
	if text := axetest.Eval[string](p.Tab, "document.body.innerText"); strings.Contains(text, "teacher") || strings.Contains(text, "Given") {
		t.Error("the locked page names somebody")
	}
	p.Clean()
	p.narrow(t)
	p.Shot("locked-320", true)
	p.Go(p.url + "/account")
	p.says("Whoever was here")
	p.Do(chromedp.Focus("#password"), chromedp.KeyEvent(accountstest.Password+kb.Enter))
	p.Wait(`location.pathname == "/account"`)

	p.press("Sign out")
	p.Wait(`location.pathname == "/sign-in"`)
	s.Wait(time.Minute)
	p.signIn("teacher")
	p.says("Enter a code")
	p.Clean()
	p.narrow(t)
	if code, err = totp.GenerateCode(key, s.Now()); err != nil {
		t.Fatal(err)
	}
	p.Do(chromedp.Focus("#code"), chromedp.KeyEvent(code+kb.Enter))
	p.Wait(`location.pathname == "/"`)
}

func dayPass(t *testing.T, p person, s site) {
	p.signIn("office")
	p.Go(p.url + "/access/pass")
	p.says("Day pass")
	p.Clean()
	p.press("Make the pass")
	p.says("Choose who it is for")
	p.Clean()
	p.narrow(t)
	p.Shot("pass-fault-320", true)
	p.Do(chromedp.Click("[name=visit]"), chromedp.Click("#forms-0-0"))
	p.press("Make the pass")
	p.says("Account name")
	p.Clean()
	p.narrow(t)
	p.Shot("pass-320", true)
	link := axetest.Eval[string](p.Tab, `document.querySelector(".bk-break").innerText`)
	p.press("Sign out")
	p.Wait(`location.pathname == "/sign-in"`)
	_, code, _ := strings.Cut(link, "?")
	p.Go(p.url + "/link?" + code)
	p.says("Choose a password")
	p.Clean()
	p.narrow(t)
	p.Shot("link-320", true)
	p.Do(chromedp.Focus("#password"), chromedp.KeyEvent("today only and no longer\ttoday only and no longer"+kb.Enter))
	p.Wait(`location.pathname == "/"`)
	p.Go(p.url + "/form/7A")
	p.says("Form")
	s.Wait(8 * time.Hour)
	p.Go(p.url + "/form/7A")
	p.says("Sign in")
}
