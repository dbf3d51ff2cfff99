package bus

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	version311 = 4    // protocol level of MQTT 3.1.1 (section 3.1.2.2)
	refusal    = 0x80 // SUBACK return code (section 3.9.3)
)

// session is one connection: a paho client that is used once. Its own
// reconnecting is off, because it asks for the will only once and
// resubscribes before anybody can check the answers.
type session struct {
	client   mqtt.Client
	link     *link
	patience time.Duration
}

// connect makes one attempt.
func (c *Client) connect(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	conn, err := open(ctx, c.cfg)
	if err != nil {
		return nil, connectError(err)
	}
	l := newLink(conn, c.cfg.Timeout)
	s := &session{client: mqtt.NewClient(c.options(l)), link: l, patience: c.cfg.Timeout}
	defer context.AfterFunc(ctx, func() { l.fail(ctx.Err()) })()
	token := s.client.Connect()
	<-token.Done() // at the latest when ctx closes the link
	if err := token.Error(); err != nil {
		l.fail(err) // nothing of paho runs yet that would have to end
		return nil, connectError(err)
	}
	return s, nil
}

// open dials, and finishes the TLS handshake.
func open(ctx context.Context, cfg Config) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", cfg.Address)
	if err != nil || cfg.TLS == nil {
		return conn, err
	}
	secure := tls.Client(conn, cfg.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the handshake's error says more
		return nil, err
	}
	return secure, nil
}

func (c *Client) options(l *link) *mqtt.ClientOptions {
	o := mqtt.NewClientOptions().
		AddBroker("tcp://" + c.cfg.Address).
		SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) { return l, nil }).
		SetProtocolVersion(version311).
		SetClientID(c.cfg.ID).
		SetUsername(c.cfg.ID).
		SetCleanSession(true).
		SetOrderMatters(true).
		SetAutoReconnect(false).
		SetConnectRetry(false).
		SetConnectTimeout(c.cfg.Timeout).
		SetWriteTimeout(c.cfg.Timeout).
		SetPingTimeout(c.cfg.Timeout).
		SetKeepAlive(max(c.cfg.KeepAlive, time.Second)).
		SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) {
			c.deliver(message{m.Topic(), m.Payload(), m.Retained()}, l.done)
		})
	if c.cfg.Will != nil {
		topic, payload := c.cfg.Will()
		o.SetBinaryWill(topic, payload, 1, true)
	}
	return o
}

// publish waits for PUBACK, the end of the link or the timeout, whichever is
// first.
func (s *session) publish(topic string, payload []byte, retain bool) error {
	return s.await(context.Background(), func() mqtt.Token { return s.client.Publish(topic, 1, retain, payload) })
}

// subscribe waits for SUBACK and checks what the broker granted.
func (s *session) subscribe(ctx context.Context, filter string) error {
	var token *mqtt.SubscribeToken
	err := s.await(ctx, func() mqtt.Token {
		t := s.client.Subscribe(filter, 1, nil)
		token, _ = t.(*mqtt.SubscribeToken) // by paho's documentation
		return t
	})
	if err == nil && token.Result()[filter] == refusal {
		return errs.New(errs.Denied, "The broker refused a subscription.", "Check what this client may read.")
	}
	return err
}

// await sends a request and waits for its acknowledgement. A broker that owes
// one for longer than the timeout is given up, whatever else it answers.
func (s *session) await(ctx context.Context, send func() mqtt.Token) error {
	timer := time.AfterFunc(s.patience, func() { s.link.fail(errQuiet) })
	defer timer.Stop()
	token := send() // bounded by paho's write timeout
	select {
	case <-token.Done():
		if err := token.Error(); err != nil {
			return errUnanswered(err)
		}
		return nil
	case <-s.link.done:
		return errUnanswered(s.link.err)
	case <-ctx.Done():
		return errUnanswered(ctx.Err())
	}
}

// end closes the link and lets paho's goroutines finish.
func (s *session) end() {
	s.link.fail(errQuiet)
	s.client.Disconnect(uint(s.patience.Milliseconds())) // returns as soon as they have
}

func errNotConnected() error {
	return errs.New(errs.Unavailable, "There is no connection to the broker.", "It is tried again by itself.")
}

func errUnanswered(cause error) error {
	return errs.Wrap(cause, errs.Unavailable, "The broker did not acknowledge in time.", "Send it again: receivers know a repeat.")
}

// connectError tells a refusal, which needs a person, from an absence.
func connectError(err error) error {
	var alert *net.OpError
	var unverified *tls.CertificateVerificationError
	switch {
	case errors.Is(err, packets.ErrorRefusedNotAuthorised), errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword), errors.Is(err, packets.ErrorRefusedIDRejected):
		return errs.Wrap(err, errs.Denied, "The broker knows no such client.", "Join it to the school again.")
	case errors.As(err, &alert) && alert.Op == "remote error": // how crypto/tls reports the other side's alert
		return errs.Wrap(err, errs.Denied, "The broker refused this client's certificate.", "Join it to the school again.")
	case errors.As(err, &unverified):
		return errs.Wrap(err, errs.Denied, "The broker's certificate is not from this school.", "Check the broker's address.")
	}
	return errs.Wrap(err, errs.Unavailable, "The broker cannot be reached.", "Check the network and that the server runs.")
}
