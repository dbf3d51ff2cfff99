package notify

import (
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

func aBell() Alert {
	return Alert{About: "bell-20261123-0900", Template: "device-bell", Staff: "s-1", Time: monday, What: "Year 7: 3 of 30 late.", Link: "https://bellkeep.example/device-history"}
}

func TestTellOnceEver(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	must(t, o.Tell(ctx, aBell()))
	must(t, o.Tell(ctx, aBell()))
	must(t, o.again(t).Tell(ctx, aBell())) // after a restart
	notices := o.Of("bell-20261123-0900")
	if len(notices) != 1 || notices[0].State != Queued || notices[0].Staff != "s-1" || !o.Told("bell-20261123-0900") || o.Told("bell-20261123-1000") {
		t.Fatalf("%+v", notices)
	}
	text, err := o.Text(ctx, notices[0].ID)
	must(t, err)
	if text.Address != "ada@school.example" || !strings.Contains(text.Text, "Year 7: 3 of 30 late.") || !strings.Contains(text.Text, "https://bellkeep.example/device-history") {
		t.Errorf("%+v", text)
	}
	must(t, o.attempt(ctx, notices[0].ID))
	if len(o.mailer.sent()) != 1 || o.expect(t, notices[0].ID, Sent).SentBy != outbox {
		t.Error("it did not leave by itself")
	}
	must(t, o.again(t).Tell(ctx, aBell()))
	if n := len(o.again(t).Of("bell-20261123-0900")); n != 1 {
		t.Errorf("%d notices about one bell to one person", n)
	}
	change := aBell()
	change.Template = "device-change"
	must(t, o.Tell(ctx, change)) // another thing to say
	if len(o.Of("bell-20261123-0900")) != 2 {
		t.Error("another message is held for the same")
	}
}

// A second message is not sent even where the first one failed: the board says it.
func TestTellNotAgainAfterAFailure(t *testing.T) {
	o := newOffice(t)
	must(t, o.Tell(t.Context(), aBell()))
	id := o.Of("bell-20261123-0900")[0].ID
	must(t, o.Cancel(t.Context(), "office-1", id))
	must(t, o.Tell(t.Context(), aBell()))
	if len(o.Of("bell-20261123-0900")) != 1 || o.Told("bell-20261123-0900") {
		t.Errorf("%+v", o.List())
	}
}

func TestTellWhere(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	nowhere := aBell()
	nowhere.Staff = "s-2"
	must(t, o.Tell(ctx, nowhere))
	o.Mailer = nil
	must(t, o.Tell(ctx, aBell()))
	if len(o.List()) > 0 {
		t.Errorf("without mail or address there is %+v", o.List())
	}
	o.Mailer = o.mailer
	for what, spoil := range map[string]func(*Alert){
		"to parents":        func(a *Alert) { a.Template = "contact-office" },
		"no such template":  func(a *Alert) { a.Template = "none" },
		"a name for an id":  func(a *Alert) { a.About = "Zoë Ash" },
		"two lines":         func(a *Alert) { a.What = "a\nBcc: all@school.example" },
		"too much":          func(a *Alert) { a.What = strings.Repeat("a", MaxWhat+1) },
		"a link on 2 lines": func(a *Alert) { a.Link = "https://a\nb" },
	} {
		a := aBell()
		spoil(&a)
		if err := o.Tell(ctx, a); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	pupil := aBell()
	pupil.Staff = "p-1"
	if err := o.Tell(ctx, pupil); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("a pupil: %v", err)
	}
	for range MaxQueue {
		a := aBell()
		a.About = ledger.NewID("c")
		must(t, o.Tell(ctx, a))
	}
	if err := o.Tell(ctx, aBell()); errs.CodeOf(err) != errs.NotNow {
		t.Errorf("one too many: %v", err)
	}
}
