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
// See https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns.
//
// Answers: 200; 410 or 400 BadDeviceToken for a token that is no more; 403 for a
// certificate that will not do; 429 and 5xx for later. A wake-up says nothing but
// "come", so sending one twice does no harm. That is what makes it safe to send again
// whatever was on a connection that Apple ended: it does so at any time, with GOAWAY.
package push

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
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

// Notification is one wake-up.
type Notification struct {
	Device string // whom it is for, for whoever sends it
	Topic  string
	Magic  string
	Token  []byte
}

// ErrGone says that a device cannot be woken by its token any more.
var ErrGone = errors.New("the device has given up its management")

// Sender wakes devices. Its zero value but for Certs is ready.
type Sender struct {
	Certs Certs
	URL   string                                           // "" for Apple's
	Roots *x509.CertPool                                   // who vouches for it; nil for whom the system trusts
	Now   func() time.Time                                 // machine time; nil for the computer's
	Rest  func(ctx context.Context, d time.Duration) error // between two tries; nil to wait

	mu          sync.Mutex
	connections map[string]*connection // by topic
}

// Run sends wake-ups as they come, a few at a time, and tells what came of each: nil,
// ErrGone, or why it could not be sent. It returns when there are no more and all are
// settled, or ctx has ended.
func (s *Sender) Run(ctx context.Context, notes <-chan Notification, done func(Notification, error)) error {
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
func (s *Sender) send(ctx context.Context, n Notification) (err error) {
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

func (s *Sender) try(ctx context.Context, n Notification) error {
	c, err := s.connection(ctx, n.Topic)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := s.request(ctx, n)
	if err != nil {
		return err
	}
	resp, err := c.client.Do(req)
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

func (s *Sender) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}
