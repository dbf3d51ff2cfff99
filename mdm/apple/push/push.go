// Package push wakes iPads through Apple's push notification service, so that they
// come and ask what they are to do. One wake-up is one request over HTTP/2 with the
// school's push certificate:
//
//	POST /3/device/TOKEN          the token in hexadecimal
//	apns-topic: com.apple.mgmt…   as in the certificate's subject
//	apns-push-type: mdm
//	apns-expiration: …            Unix time until which Apple keeps it for a device that is away
//
//	{"mdm":"MAGIC"}
//
// Answers: 200; 410 or 400 BadDeviceToken for a token that is no more; 403 for a
// certificate that will not do; 429 and 5xx for later. A wake-up says nothing but
// "come", so sending one twice does no harm. That is what makes it safe to send again
// whatever was on a connection that Apple ended: it does so at any time, with GOAWAY.
package push

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// Apple is the address of the service.
const Apple = "https://api.push.apple.com"

// Limits.
const (
	workers   = 16                     // wake-ups on the way at a time
	tries     = 5                      // of one wake-up
	patience  = 20 * time.Second       // machine time of one try
	firstRest = 250 * time.Millisecond // between two tries; doubled each time
	longRest  = 15 * time.Second
	keep      = 12 * time.Hour // Apple keeps a wake-up for a device that is away
	pingAfter = 30 * time.Second
	maxAnswer = 4 << 10 // bytes
	maxToken  = 256     // bytes
)

// Certs keeps the push certificates.
type Certs interface {
	RetrievePushCert(ctx context.Context, topic string) (cert *tls.Certificate, mark string, err error)
	IsPushCertStale(ctx context.Context, topic, mark string) (bool, error)
}

// Note is one wake-up.
type Note struct {
	Device string // whom it is for, for whoever sends it
	Topic  string
	Magic  string
	Token  []byte
}

// ErrGone says that a device cannot be woken by its token any more.
var ErrGone = errors.New("the device has given up its management")

// errLater is an answer after which it is worth trying again.
type errLater struct {
	status int
	reason string
	after  time.Duration
}

func (e errLater) Error() string { return fmt.Sprintf("push service: %d %s", e.status, e.reason) }

// Sender wakes devices. Its zero value but for Certs is ready.
type Sender struct {
	Certs Certs
	URL   string                                           // "" for Apple's
	Roots *x509.CertPool                                   // who vouches for it; nil for whom the system trusts
	Now   func() time.Time                                 // machine time; nil for the computer's
	Rest  func(ctx context.Context, d time.Duration) error // between two tries; nil to wait

	mu    sync.Mutex
	lines map[string]*line // by topic
}

// line is the connection with one certificate.
type line struct {
	mark   string
	client *http.Client
	until  time.Time // the certificate's end
}

// Run sends wake-ups as they come, a few at a time, and tells what came of each: nil,
// ErrGone, or why it could not be sent. It returns when there are no more and all are
// settled, or ctx has ended.
func (s *Sender) Run(ctx context.Context, notes <-chan Note, done func(Note, error)) error {
	var group errgroup.Group
	for range workers {
		group.Go(func() error {
			for {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case n, more := <-notes:
					if !more {
						return nil
					}
					done(n, s.send(ctx, n))
				}
			}
		})
	}
	return group.Wait()
}

// send tries until it is settled.
func (s *Sender) send(ctx context.Context, n Note) (err error) {
	defer func() { // whatever goes wrong here must not end the process
		if p := recover(); p != nil {
			err = errs.New(errs.Internal, fmt.Sprintf("Waking a device failed: %v", p), "")
		}
	}()
	if len(n.Token) == 0 || len(n.Token) > maxToken {
		return ErrGone
	}
	rest := s.Rest
	if rest == nil {
		rest = wait.For
	}
	pause := firstRest
	for try := 1; ; try++ {
		err = s.try(ctx, n)
		later, again := retry(err)
		if !again || try == tries || ctx.Err() != nil {
			return err
		}
		if err := rest(ctx, min(max(pause, later), longRest)); err != nil {
			return err
		}
		pause *= 2
	}
}

// retry reports whether to try again, and after how long at least.
func retry(err error) (time.Duration, bool) {
	var later errLater
	if errors.As(err, &later) {
		return later.after, true
	}
	var settled *errs.Error
	return 0, err != nil && !errors.Is(err, ErrGone) && !errors.As(err, &settled) // a fault of the line
}

func (s *Sender) try(ctx context.Context, n Note) error {
	l, err := s.line(ctx, n.Topic)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := s.request(ctx, n)
	if err != nil {
		return err
	}
	resp, err := l.client.Do(req)
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err // without the address, which has the token in it
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // without a reason the status has to do
	return verdict(resp, body)
}

func (s *Sender) request(ctx context.Context, n Note) (*http.Request, error) {
	body, err := json.Marshal(struct {
		MDM string `json:"mdm"`
	}{n.Magic})
	if err != nil {
		return nil, err
	}
	base := s.URL
	if base == "" {
		base = Apple
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/3/device/"+hex.EncodeToString(n.Token), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("apns-topic", n.Topic)
	req.Header.Set("apns-push-type", "mdm")
	req.Header.Set("apns-expiration", strconv.FormatInt(s.now().Add(keep).Unix(), 10))
	return req, nil
}

// verdict reads an answer.
func verdict(resp *http.Response, body []byte) error {
	var said struct {
		Reason string `json:"reason"`
	}
	_ = json.Unmarshal(body, &said) // without a reason the status has to do
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusGone, said.Reason == "BadDeviceToken", said.Reason == "Unregistered":
		return ErrGone
	case code == http.StatusTooManyRequests, code >= 500:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // none is 0
		return errLater{code, said.Reason, time.Duration(seconds) * time.Second}
	case code == http.StatusForbidden:
		return errs.New(errs.Denied, fmt.Sprintf("Apple refuses the push certificate: %.60q.", said.Reason), "Renew it with the Apple Account that made it.")
	default:
		return errs.New(errs.Invalid, fmt.Sprintf("Apple refuses a wake-up: %d %.60q.", code, said.Reason), "")
	}
}

func (s *Sender) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// line gives the connection of a topic: a new one when the certificate was replaced.
func (s *Sender) line(ctx context.Context, topic string) (*line, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[topic]
	if l != nil {
		stale, err := s.Certs.IsPushCertStale(ctx, topic, l.mark)
		if err != nil {
			return nil, err
		}
		if stale {
			l.client.CloseIdleConnections()
			l = nil
		}
	}
	if l == nil {
		var err error
		if l, err = s.connect(ctx, topic); err != nil {
			return nil, err
		}
		if s.lines == nil {
			s.lines = map[string]*line{}
		}
		s.lines[topic] = l
	}
	if !s.now().Before(l.until) {
		return nil, errs.New(errs.Denied, "The push certificate ended on "+l.until.Format("2 January 2006")+".", "Renew it with the Apple Account that made it.")
	}
	return l, nil
}

func (s *Sender) connect(ctx context.Context, topic string) (*line, error) {
	cert, mark, err := s.Certs.RetrievePushCert(ctx, topic)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return nil, err
	}
	return &line{mark: mark, until: leaf.NotAfter, client: &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2:   true,
		TLSClientConfig:     &tls.Config{Certificates: []tls.Certificate{*cert}, RootCAs: s.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: patience / 2,
		IdleConnTimeout:     10 * time.Minute,
		MaxConnsPerHost:     2, // else the first wake-ups would each open one
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: patience / 2},
	}}}, nil
}

// Close gives up all connections.
func (s *Sender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		l.client.CloseIdleConnections()
	}
}
