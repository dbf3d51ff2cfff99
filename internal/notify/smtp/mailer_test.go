package smtp

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/notify/smtptest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func value(text string) config.Value[string] { return config.Value[string]{V: text} }

func file(t testing.TB, name string, data []byte) config.Value[string] {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, data, 0o600))
	return value(path)
}

// newServer is a mail server that wants a sign-in, and how to reach it.
func newServer(t testing.TB) (*smtptest.Server, Config) {
	t.Helper()
	s := smtptest.New(t)
	s.User, s.Password = "bellkeep@school.example", "open sesame"
	return s, Config{
		Host: value(smtptest.Host), TLS: value(startTLS), User: value(s.User), PasswordFile: file(t, "password", []byte(s.Password+"\n")),
		From: value("Elmfield Academy <office@school.example>"), CA: file(t, "ca.pem", s.CA()),
	}
}

// mailer reaches s over a pipe.
func mailer(t testing.TB, s *smtptest.Server, c Config) *Mailer {
	t.Helper()
	m, err := New(c)
	must(t, err)
	m.Dial = s.Dial
	return m
}

func letter() notify.Mail {
	return notify.Mail{ID: "n-1", To: "orla@home.example", Subject: "Elmfield Académie: please contact the office", Text: "Dear parent or carer,\n\n.please — call.\n"}
}

// Over TCP, by both ways to TLS and both ways to sign in, and without one.
func TestSend(t *testing.T) {
	for name, change := range map[string]func(*smtptest.Server, *Config){
		"STARTTLS":   func(*smtptest.Server, *Config) {},
		"implicit":   func(s *smtptest.Server, c *Config) { s.Implicit, c.TLS = true, value(implicit) },
		"LOGIN":      func(s *smtptest.Server, c *Config) { s.Mechanisms = "XOAUTH2 LOGIN" },
		"no sign-in": func(s *smtptest.Server, c *Config) { s.User, c.User, c.PasswordFile = "", value(""), value("") },
		"by address": func(_ *smtptest.Server, c *Config) { c.Host = value("127.0.0.1") },
	} {
		t.Run(name, func(t *testing.T) {
			s, c := newServer(t)
			change(s, &c)
			address := s.Listen(t)
			m, err := New(c)
			must(t, err)
			m.Dial = func(ctx context.Context, network, wanted string) (net.Conn, error) {
				if port := map[string]string{startTLS: ":587", implicit: ":465"}[c.TLS.V]; wanted != c.Host.V+port {
					t.Errorf("dialled %s", wanted)
				}
				return new(net.Dialer).DialContext(ctx, network, address)
			}
			must(t, m.Send(t.Context(), letter()))
			list := s.Messages()
			if len(list) != 1 || list[0].From != "office@school.example" || list[0].To != "orla@home.example" || list[0].User != c.User.V {
				t.Fatalf("%+v", list)
			}
			checkMessage(t, list[0].Data, letter())
		})
	}
}

// checkMessage reads a message as its recipient does: these headers and no
// other, this text.
func checkMessage(t testing.TB, data string, want notify.Mail) {
	t.Helper()
	got, err := mail.ReadMessage(strings.NewReader(data))
	must(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	must(t, err)
	known := []string{"Date", "From", "To", "Subject", "Message-Id", "Mime-Version", "Content-Type", "Content-Transfer-Encoding"}
	for _, name := range known {
		if len(got.Header[name]) != 1 {
			t.Errorf("header %s: %v", name, got.Header[name])
		}
	}
	to, err := got.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != want.To || len(got.Header) != len(known) || subject != want.Subject {
		t.Errorf("headers %v, %v", got.Header, err)
	}
	if id := got.Header.Get("Message-Id"); id != "<"+want.ID+"@school.example>" {
		t.Errorf("message id %s", id)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	must(t, err)
	if strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")) != strings.TrimSpace(want.Text) {
		t.Errorf("text %q", text)
	}
}

// Every attempt at one notice has the same Message-ID.
func TestMessageIDIsFixed(t *testing.T) {
	s, c := newServer(t)
	for range 2 {
		must(t, mailer(t, s, c).Send(t.Context(), letter()))
	}
	for _, m := range s.Messages() {
		checkMessage(t, m.Data, letter())
	}
}

// Nothing but a secure line to the right server is ever told the password or the
// text.
func TestNoPlaintext(t *testing.T) {
	other, _ := newServer(t)
	for name, change := range map[string]func(*smtptest.Server, *Config){
		"no STARTTLS":        func(s *smtptest.Server, _ *Config) { s.NoTLS = true },
		"another authority":  func(_ *smtptest.Server, c *Config) { c.CA = file(t, "other.pem", other.CA()) },
		"the system's":       func(_ *smtptest.Server, c *Config) { c.CA = value("") },
		"another name":       func(_ *smtptest.Server, c *Config) { c.Host = value("mail.other.example") },
		"plain where TLS is": func(_ *smtptest.Server, c *Config) { c.TLS = value(implicit) },
		"implicit, other name": func(s *smtptest.Server, c *Config) {
			s.Implicit, c.TLS, c.Host = true, value(implicit), value("x.example")
		},
	} {
		s, c := newServer(t)
		change(s, &c)
		err := mailer(t, s, c).Send(t.Context(), letter())
		var r *notify.Refusal
		if !errors.As(err, &r) || r.Why != notify.AtTLS || r.Temporary || r.Err == nil || len(s.Messages()) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for step, why := range map[smtptest.Step]notify.Why{
		smtptest.Greeting: notify.AtConnect, smtptest.StartTLS: notify.AtTLS, smtptest.Auth: notify.AtSignIn,
		smtptest.Sender: notify.AtSender, smtptest.Recipient: notify.AtRecipient, smtptest.Data: notify.AtMessage, smtptest.Taken: notify.AtMessage,
	} {
		for code, reply := range map[int]string{421: "421 4.3.2 <orla@home.example> later", 550: "550 5.1.1 <orla@home.example> never"} {
			s, c := newServer(t)
			s.At(step, smtptest.Fault{Reply: reply})
			err := mailer(t, s, c).Send(t.Context(), letter())
			var r *notify.Refusal
			if !errors.As(err, &r) || r.Why != why || r.Code != code || r.Temporary != (code == 421 && step != smtptest.Taken) {
				t.Errorf("%s %d: %v", step, code, err)
			}
			named := step == smtptest.Recipient || step == smtptest.Data || step == smtptest.Taken
			if named && strings.Contains(err.Error(), "orla") {
				t.Errorf("%s: the error tells the address: %v", step, err)
			}
		}
	}
}

// A wrong password is refused for good, and nothing else is tried.
func TestWrongPassword(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "LOGIN", "XOAUTH2"} {
		s, c := newServer(t)
		s.Password, s.Mechanisms = "changed", mechanism
		err := mailer(t, s, c).Send(t.Context(), letter())
		var r *notify.Refusal
		if !errors.As(err, &r) || r.Why != notify.AtSignIn || r.Temporary || len(s.Messages()) != 0 || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", mechanism, err)
		}
	}
}

// An answer that SMTP does not know says nothing for certain.
func TestStrangeAnswerToTheText(t *testing.T) {
	s, c := newServer(t)
	s.At(smtptest.Taken, smtptest.Fault{Reply: "354 more?"})
	err := mailer(t, s, c).Send(t.Context(), letter())
	if r := (*notify.Refusal)(nil); err == nil || errors.As(err, &r) {
		t.Errorf("%v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	_, c := newServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c.Host, c.Port.V = value("127.0.0.1"), l.Addr().(*net.TCPAddr).Port
	must(t, l.Close())
	m, err := New(c)
	must(t, err)
	err = m.Send(t.Context(), letter())
	var r *notify.Refusal
	if !errors.As(err, &r) || r.Why != notify.AtConnect || !r.Temporary {
		t.Errorf("%v", err)
	}
}

// meaning is what an error tells the outbox.
func meaning(err error) string {
	var r *notify.Refusal
	switch {
	case err == nil:
		return "taken"
	case !errors.As(err, &r):
		return "unsure"
	case r.Temporary:
		return "not taken, try again"
	}
	return "not taken"
}

// meanings are those of silence at each step.
var meanings = map[smtptest.Step]string{
	smtptest.Greeting: "not taken, try again", smtptest.Hello: "not taken, try again", smtptest.StartTLS: "not taken, try again",
	smtptest.Auth: "not taken, try again", smtptest.Sender: "not taken, try again", smtptest.Recipient: "not taken, try again",
	smtptest.Data: "not taken, try again", smtptest.Text: "unsure", smtptest.Taken: "unsure", smtptest.Quit: "taken",
}

// A server that says nothing holds nobody up for longer than the limits, and for
// a few seconds once Bellkeep is told to stop.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, step := range smtptest.Steps() {
			for _, stop := range []bool{false, true} {
				s, c := newServer(t)
				s.At(step, smtptest.Fault{Hang: true})
				m := mailer(t, s, c)
				ctx, cancel := context.WithCancel(t.Context())
				limit := setupLimit
				if step == smtptest.Text || step == smtptest.Taken {
					limit = answerLimit
				}
				if step == smtptest.Quit {
					limit = grace
				} else if stop {
					time.AfterFunc(time.Second, cancel)
					limit = time.Second + grace
				}
				begun := time.Now()
				err := m.Send(ctx, letter())
				if got, want := meaning(err), meanings[step]; got != want {
					t.Errorf("%s, stopped %v: %s, want %s: %v", step, stop, got, want, err)
				}
				if took := time.Since(begun); took < limit || took > limit+2*grace {
					t.Errorf("%s, stopped %v: after %v", step, stop, took)
				}
				cancel()
				if synctest.Wait(); s.Talking() != 0 {
					t.Errorf("%s: the conversation goes on", step)
				}
			}
		}
	})
}

// A server that never stops talking fills no memory.
func TestTooMuch(t *testing.T) {
	_, c := newServer(t)
	m, err := New(c)
	must(t, err)
	client, server := net.Pipe()
	m.Dial = func(context.Context, string, string) (net.Conn, error) { return client, nil }
	said := make(chan int)
	go func() {
		total := 0
		for {
			n, err := server.Write([]byte("220-" + strings.Repeat("a", 4000)))
			if total += n; err != nil {
				said <- total
				return
			}
		}
	}()
	err = m.Send(t.Context(), letter())
	if n := <-said; !errors.Is(err, errTooMuch) || n > maxHeard+8000 {
		t.Errorf("%v after %d bytes", err, n)
	}
}

// What could begin another header, recipient or command is refused before a
// server is called.
func TestInjection(t *testing.T) {
	for name, change := range map[string]func(*notify.Mail){
		"a recipient":         func(m *notify.Mail) { m.To = "orla@home.example>\r\nRCPT TO:<all@home.example" },
		"two recipients":      func(m *notify.Mail) { m.To = "orla@home.example, all@home.example" },
		"a name":              func(m *notify.Mail) { m.To = "Orla <orla@home.example>" },
		"a header in subject": func(m *notify.Mail) { m.Subject = "a\r\nBcc: all@home.example" },
		"a bare line feed":    func(m *notify.Mail) { m.Subject = "a\nBcc: all@home.example" },
		"a bare return":       func(m *notify.Mail) { m.Subject = "a\rBcc: all@home.example" },
		"no subject":          func(m *notify.Mail) { m.Subject = "" },
		"an id":               func(m *notify.Mail) { m.ID = "n-1>\r\nBcc: all@home.example" },
		"too long":            func(m *notify.Mail) { m.Text = strings.Repeat("a ", maxMessage) },
	} {
		s, c := newServer(t)
		m := letter()
		change(&m)
		err := mailer(t, s, c).Send(t.Context(), m)
		var r *notify.Refusal
		if !errors.As(err, &r) || r.Temporary || s.Calls() != 0 {
			t.Errorf("%s: %v after %d calls", name, err, s.Calls())
		}
	}
}

// Whatever stands in subject and text, the message has the same headers, and the
// text ends where it ends.
func FuzzMessage(f *testing.F) {
	_, c := newServer(f)
	m, err := New(c)
	must(f, err)
	f.Add("a", "b")
	f.Add("=?utf-8?q?=0D=0ABcc:_all=40home.example?=", "\r\n.\r\nMAIL FROM:<a@b.example>\r\n")
	f.Add("é"+strings.Repeat("long ", 60), "\n.\n\n\r.\r")
	f.Fuzz(func(t *testing.T, subject, text string) {
		n := notify.Mail{ID: "n-1", To: "orla@home.example", Subject: subject, Text: text}
		data, err := m.compose(n)
		if err != nil {
			return
		}
		got, err := mail.ReadMessage(strings.NewReader(string(data)))
		if err != nil || len(got.Header) != 8 || len(got.Header["To"]) != 1 || len(got.Header["Bcc"]) != 0 {
			t.Errorf("%q: %v, %v", data, got, err)
		}
		if strings.Contains(strings.ReplaceAll(string(data), "\r\n", ""), "\n") {
			t.Errorf("a bare line feed in %q", data)
		}
	})
}
