package smtp

import (
	"errors"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// auth picks how to sign in: PLAIN (RFC 4616), or LOGIN where the server has
// nothing else. Both show the password to the server, so both refuse a line that
// is not secure.
func (m *Mailer) auth(client *smtp.Client) (smtp.Auth, error) {
	if _, secure := client.TLSConnectionState(); !secure {
		return nil, errors.New("the line is not secure")
	}
	_, offered := client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		return smtp.PlainAuth("", m.user, m.password, m.host, false), nil
	case slices.Contains(mechanisms, "LOGIN"):
		return smtp.LoginAuth(m.user, m.password, m.host, false), nil
	}
	return nil, errors.New("the server offers neither PLAIN nor LOGIN")
}
