package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
)

func TestPrepareByEmail(t *testing.T) {
	o := newOffice(t)
	n := o.prepare(t, toMother())
	n = o.expect(t, n.ID, Prepared)
	if n.Way != Email || n.About != "c-1" || n.Pupil != "p-1" || n.Contact != "C1" || n.PreparedBy != "office-1" || !n.PreparedAt.Equal(monday) {
		t.Errorf("%+v", n)
	}
	text, err := o.Text(t.Context(), n.ID)
	must(t, err)
	if text.Address != "orla@home.example" || !strings.Contains(text.Text, "about your child.") || !strings.Contains(text.Text, "01632 960001") {
		t.Errorf("%+v", text)
	}
	if len(o.mailer.sent()) != 0 {
		t.Error("preparing sent it")
	}
}

// By e-mail nobody is named, and nothing of what it is about.
func TestEmailSaysNothing(t *testing.T) {
	o := newOffice(t)
	for _, tmpl := range English() {
		if tmpl.uses("{what}") { // see Tell
			if _, err := o.Prepare(t.Context(), "office-1", Request{About: "c-1", Template: tmpl.ID, Staff: "s-1", Time: monday}); err == nil {
				t.Errorf("%s was prepared by somebody", tmpl.ID)
			}
			continue
		}
		r := Request{About: "c-1", Template: tmpl.ID, Pupil: "p-1", Contact: "C1", Time: monday}
		if tmpl.For == ToStaff {
			r = Request{About: "c-1", Template: tmpl.ID, Staff: "s-1", Time: monday}
		}
		text, err := o.Text(t.Context(), o.prepare(t, r).ID)
		must(t, err)
		for _, secret := range []string{"Zoë", "Ash", "Orla", "c-1", "p-1", "C1"} {
			if strings.Contains(text.Subject+text.Text, secret) {
				t.Errorf("%s says %s: %s", tmpl.ID, secret, text.Text)
			}
		}
	}
}

func TestPrepareOnPaper(t *testing.T) {
	o := newOffice(t)
	o.town.contact("p-2", 0, func(c *register.Contact) { c.Email = "eva@home.example\r\nBcc: all@home.example" }) // what an import may bring
	paper := toMother()
	paper.Paper = true
	for name, r := range map[string]Request{
		"no address":           toNan(),
		"asked for":            paper,
		"an unusable address":  {About: "c-1", Template: "contact-office", Pupil: "p-2", Contact: "C4"},
		"staff, no address":    {About: "c-1", Template: "staff-office", Staff: "s-2"},
		"at a time, no adress": {About: "c-1", Template: "come-to-office", Pupil: "p-1", Contact: "C3", Time: monday},
	} {
		n := o.prepare(t, r)
		slip, err := o.Slip(t.Context(), n.ID)
		must(t, err)
		if n.Way != Slip || slip.Address != "" || slip.Text == "" {
			t.Errorf("%s: %+v, %+v", name, n, slip)
		}
		if r.Pupil == "p-1" && !strings.Contains(slip.Text, "about Zoë") {
			t.Errorf("%s: %s", name, slip.Text)
		}
		if err := o.Send(t.Context(), clerk, n.ID); errs.CodeOf(err) != errs.Conflict {
			t.Errorf("%s: sent by e-mail: %v", name, err)
		}
	}
	if _, err := o.Slip(t.Context(), o.prepare(t, Request{About: "c-3", Template: "contact-office", Pupil: "p-1", Contact: "C1"}).ID); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("an e-mail has a slip: %v", err)
	}
	o.Mailer = nil
	if n := o.prepare(t, Request{About: "c-2", Template: "contact-office", Pupil: "p-1", Contact: "C1"}); n.Way != Slip {
		t.Error("without a mail server there is an e-mail")
	}
}

func TestRefusedRequests(t *testing.T) {
	o := newOffice(t)
	o.town.people["s-9"] = register.Person{ID: "s-9", Kind: register.Staff, Left: monday}
	change := func(f func(*Request)) Request { r := toMother(); f(&r); return r }
	for _, c := range []struct {
		name string
		r    Request
		want errs.Code
	}{
		{"no contact", change(func(r *Request) { r.Contact = "C2" }), errs.Denied},
		{"no contact, on paper", change(func(r *Request) { r.Contact, r.Paper = "C2", true }), errs.Denied},
		{"another's contact", change(func(r *Request) { r.Contact = "C4" }), errs.NotFound},
		{"another pupil", change(func(r *Request) { r.Pupil = "p-9" }), errs.NotFound},
		{"no template", change(func(r *Request) { r.Template = "own-words" }), errs.Invalid},
		{"a name for an id", change(func(r *Request) { r.About = "Zoë's phone" }), errs.Invalid},
		{"nothing", Request{}, errs.Invalid},
		{"to both", change(func(r *Request) { r.Staff = "s-1" }), errs.Invalid},
		{"staff's text to parents", change(func(r *Request) { r.Template = "staff-office" }), errs.Invalid},
		{"no time", change(func(r *Request) { r.Template = "come-to-office" }), errs.Invalid},
		{"a pupil as staff", Request{About: "c-1", Template: "staff-office", Staff: "p-1"}, errs.NotFound},
		{"a leaver", Request{About: "c-1", Template: "staff-office", Staff: "s-9"}, errs.NotFound},
	} {
		if _, err := o.Prepare(t.Context(), "office-1", c.r); errs.CodeOf(err) != c.want || errs.HintOf(err) == "" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := o.Prepare(t.Context(), "Ada Byron", toMother()); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("by a name: %v", err)
	}
	if o.log.Size() != 1 || len(o.List()) != 0 {
		t.Errorf("%d records", o.log.Size())
	}
}

// A second click prepares no second notice; once the first is dealt with, one
// may be needed.
func TestPreparedOnce(t *testing.T) {
	o := newOffice(t)
	n := o.prepare(t, toMother())
	if _, err := o.Prepare(t.Context(), "office-2", toMother()); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("prepared twice: %v", err)
	}
	o.prepare(t, toNan())
	must(t, o.Cancel(t.Context(), "office-1", n.ID))
	second := o.prepare(t, toMother())
	if list := o.Of("c-1"); len(list) != 3 || list[0].ID != second.ID || list[2].ID != n.ID || len(o.Of("c-2")) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestOpenNoticesAreLimited(t *testing.T) {
	o := newOffice(t)
	for i := range MaxOpen {
		n := &Notice{ID: fmt.Sprint("n-", i), State: Prepared}
		o.notices[n.ID], o.order = n, append(o.order, n)
	}
	if _, err := o.Prepare(t.Context(), "office-1", toMother()); errs.CodeOf(err) != errs.NotNow {
		t.Errorf("one too many: %v", err)
	}
	o.order[0].State = Cancelled
	o.prepare(t, toMother())
}

// The ledger says who did what, and nothing else.
func TestPersonalTextsStayInTheVault(t *testing.T) {
	o := newOffice(t)
	must(t, o.Send(t.Context(), clerk, o.prepare(t, toMother()).ID))
	must(t, o.Printed(t.Context(), clerk, o.prepare(t, toNan()).ID))
	commitments := 0
	must(t, o.log.Read(t.Context(), 1, func(r ledger.Record) error {
		for _, secret := range []string{"Zoë", "Orla", "home.example", "C1", "C3", "Elmfield", "960001", "Dear"} {
			if strings.Contains(string(r.Leaf), secret) {
				t.Errorf("the ledger tells %s: %s", secret, r.Leaf)
			}
		}
		var e body
		if err := json.Unmarshal(r.Body, &e); err != nil || e.Commitment == nil {
			return err
		}
		state, err := o.vault.Check(*e.Commitment)
		if commitments++; state != vault.Opens {
			t.Errorf("a commitment %s", state)
		}
		return err
	}))
	if commitments != 2 {
		t.Errorf("%d commitments", commitments)
	}
}

// What the vault has erased is gone from the book a restart reads.
func TestErased(t *testing.T) {
	o := newOffice(t)
	n := o.prepare(t, toMother())
	must(t, o.vault.Erase(t.Context(), n.content))
	kept, err := o.again(t).Get(n.ID)
	if err != nil || kept.Contact != "" || kept.State != Prepared {
		t.Errorf("%+v, %v", kept, err)
	}
	if _, err := o.Text(t.Context(), n.ID); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("its text: %v", err)
	}
	if err := o.Send(t.Context(), clerk, n.ID); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("sent: %v", err)
	}
}

func TestFoldRefusesWhatItCannotRead(t *testing.T) {
	o := newOffice(t)
	for kind, text := range map[string]string{KindPrepared: "{}", KindQueued: `{"notice":"n-1"}`, KindSent: "no JSON", KindFailed: `{"notice":7}`} {
		r := ledger.Record{Seq: 3, Entry: ledger.Entry{Kind: kind, Body: []byte(text)}}
		if err := o.Fold(r); errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" {
			t.Errorf("%s %s: %v", kind, text, err)
		}
	}
	if err := o.Fold(ledger.Record{Entry: ledger.Entry{Kind: "bar-placed", Body: []byte("no JSON")}}); err != nil {
		t.Errorf("somebody else's record: %v", err)
	}
	must(t, o.log.Read(context.Background(), 0, o.Fold))
	n := o.prepare(t, toMother())
	must(t, o.log.Read(context.Background(), 0, func(r ledger.Record) error {
		if r.Kind == KindPrepared && errs.CodeOf(o.Fold(r)) != errs.Invalid {
			t.Errorf("%s prepared twice", n.ID)
		}
		return nil
	}))
}
