package notify_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/notify/smtp"
	"github.com/bellkeep/bellkeep/internal/notify/smtptest"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// These tests run the outbox and the SMTP adapter against a mail server that
// misbehaves, and take the power away at every moment in between. Whatever
// happens: never two messages, and a notice never says more than is true.

// household is a register of one pupil with one contact.
type household struct{}

func (household) Person(string) (register.Person, bool) { return register.Person{}, false }
func (household) Contacts(string) []register.Contact {
	return []register.Contact{{ID: "C1", Email: "orla@home.example"}}
}

// disk is what outlives the power.
type disk struct {
	log   *memlog.Log
	vault *vault.Vault
}

// life is one process, from its start until its power goes.
type life struct {
	disk
	end context.CancelFunc

	mu    sync.Mutex
	off   bool
	lines []net.Conn
	left  int  // appends until the power goes; 0 never
	torn  bool // the last one is on disk, and nobody learns of it
}

var errPower = errors.New("there is no power")

// cut takes the power away: no line and no disk from now on.
func (l *life) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cutLocked()
}

func (l *life) cutLocked() {
	l.off = true
	for _, line := range l.lines {
		line.Close()
	}
	l.end()
}

func (l *life) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left--
	if l.left == 0 && !l.torn {
		l.cutLocked()
	}
	if l.off {
		return nil, errPower
	}
	receipts, err := l.log.Append(ctx, entries...)
	if l.left == 0 {
		l.cutLocked()
		return nil, errPower
	}
	return receipts, err
}

// town is the mail server and the way to it.
type town struct {
	*smtptest.Server
	config smtp.Config
}

func value(text string) config.Value[string] { return config.Value[string]{V: text} }

func newTown(t *testing.T, dir string) *town {
	s := smtptest.New(t)
	s.User, s.Password = "bellkeep", "open sesame"
	write := func(name string, data []byte) config.Value[string] {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, data, 0o600))
		return value(path)
	}
	return &town{s, smtp.Config{
		Host: value(smtptest.Host), TLS: value("starttls"), User: value(s.User), PasswordFile: write("password", []byte(s.Password+"\n")),
		From: value("office@school.example"), CA: write("ca.pem", s.CA()),
	}}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begin starts a process on a disk: its book, and its outbox until the power or
// the test ends it.
func (tn *town) begin(t *testing.T, d disk, l *life) (book *notify.Book, ended chan struct{}) {
	ctx, cancel := context.WithCancel(t.Context())
	l.disk, l.end = d, cancel
	m, err := smtp.New(tn.config)
	must(t, err)
	m.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.off {
			return nil, errPower
		}
		conn, err := tn.Dial(ctx, network, address)
		l.lines = append(l.lines, conn)
		return conn, err
	}
	book = notify.New(notify.Config{
		Log: l, Vault: d.vault, People: household{}, Mailer: m,
		Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} },
		Texts: func() notify.Texts { return notify.Texts{School: "Elmfield", OfficePhone: "01632 960001"} },
	})
	must(t, d.log.Read(ctx, 0, book.Fold))
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		_ = book.Run(ctx) // without power it fails; that is the point
	}()
	return book, ended
}

// run is one history: a notice is sent, the lives given end one after the other,
// and a last one has power enough.
func (tn *town) run(t *testing.T, v *vault.Vault, lives ...*life) (notify.Notice, int) {
	before := len(tn.Messages())
	log, err := memlog.New("school", time.Now)
	must(t, err)
	d := disk{log, v}
	first := &life{}
	book, ended := tn.begin(t, d, first)
	n, err := book.Prepare(t.Context(), "office-1", notify.Request{About: "c-1", Template: "contact-office", Pupil: "p-1", Contact: "C1"})
	must(t, err)
	first.end()
	<-ended
	must(t, book.Send(t.Context(), school.Actor{Account: "office-1", Person: "s-1"}, n.ID))
	for _, l := range append(lives, &life{}) {
		book, ended = tn.begin(t, d, l)
		select {
		case <-ended:
		case <-time.After(3 * time.Hour): // longer than all attempts take
		}
		l.end()
		<-ended
	}
	n, err = book.Get(n.ID)
	must(t, err)
	received := len(tn.Messages()) - before
	tn.check(t, n, received)
	return n, received
}

// check is the promise.
func (tn *town) check(t *testing.T, n notify.Notice, received int) {
	t.Helper()
	switch {
	case received > 1:
		t.Errorf("%d messages were received", received)
	case n.State == notify.Sent && received == 1, n.State == notify.Failed && received == 0, n.State == notify.Unsure:
	default:
		t.Errorf("the notice is %s, %d messages were received", n.State, received)
	}
	for _, m := range tn.Messages() {
		if m.To != "orla@home.example" || m.User != "bellkeep" {
			t.Errorf("the message %+v", m)
		}
	}
}

// moments are all points at which a life can end: before and after each record
// of the outbox, and at each step of the conversation.
func (tn *town) moments() map[string]func(l *life) {
	all := map[string]func(*life){}
	for n := range 4 {
		all[fmt.Sprintf("before record %d", n+1)] = func(l *life) { l.left = n + 1 }
		all[fmt.Sprintf("after record %d", n+1)] = func(l *life) { l.left, l.torn = n+1, true }
	}
	for _, step := range smtptest.Steps() {
		all["at "+string(step)] = func(l *life) {
			tn.OnStep = func(at smtptest.Step) {
				if at == step {
					tn.OnStep = nil // one conversation at a time: nobody else reads it
					l.cut()
				}
			}
		}
	}
	return all
}

// busyOnce makes the server turn the first call away.
func (tn *town) busyOnce(step smtptest.Step) {
	tn.At(step, smtptest.Fault{Reply: "451 4.7.1 later"})
	time.AfterFunc(30*time.Second, tn.Heal)
}

func bubble(t *testing.T, test func(t *testing.T, tn *town, v *vault.Vault)) {
	dir := t.TempDir()
	v, err := vault.Open(filepath.Join(dir, "vault"))
	must(t, err)
	t.Cleanup(func() { v.Close() })
	synctest.Test(t, func(t *testing.T) { test(t, newTown(t, dir), v) })
}

func TestPowerCutAtEveryMoment(t *testing.T) {
	bubble(t, func(t *testing.T, tn *town, v *vault.Vault) {
		cuts, states := 0, map[notify.State]int{}
		for name, end := range tn.moments() {
			for _, busy := range []bool{false, true} {
				l := &life{}
				end(l)
				if busy {
					tn.busyOnce(smtptest.Recipient)
				}
				n, received := tn.run(t, v, l)
				if t.Failed() {
					t.Fatalf("%s, busy: %v", name, busy)
				}
				if l.off {
					cuts++
				}
				states[n.State]++
				tn.OnStep = nil
				if name == "at "+string(smtptest.Taken) && (n.State != notify.Unsure || received != 1) {
					t.Errorf("cut %s the notice is %s, %d received", name, n.State, received)
				}
			}
		}
		if cuts < 28 || states[notify.Sent] == 0 || states[notify.Unsure] == 0 {
			t.Errorf("the power went %d times, the notices became %v", cuts, states)
		}
	})
}

// Many cuts in a row, at moments drawn by lot.
func TestPowerCutAgainAndAgain(t *testing.T) {
	bubble(t, func(t *testing.T, tn *town, v *vault.Vault) {
		chance := rand.New(rand.NewPCG(4, 0))
		for range 40 {
			var lives []*life
			for range 1 + chance.IntN(4) {
				lives = append(lives, &life{left: 1 + chance.IntN(4), torn: chance.IntN(2) == 0})
			}
			if chance.IntN(2) == 0 {
				tn.busyOnce(smtptest.Steps()[chance.IntN(7)]) // before the text
			}
			if tn.run(t, v, lives...); t.Failed() {
				for _, l := range lives {
					t.Logf("left %d, torn %v", l.left, l.torn)
				}
				return
			}
			tn.Heal()
		}
	})
}

// What a fault that stays, at each step, makes of a notice.
func TestFaultAtEveryStep(t *testing.T) {
	bubble(t, func(t *testing.T, tn *town, v *vault.Vault) {
		for _, step := range smtptest.Steps() {
			for name, fault := range map[string]smtptest.Fault{
				"refuses for now": {Reply: "451 4.3.0 later"}, "refuses": {Reply: "554 5.0.0 never"}, "hangs": {Hang: true}, "dies": {Die: true},
			} {
				want, calls := notify.Failed, notify.MaxAttempts
				switch {
				case fault.Reply != "" && step == smtptest.Text:
					continue // nobody listens there
				case step == smtptest.Quit:
					want, calls = notify.Sent, 1
				case fault.Reply == "" && (step == smtptest.Text || step == smtptest.Taken):
					want, calls = notify.Unsure, 1
				case name == "refuses", step == smtptest.Taken:
					calls = 1
				case fault.Reply != "" && step == smtptest.Hello:
					calls = 1 // what counts is the answer to HELO, which this server does not know
				}
				before := tn.Calls()
				tn.At(step, fault)
				n, _ := tn.run(t, v)
				if got := tn.Calls() - before; n.State != want || got != calls {
					t.Errorf("%s at %s: %s after %d calls, want %s after %d", name, step, n.State, got, want, calls)
				}
				tn.Heal()
				if synctest.Wait(); tn.Talking() != 0 {
					t.Errorf("%s at %s: %d conversations go on", name, step, tn.Talking())
				}
			}
		}
	})
}
