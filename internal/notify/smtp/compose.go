package smtp

import (
	"bytes"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"

	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/school"
)

// compose makes the message (RFC 5322): plain text, quoted-printable. Whatever
// could begin a header or a recipient of its own is refused, not repaired.
func (m *Mailer) compose(n notify.Mail) ([]byte, error) {
	switch {
	case !school.ValidID(n.ID):
		return nil, errors.New("the notice's id has another form")
	case !notify.ValidAddress(n.To):
		return nil, errors.New("the address cannot be used")
	case n.Subject == "" || strings.ContainsFunc(n.Subject, unicode.IsControl):
		return nil, errors.New("the subject is not one line")
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP))
	msg.FromMailAddress(&m.from)
	if err := msg.To(n.To); err != nil {
		return nil, errors.New("the address cannot be used")
	}
	msg.SetMessageIDWithValue(n.ID + "@" + m.domain())
	msg.SetDateWithValue(time.Now())
	msg.Subject(n.Subject)
	msg.SetBodyString(mail.TypeTextPlain, n.Text)
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, err
	}
	if out.Len() > maxMessage {
		return nil, errors.New("the message is too long")
	}
	return out.Bytes(), nil
}

// domain is the school's, from its own address.
func (m *Mailer) domain() string {
	_, domain, _ := strings.Cut(m.from.Address, "@")
	return domain
}
