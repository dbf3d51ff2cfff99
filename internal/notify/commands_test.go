package notify

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Software prepares; only somebody with a name sends or prints.
func TestOnlyAPersonSends(t *testing.T) {
	o := newOffice(t)
	mail, paper := o.prepare(t, toMother()), o.prepare(t, toNan())
	for _, by := range []school.Actor{{}, {Account: "office-1"}, {Account: outbox}, {Account: "office-1", Person: "Ada Byron"}} {
		if err := o.Send(t.Context(), by, mail.ID); errs.CodeOf(err) != errs.Denied {
			t.Errorf("%+v sends: %v", by, err)
		}
		if err := o.Printed(t.Context(), by, paper.ID); errs.CodeOf(err) != errs.Denied {
			t.Errorf("%+v prints: %v", by, err)
		}
	}
	must(t, o.Send(t.Context(), clerk, mail.ID))
	must(t, o.Printed(t.Context(), clerk, paper.ID))
	if n := o.expect(t, mail.ID, Queued); n.SentBy != "office-1" || !n.SentAt.Equal(monday) {
		t.Errorf("%+v", n)
	}
	if n := o.expect(t, paper.ID, Printed); n.SentBy != "office-1" {
		t.Errorf("%+v", n)
	}
}

// Double clicks and stale tabs do nothing a second time.
func TestDealtWithOnce(t *testing.T) {
	o := newOffice(t)
	commands := map[string]func(id string) error{
		"send":   func(id string) error { return o.Send(t.Context(), clerk, id) },
		"print":  func(id string) error { return o.Printed(t.Context(), clerk, id) },
		"cancel": func(id string) error { return o.Cancel(t.Context(), "office-1", id) },
	}
	for _, c := range []struct {
		first, then string
		r           Request
		want        errs.Code
	}{
		{"send", "send", toMother(), errs.Conflict},
		{"send", "print", toMother(), errs.Conflict},
		{"send", "cancel", toMother(), ""},
		{"cancel", "send", toMother(), errs.Conflict},
		{"cancel", "cancel", toMother(), errs.Conflict},
		{"print", "print", toNan(), errs.Conflict},
		{"print", "cancel", toNan(), errs.Conflict},
		{"cancel", "print", toNan(), errs.Conflict},
	} {
		n := o.prepare(t, c.r)
		must(t, commands[c.first](n.ID))
		if err := commands[c.then](n.ID); errs.CodeOf(err) != c.want {
			t.Errorf("%s, then %s: %v", c.first, c.then, err)
		}
		if now, _ := o.Get(n.ID); now.State.Open() {
			must(t, o.Cancel(t.Context(), "office-1", n.ID))
		}
	}
	for name, command := range commands {
		if err := command("n-nobody"); errs.CodeOf(err) != errs.NotFound {
			t.Errorf("%s of no notice: %v", name, err)
		}
	}
	if len(o.queue) != 0 {
		t.Errorf("%d wait", len(o.queue))
	}
}

// What has changed since a notice was prepared counts when it is sent.
func TestSendLooksAgain(t *testing.T) {
	o := newOffice(t)
	n := o.prepare(t, toMother())
	mother := func(noContact bool, email string) {
		o.town.contact("p-1", 0, func(c *register.Contact) { c.NoContact, c.Email = noContact, email })
	}
	mother(true, "orla@home.example")
	if err := o.Send(t.Context(), clerk, n.ID); errs.CodeOf(err) != errs.Denied || !strings.Contains(errs.HintOf(err), "safeguarding") {
		t.Errorf("to somebody who must not be contacted: %v", err)
	}
	mother(false, "new@home.example")
	if err := o.Send(t.Context(), clerk, n.ID); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("to an old address: %v", err)
	}
	mother(false, "orla@home.example")
	mailer := o.Mailer
	o.Mailer = nil
	if err := o.Send(t.Context(), clerk, n.ID); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("without a mail server: %v", err)
	}
	o.Mailer = mailer
	must(t, o.Send(t.Context(), clerk, n.ID))
}

// A slip is not handed to somebody who must not be contacted any more.
func TestPrintedLooksAgain(t *testing.T) {
	o := newOffice(t)
	n := o.prepare(t, toNan())
	o.town.contact("p-1", 2, func(c *register.Contact) { c.NoContact = true })
	if _, err := o.Slip(t.Context(), n.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("shown: %v", err)
	}
	if err := o.Printed(t.Context(), clerk, n.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("printed: %v", err)
	}
	o.town.contact("p-1", 2, func(c *register.Contact) { c.NoContact, c.Email = false, "nan@home.example" })
	if slip, err := o.Slip(t.Context(), n.ID); err != nil || slip.Text == "" { // an address does no harm
		t.Errorf("%+v, %v", slip, err)
	}
	must(t, o.Printed(t.Context(), clerk, n.ID))
}

func TestQueueIsLimited(t *testing.T) {
	o := newOffice(t)
	for i := range MaxQueue {
		o.queue = append(o.queue, &Notice{ID: fmt.Sprint("n-", i), State: Queued})
	}
	n := o.prepare(t, toMother())
	if err := o.Send(t.Context(), clerk, n.ID); errs.CodeOf(err) != errs.NotNow {
		t.Errorf("one too many: %v", err)
	}
	o.queue = o.queue[1:]
	must(t, o.Send(t.Context(), clerk, n.ID))
}

// failing is a ledger without a disk.
type failing struct{}

func (failing) Append(context.Context, ...ledger.Entry) ([]ledger.Receipt, error) {
	return nil, noDisk
}

func TestNothingOffTheRecord(t *testing.T) {
	o := newOffice(t)
	n := o.prepare(t, toMother())
	o.Log = failing{}
	if err := o.Send(t.Context(), clerk, n.ID); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("%v", err)
	}
	o.expect(t, n.ID, Prepared)
	if len(o.wake) != 0 || len(o.queue) != 0 {
		t.Error("the outbox was told of it")
	}
}

// appending tells when the ledger has grown and the book not yet.
type appending struct {
	Log
	grown func()
}

func (a appending) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	receipts, err := a.Log.Append(ctx, entries...)
	a.grown()
	return receipts, err
}

// Who settles a book after reading how long its ledger is finds in it everything
// the ledger had.
func TestSettle(t *testing.T) {
	o := newOffice(t)
	settled := make(chan int, 1)
	o.Log = appending{o.log, func() {
		go func() {
			o.Settle()
			settled <- len(o.List())
		}()
		select { // give one that does not wait the time to be wrong
		case n := <-settled:
			settled <- n
		case <-time.After(20 * time.Millisecond):
		}
	}}
	o.prepare(t, toMother())
	if <-settled != 1 {
		t.Error("what is on the ledger is not in the settled book")
	}
}

func TestAdvice(t *testing.T) {
	for _, n := range []Notice{
		{State: Failed, Why: AtConnect}, {State: Failed, Why: AtTLS}, {State: Failed, Why: AtSignIn, Code: 535}, {State: Failed, Why: AtSender, Code: 550},
		{State: Failed, Why: AtRecipient, Code: 550}, {State: Failed, Why: AtMessage, Code: 554}, {State: Failed, Why: NoContact},
		{State: Failed, Why: AddressChanged}, {State: Failed, Why: Erased}, {State: Failed, Why: Expired}, {State: Unsure}, {State: Deferred, Why: AtRecipient, Code: 451},
	} {
		advice := n.Advice()
		if strings.Count(advice, ".") < 2 || n.Code != 0 && !strings.Contains(advice, fmt.Sprint(n.Code)) {
			t.Errorf("%+v: %s", n, advice)
		}
	}
	if (Notice{State: Sent}).Advice() != "" {
		t.Error("advice on what went well")
	}
}
