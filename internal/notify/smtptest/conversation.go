package smtptest

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/textproto"
	"strings"
)

// conversation is one connection to a client.
type conversation struct {
	server *Server
	raw    net.Conn
	conn   net.Conn // raw, or TLS over it
	text   *textproto.Reader
	secure bool

	message  Message
	signedIn bool
}

func (c *conversation) use(conn net.Conn) {
	c.conn, c.text = conn, textproto.NewReader(bufio.NewReader(conn))
}

// answer says what is right at a step, or does what goes wrong there. It reports
// whether the good answer was given.
func (c *conversation) answer(step Step, good string) (bool, error) {
	if c.server.OnStep != nil {
		c.server.OnStep(step)
	}
	c.server.mu.Lock()
	fault := c.server.faults[step]
	c.server.mu.Unlock()
	switch {
	case fault.Die:
		return false, errEnd
	case fault.Hang:
		_, _ = io.Copy(io.Discard, c.conn) // until the client has had enough
		return false, errEnd
	case fault.Reply != "":
		return false, c.say(fault.Reply)
	}
	return true, c.say(good)
}

func (c *conversation) say(line string) error {
	if line == "" {
		return nil
	}
	_, err := io.WriteString(c.conn, line+"\r\n")
	return err
}

func (c *conversation) talk() error {
	if good, err := c.answer(Greeting, "220 "+Host+" ESMTP"); !good || err != nil {
		return err
	}
	for {
		line, err := c.text.ReadLine()
		if err != nil {
			return err
		}
		verb, rest, _ := strings.Cut(line, " ")
		if err := c.obey(strings.ToUpper(verb), rest); err != nil {
			return err
		}
	}
}

func (c *conversation) obey(verb, rest string) error {
	var err error
	switch verb {
	case "EHLO":
		_, err = c.answer(Hello, c.greeting())
	case "STARTTLS":
		err = c.startTLS()
	case "AUTH":
		err = c.auth(rest)
	case "MAIL", "RCPT", "DATA":
		err = c.mail(verb, rest)
	case "RSET", "NOOP":
		err = c.say("250 2.0.0 OK")
	case "QUIT":
		_, _ = c.answer(Quit, "221 2.0.0 Bye") // the client may be gone
		err = errEnd
	default:
		err = c.say("502 5.5.2 what is that?")
	}
	return err
}

func (c *conversation) greeting() string {
	lines := []string{Host, "SIZE 1000000", "8BITMIME"}
	if !c.secure && !c.server.NoTLS {
		lines = append(lines, "STARTTLS")
	}
	if c.secure && c.server.User != "" {
		mechanisms := c.server.Mechanisms
		if mechanisms == "" {
			mechanisms = "PLAIN LOGIN"
		}
		lines = append(lines, "AUTH "+mechanisms)
	}
	last := len(lines) - 1
	return "250-" + strings.Join(lines[:last], "\r\n250-") + "\r\n250 " + lines[last]
}

func (c *conversation) startTLS() error {
	if good, err := c.answer(StartTLS, "220 2.0.0 go on"); !good || err != nil {
		return err
	}
	secure := tls.Server(c.raw, c.server.identity.tls)
	if err := secure.Handshake(); err != nil {
		return err
	}
	c.secure = true
	c.use(secure)
	return nil
}

// auth takes PLAIN with its answer on the line, or LOGIN with two questions.
func (c *conversation) auth(rest string) error {
	mechanism, first, _ := strings.Cut(rest, " ")
	var user, password string
	switch mechanism {
	case "PLAIN":
		parts := strings.Split(decoded(first), "\x00")
		if len(parts) == 3 {
			user, password = parts[1], parts[2]
		}
	case "LOGIN":
		for _, ask := range []struct {
			question string
			into     *string
		}{{"Username:", &user}, {"Password:", &password}} {
			if err := c.say("334 " + base64.StdEncoding.EncodeToString([]byte(ask.question))); err != nil {
				return err
			}
			line, err := c.text.ReadLine()
			if err != nil {
				return err
			}
			*ask.into = decoded(line)
		}
	}
	if !c.secure || user != c.server.User || password != c.server.Password {
		return c.say("535 5.7.8 who are you?")
	}
	c.message.User = user
	good, err := c.answer(Auth, "235 2.7.0 welcome")
	c.signedIn = good
	return err
}

func decoded(text string) string {
	raw, _ := base64.StdEncoding.DecodeString(text) // nonsense is a wrong password
	return string(raw)
}

func (c *conversation) mail(verb, rest string) error {
	if !c.secure || c.server.User != "" && !c.signedIn {
		return c.say("530 5.7.0 sign in first, over TLS")
	}
	switch verb {
	case "MAIL":
		c.message.From = path(rest)
		_, err := c.answer(Sender, "250 2.1.0 OK")
		return err
	case "RCPT":
		c.message.To = path(rest)
		_, err := c.answer(Recipient, "250 2.1.5 OK")
		return err
	}
	if good, err := c.answer(Data, "354 go ahead"); !good || err != nil {
		return err
	}
	return c.take()
}

// path takes <address> out of FROM:<address> or TO:<address>.
func path(rest string) string {
	_, rest, _ = strings.Cut(rest, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

// take reads a message and keeps it unless it is to be refused: a server that
// dies or hangs now has it all the same.
func (c *conversation) take() error {
	if good, err := c.answer(Text, ""); !good || err != nil {
		return err
	}
	data, err := c.text.ReadDotBytes()
	if err != nil {
		return err
	}
	c.message.Data = string(data)
	c.server.mu.Lock()
	if c.server.faults[Taken].Reply == "" {
		c.server.messages = append(c.server.messages, c.message)
	}
	c.server.mu.Unlock()
	_, err = c.answer(Taken, "250 2.0.0 taken")
	return err
}
