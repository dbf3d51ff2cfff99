// Package smtptest is a small mail server for tests. It speaks SMTP with
// STARTTLS or over TLS, takes one message a conversation, and can be told to
// refuse, to hang or to die at any step of it.
package smtptest

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"sync"
	"testing"
)

// Step is a moment of a conversation: when the server is about to answer.
type Step string

// The steps, in their order. Text is in the middle of the message, which has no
// answer: there the server can only hang or die.
const (
	Greeting  Step = "greeting"
	Hello     Step = "EHLO"
	StartTLS  Step = "STARTTLS"
	Auth      Step = "AUTH"
	Sender    Step = "MAIL"
	Recipient Step = "RCPT"
	Data      Step = "DATA"
	Text      Step = "text"
	Taken     Step = "end of text"
	Quit      Step = "QUIT"
)

// Steps are all of them.
func Steps() []Step {
	return []Step{Greeting, Hello, StartTLS, Auth, Sender, Recipient, Data, Text, Taken, Quit}
}

// Fault is what the server does instead of a good answer.
type Fault struct {
	Reply string // such as "451 4.7.1 come back later"
	Hang  bool   // says nothing more until the client is gone
	Die   bool   // breaks the connection
}

// Message is what a client handed over.
type Message struct {
	From, To string
	User     string // who signed in
	Data     string
}

// Server is a mail server. Set its fields before the first conversation.
type Server struct {
	Implicit   bool   // TLS from the first byte
	NoTLS      bool   // offers no STARTTLS
	User       string // who may sign in; "" asks nobody
	Password   string
	Mechanisms string     // of AUTH; "" is PLAIN LOGIN
	OnStep     func(Step) // called at every step, before the answer

	identity identity

	mu       sync.Mutex
	faults   map[Step]Fault
	messages []Message
	calls    int
	open     map[net.Conn]bool
}

// New makes a server called Host with a certificate of its own authority.
// Conversations still going on when the test ends are broken off.
func New(t testing.TB) *Server {
	t.Helper()
	id, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return &Server{identity: id, faults: map[Step]Fault{}, open: map[net.Conn]bool{}}
}

// CA is the certificate to trust, in PEM.
func (s *Server) CA() []byte { return s.identity.ca }

// At sets what happens at a step from now on; the zero Fault heals it.
func (s *Server) At(step Step, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[step] = f
}

// Heal takes all faults away.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}

// Messages are all messages taken so far, the unanswered ones too.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Calls is how many connections were made.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Talking is how many conversations go on.
func (s *Server) Talking() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// Dial begins a conversation over a pipe, in place of a TCP connection: inside a
// synctest bubble its deadlines are those of the bubble's clock.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, server := pipe()
	go s.serve(server)
	return client, nil
}

// Listen serves on a free port of this machine until the test ends and returns
// its address.
func (s *Server) Listen(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		s.hangUp()
		group.Wait()
	})
	return l.Addr().String()
}

// hangUp breaks all conversations.
func (s *Server) hangUp() {
	s.mu.Lock()
	open := maps.Clone(s.open)
	s.mu.Unlock()
	for conn := range open {
		conn.Close()
	}
}

func (s *Server) serve(conn net.Conn) {
	s.mu.Lock()
	s.calls++
	s.open[conn] = true
	s.mu.Unlock()
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.open, conn)
		s.mu.Unlock()
	}()
	c := &conversation{server: s, raw: conn}
	if s.Implicit {
		secure := tls.Server(conn, s.identity.tls)
		if secure.Handshake() != nil {
			return
		}
		c.secure = true
		c.use(secure)
	} else {
		c.use(conn)
	}
	_ = c.talk() // how it ended is what the client finds out
}

// errEnd ends a conversation as planned.
var errEnd = errors.New("the conversation is over")
