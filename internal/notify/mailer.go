package notify

import (
	"context"
	"fmt"
)

// Mail is one e-mail.
type Mail struct {
	ID      string // of the notice; the same for every attempt
	To      string // a ValidAddress
	Subject string // one line
	Text    string
}

// Mailer hands an e-mail to a mail server.
type Mailer interface {
	// Send returns nil once the server has taken the e-mail, and a *Refusal
	// when it certainly has not. After any other error it may have. Errors
	// are logged: none holds the recipient's address.
	Send(ctx context.Context, m Mail) error
}

// Refusal says that a mail server has not taken an e-mail, without doubt.
type Refusal struct {
	Why       Why
	Code      int   // the server's answer, 400 to 599; 0 when it gave none
	Temporary bool  // trying again later may help
	Err       error // the cause, for operators; may be nil
}

// Error gives place, code and cause on one line.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("refused at %s", r.Why)
	if r.Code != 0 {
		text += fmt.Sprintf(" with %d", r.Code)
	}
	if r.Err != nil {
		text += ": " + r.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Err }
