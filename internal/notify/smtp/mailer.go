// Package smtp hands notices to a school's mail server by SMTP (RFC 5321), over
// TLS or not at all: after STARTTLS (RFC 3207), without which the conversation
// ends, or from the first byte (RFC 8314).
//
// One e-mail is one connection. What a failure means hangs on where it happened:
//
//	before the server has asked for the text (354)   the server has not taken it
//	4xx or 5xx in answer to the text                  the server has not taken it
//	2xx in answer to the text                         the server has taken it
//	anything else after 354                           nobody knows
//
// Only a refusal before 354 counts as temporary: after it, some servers have
// taken a message and fail all the same (RFC 1047).
package smtp

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"strconv"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/notify"
)

// The limits of one conversation.
const (
	setupLimit  = time.Minute      // from dialling to the server's 354
	answerLimit = 10 * time.Minute // for the answer to the text (RFC 5321, section 4.5.3.2.6)
	grace       = 5 * time.Second  // left once the context has ended, and for QUIT

	maxHeard   = 256 << 10 // bytes from the server, certificates included
	maxMessage = 32 << 10  // bytes
)

// Mailer hands e-mails to one mail server. It is a notify.Mailer.
type Mailer struct {
	// Dial makes the connection; a plain TCP one unless it is replaced before
	// the first Send.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	settings
	tls *tls.Config
}

// New reads the files that c names. Errors: invalid, with all faults.
func New(c Config) (*Mailer, error) {
	var faults config.Faults
	m := &Mailer{Dial: new(net.Dialer).DialContext, settings: c.read("smtp", &faults)}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	m.tls = &tls.Config{ServerName: m.host, RootCAs: m.roots, MinVersion: tls.VersionTLS12}
	return m, nil
}

// Send hands one e-mail over; see notify.Mailer. When ctx ends it has a few
// seconds left to hear the server out.
func (m *Mailer) Send(ctx context.Context, mail notify.Mail) error {
	message, err := m.compose(mail)
	if err != nil {
		return &notify.Refusal{Why: notify.AtMessage, Err: err}
	}
	dialling, cancel := context.WithTimeout(ctx, setupLimit)
	defer cancel()
	conn, err := m.Dial(dialling, "tcp", net.JoinHostPort(m.host, strconv.Itoa(m.port)))
	if err != nil {
		return refusal(notify.AtConnect, err)
	}
	defer conn.Close() // after QUIT, or when there is nothing more to say
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now().Add(grace)) })
	defer stop()
	allow(ctx, conn, setupLimit)

	client, err := m.greet(ctx, &bounded{Conn: conn, left: maxHeard})
	if err != nil {
		return err
	}
	if err := m.signIn(client); err != nil {
		return err
	}
	if err := m.handOver(client, mail.To, message, func() { allow(ctx, conn, answerLimit) }); err != nil {
		return err
	}
	allow(ctx, conn, grace)
	_ = client.Quit() // it has been taken, whatever the server says now
	return nil
}

// greet opens a secure conversation.
func (m *Mailer) greet(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	if m.settings.tls == implicit {
		secure := tls.Client(conn, m.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, refusal(notify.AtTLS, err)
		}
		conn = secure
	}
	client, err := smtp.NewClient(conn, m.host)
	if err != nil {
		return nil, refusal(notify.AtConnect, err)
	}
	if err := client.Hello(m.domain()); err != nil {
		return nil, refusal(notify.AtConnect, err)
	}
	if m.settings.tls == implicit {
		return client, nil
	}
	if offered, _ := client.Extension("STARTTLS"); !offered {
		return nil, &notify.Refusal{Why: notify.AtTLS, Err: errors.New("the server does not offer STARTTLS")}
	}
	if err := client.StartTLS(m.tls); err != nil {
		return nil, refusal(notify.AtTLS, err)
	}
	return client, nil
}

// signIn proves who is calling, if the server is to know.
func (m *Mailer) signIn(client *smtp.Client) error {
	if m.user == "" {
		return nil
	}
	auth, err := m.auth(client)
	if err != nil {
		return &notify.Refusal{Why: notify.AtSignIn, Err: err}
	}
	if err := client.Auth(auth); err != nil {
		return refusal(notify.AtSignIn, err)
	}
	return nil
}

// handOver names sender and recipient and gives the text away; asked is called
// when the server has asked for it.
func (m *Mailer) handOver(client *smtp.Client, to string, message []byte, asked func()) error {
	if err := client.Mail("<" + m.from.Address + ">"); err != nil {
		return refusal(notify.AtSender, err)
	}
	if err := client.Rcpt("<" + to + ">"); err != nil {
		return withoutText(refusal(notify.AtRecipient, err))
	}
	text, err := client.Data()
	if err != nil {
		return withoutText(refusal(notify.AtMessage, err))
	}
	asked()
	if _, err := bytes.NewReader(message).WriteTo(text); err != nil {
		return err // what was under way may have arrived
	}
	return answered(text.Close())
}

// answered says what the answer to a message's text means.
func answered(err error) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return err
	}
	if answer.Code < 400 || answer.Code > 599 {
		return errors.New("the server gave an answer that SMTP does not know")
	}
	return &notify.Refusal{Why: notify.AtMessage, Code: answer.Code}
}

// refusal says what a failure before the text means: the server has taken
// nothing. It may change its mind unless it answered 5xx, or cannot be trusted.
func refusal(why notify.Why, err error) *notify.Refusal {
	r := &notify.Refusal{Why: why, Temporary: true, Err: err}
	var answer *textproto.Error
	var untrusted *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &answer):
		r.Code, r.Temporary = answer.Code, answer.Code/100 == 4
	case errors.As(err, &untrusted), errors.As(err, &notTLS):
		r.Temporary = false
	}
	return r
}

// withoutText leaves out what the server said: it may repeat the address.
func withoutText(r *notify.Refusal) *notify.Refusal {
	if r.Code != 0 {
		r.Err = nil
	}
	return r
}
