package notify

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// inBubble runs a test on a clock of its own, with the outbox at work until the
// test ends it.
func inBubble(t *testing.T, test func(t *testing.T, o office, end func() error)) {
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { v.Close() })
	synctest.Test(t, func(t *testing.T) {
		o := withVault(t, v)
		test(t, o, o.start(t, o.Book))
	})
}

// start runs a book's outbox; what it returns ends it and waits for it.
func (o office) start(t *testing.T, b *Book) (end func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	return func() error { cancel(); return <-ended }
}

func TestSent(t *testing.T) {
	inBubble(t, func(t *testing.T, o office, end func() error) {
		id := o.queued(t, toMother())
		synctest.Wait()
		if n := o.expect(t, id, Sent); n.Attempts != 1 {
			t.Errorf("%+v", n)
		}
		mails := o.mailer.sent()
		if len(mails) != 1 || mails[0].ID != id || mails[0].To != "orla@home.example" || !strings.Contains(mails[0].Text, "your child") {
			t.Errorf("%+v", mails)
		}
		must(t, end())
	})
}

// Nothing prepared is sent by itself, whatever time goes by.
func TestPreparedIsNeverSentByItself(t *testing.T) {
	inBubble(t, func(t *testing.T, o office, end func() error) {
		n := o.prepare(t, toMother())
		time.Sleep(30 * 24 * time.Hour)
		must(t, end())
		end = o.start(t, o.again(t))
		time.Sleep(30 * 24 * time.Hour)
		must(t, end())
		o.expect(t, n.ID, Prepared)
		if len(o.mailer.sent()) != 0 {
			t.Error("it was sent")
		}
	})
}

// A clear refusal is tried again, a bounded number of times, ever more slowly.
func TestRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, o office, end func() error) {
		for range MaxAttempts + 3 {
			o.mailer.outcomes = append(o.mailer.outcomes, busy)
		}
		id := o.queued(t, toMother())
		synctest.Wait()
		if n := o.expect(t, id, Deferred); n.Why != AtConnect || n.Attempts != 1 {
			t.Errorf("%+v", n)
		}
		time.Sleep(24 * time.Hour)
		if n := o.expect(t, id, Failed); n.Attempts != MaxAttempts || n.Why != AtConnect || n.Advice() == "" {
			t.Errorf("%+v", n)
		}
		var pauses []time.Duration
		for i, at := range o.mailer.at[1:] {
			pauses = append(pauses, at.Sub(o.mailer.at[i]))
		}
		if want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute}; !slices.Equal(pauses, want) {
			t.Errorf("pauses %v", pauses)
		}
		must(t, end())
	})
}

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		outcomes []error
		want     State
		attempts int
		code     int
	}{
		"taken":                      {[]error{thankyou}, Sent, 1, 0},
		"busy, then taken":           {[]error{busy, greylist, thankyou}, Sent, 3, 0},
		"no such address":            {[]error{unknown, thankyou}, Failed, 1, 550},
		"busy, then no such address": {[]error{busy, unknown, thankyou}, Failed, 2, 550},
		"a broken line":              {[]error{errLine, thankyou}, Unsure, 1, 0},
		"busy, then a broken line":   {[]error{busy, errLine, thankyou}, Unsure, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, o office, end func() error) {
				o.mailer.outcomes = c.outcomes
				id := o.queued(t, toMother())
				time.Sleep(24 * time.Hour)
				if n := o.expect(t, id, c.want); n.Attempts != c.attempts || n.Code != c.code || len(o.mailer.sent()) != c.attempts {
					t.Errorf("%+v after %d calls", n, len(o.mailer.sent()))
				}
				must(t, end())
			})
		})
	}
}

// One that rests does not hold up the others.
func TestOthersGoOn(t *testing.T) {
	inBubble(t, func(t *testing.T, o office, end func() error) {
		o.mailer.outcomes = []error{greylist}
		first := o.queued(t, toMother())
		synctest.Wait()
		second := o.queued(t, Request{About: "c-2", Template: "contact-office", Pupil: "p-2", Contact: "C4"})
		synctest.Wait()
		o.expect(t, first, Deferred)
		o.expect(t, second, Sent)
		must(t, o.Cancel(t.Context(), "office-1", first))
		time.Sleep(time.Hour)
		o.expect(t, first, Cancelled)
		if len(o.mailer.sent()) != 2 {
			t.Errorf("%d calls", len(o.mailer.sent()))
		}
		must(t, end())
	})
}

// While an e-mail is under way it can neither be cancelled nor sent again, and
// no other one goes.
func TestUnderWay(t *testing.T) {
	inBubble(t, func(t *testing.T, o office, end func() error) {
		o.mailer.wait = make(chan struct{})
		id := o.queued(t, toMother())
		o.queued(t, Request{About: "c-2", Template: "contact-office", Pupil: "p-2", Contact: "C4"})
		synctest.Wait()
		o.expect(t, id, Sending)
		if err := o.Cancel(t.Context(), "office-1", id); errs.CodeOf(err) != errs.Conflict {
			t.Errorf("cancelled: %v", err)
		}
		if err := o.Send(t.Context(), clerk, id); errs.CodeOf(err) != errs.Conflict {
			t.Errorf("sent again: %v", err)
		}
		if n := len(o.mailer.sent()); n != 1 {
			t.Errorf("%d at a time", n)
		}
		close(o.mailer.wait)
		synctest.Wait()
		o.expect(t, id, Sent)
		must(t, end())
	})
}

// What became forbidden or stale while a notice waited is looked at before each
// attempt.
func TestLooksBeforeEachAttempt(t *testing.T) {
	for why, change := range map[Why]func(o office, n Notice){
		NoContact: func(o office, _ Notice) {
			o.town.contact("p-1", 0, func(c *register.Contact) { c.NoContact = true })
		},
		AddressChanged: func(o office, _ Notice) {
			o.town.contact("p-1", 0, func(c *register.Contact) { c.Email = "new@home.example" })
		},
		Expired: func(o office, _ Notice) { o.town.wait(MaxWait + time.Minute) },
		Erased:  func(o office, n Notice) { _ = o.vault.Erase(context.Background(), n.content) },
	} {
		t.Run(string(why), func(t *testing.T) {
			inBubble(t, func(t *testing.T, o office, end func() error) {
				o.mailer.outcomes = []error{busy}
				id := o.queued(t, toMother())
				synctest.Wait()
				change(o, o.expect(t, id, Deferred))
				time.Sleep(time.Hour)
				n, err := o.Get(id)
				if err != nil || n.State != Failed || n.Why != why || len(o.mailer.sent()) != 1 {
					t.Errorf("%+v, %v", n, err)
				}
				must(t, end())
			})
		})
	}
}

// The answer is put on record even when the server is told to stop meanwhile.
func TestStopWhileSending(t *testing.T) {
	inBubble(t, func(t *testing.T, o office, end func() error) {
		o.mailer.wait = make(chan struct{})
		id := o.queued(t, toMother())
		synctest.Wait()
		ended := make(chan error, 1)
		go func() { ended <- end() }()
		synctest.Wait()
		close(o.mailer.wait)
		must(t, <-ended)
		o.expect(t, id, Sent)
	})
}

func TestRestart(t *testing.T) {
	inBubble(t, func(t *testing.T, o office, end func() error) {
		must(t, end())
		waiting := o.queued(t, toMother())
		torn := o.queued(t, Request{About: "c-2", Template: "contact-office", Pupil: "p-2", Contact: "C4"})
		_, claimed, err := o.claim(t.Context(), torn) // and here the power went
		if !claimed || err != nil {
			t.Fatal(claimed, err)
		}
		b := o.again(t)
		end = o.start(t, b)
		time.Sleep(24 * time.Hour)
		must(t, end())
		o.Book = b
		o.expect(t, waiting, Sent)
		n := o.expect(t, torn, Unsure)
		if n.Advice() == "" || len(o.mailer.sent()) != 1 {
			t.Errorf("%+v, %d calls", n, len(o.mailer.sent()))
		}
		// A person decides to send a new one.
		o.prepare(t, Request{About: "c-2", Template: "contact-office", Pupil: "p-2", Contact: "C4"})
	})
}

// A ledger that fails stops the outbox: nobody may go on from there.
func TestLedgerFails(t *testing.T) {
	inBubble(t, func(t *testing.T, o office, end func() error) {
		o.mailer.wait = make(chan struct{})
		o.queued(t, toMother())
		synctest.Wait()
		o.Log = failing{}
		close(o.mailer.wait)
		synctest.Wait()
		if err := end(); errs.CodeOf(err) != errs.Unavailable {
			t.Errorf("%v", err)
		}
	})
}

func TestLogHoldsNoAddress(t *testing.T) {
	var out bytes.Buffer
	inBubble(t, func(t *testing.T, o office, end func() error) {
		o.Logger = slog.New(slog.NewTextHandler(&out, nil))
		o.mailer.outcomes = []error{unknown}
		o.queued(t, toMother())
		synctest.Wait()
		must(t, end())
	})
	if !strings.Contains(out.String(), "550") || strings.Contains(out.String(), "orla") {
		t.Error(out.String())
	}
}
