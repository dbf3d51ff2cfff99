package push_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
	"github.com/bellkeep/bellkeep/mdm/apple/push"
)

const topic = "com.apple.mgmt.External.test"

// certs holds one push certificate, that can be replaced.
type certs struct {
	mu   sync.Mutex
	cert tls.Certificate
	n    int
}

func (c *certs) put(t *testing.T, a *double.APNs, topic string, until time.Time) {
	t.Helper()
	cert, key, err := a.PushCertificate(topic, until)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cert, c.n = pair, c.n+1
}

func (c *certs) RetrievePushCert(context.Context, string) (*tls.Certificate, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cert := c.cert
	return &cert, fmt.Sprint(c.n), nil
}

func (c *certs) IsPushCertStale(_ context.Context, _, mark string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return mark != fmt.Sprint(c.n), nil
}

// rig is a sender and an Apple to send to. The sender does not rest.
type rig struct {
	*push.Sender
	apple *double.APNs
	certs *certs
}

func newRig(t *testing.T) rig {
	t.Helper()
	apple, err := double.NewAPNs(nil)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	group.Go(func() { apple.Run(ctx) })
	r := rig{apple: apple, certs: &certs{}}
	r.certs.put(t, apple, topic, time.Now().Add(time.Hour))
	r.Sender = &push.Sender{Certs: r.certs, URL: apple.URL(), Roots: apple.Roots(), Rest: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	t.Cleanup(func() { r.Close(); stop(); group.Wait() })
	return r
}

func notes(n int) (all []push.Notification) {
	for i := range n {
		all = append(all, push.Notification{Device: fmt.Sprint("ipad-", i), Topic: topic, Magic: "m", Token: fmt.Append(nil, "token ", i)})
	}
	return all
}

func queue(all []push.Notification) <-chan push.Notification {
	c := make(chan push.Notification, len(all))
	for _, n := range all {
		c <- n
	}
	close(c)
	return c
}

// send gives what came of each.
func (r rig) send(t *testing.T, all []push.Notification) map[string]error {
	t.Helper()
	var mu sync.Mutex
	came := map[string]error{}
	if err := r.Run(t.Context(), queue(all), func(n push.Notification, err error) {
		mu.Lock()
		defer mu.Unlock()
		came[n.Device] = err
	}); err != nil {
		t.Fatal(err)
	}
	return came
}

func TestEveryDeviceIsWoken(t *testing.T) {
	r := newRig(t)
	all := notes(100)
	for device, err := range r.send(t, all) {
		if err != nil {
			t.Errorf("%s: %v", device, err)
		}
	}
	for _, n := range all {
		if got := r.apple.Taken(n.Token); got != 1 {
			t.Errorf("%s was woken %d times", n.Device, got)
		}
	}
	if got := r.apple.Connections(); got > 2 {
		t.Errorf("%d connections were made for 100 wake-ups", got)
	}
}

// Apple ends connections as it likes, with wake-ups on them that it did not take.
func TestNoWakeUpIsLostWhenAppleGoesAway(t *testing.T) {
	r := newRig(t)
	r.apple.GoAway(7, 1, 20, 3)
	all := notes(100)
	for device, err := range r.send(t, all) {
		if err != nil {
			t.Errorf("%s: %v", device, err)
		}
	}
	for _, n := range all {
		if r.apple.Taken(n.Token) == 0 {
			t.Errorf("%s was not woken", n.Device)
		}
	}
	if got := r.apple.Connections(); got < 5 {
		t.Errorf("only %d connections: Apple did not go away", got)
	}
}

func TestWhatAppleAnswers(t *testing.T) {
	r := newRig(t)
	gone := notes(3)
	r.apple.Gone(gone[1].Token)
	came := r.send(t, gone)
	if !errors.Is(came["ipad-1"], push.ErrGone) || came["ipad-0"] != nil || came["ipad-2"] != nil {
		t.Errorf("a token that is no more: %v", came)
	}
	r.apple.Busy(3)
	if err := r.send(t, notes(1))["ipad-0"]; err != nil {
		t.Errorf("after three answers of 429: %v", err)
	}
	r.apple.Busy(1000)
	if err := r.send(t, notes(1))["ipad-0"]; err == nil {
		t.Error("a wake-up that Apple never took counts as sent")
	}
}

func TestPushCertificates(t *testing.T) {
	r := newRig(t)
	other := notes(1)
	r.certs.put(t, r.apple, "com.apple.mgmt.External.other", time.Now().Add(time.Hour))
	if err := r.send(t, other)["ipad-0"]; errs.CodeOf(err) != errs.Denied {
		t.Errorf("a certificate of another topic: %v", err)
	}
	r.certs.put(t, r.apple, topic, time.Now().Add(time.Hour))
	if err := r.send(t, other)["ipad-0"]; err != nil {
		t.Errorf("after the certificate was replaced: %v", err)
	}
	r.certs.put(t, r.apple, topic, time.Now().Add(-time.Minute))
	before := r.apple.Connections()
	if err := r.send(t, other)["ipad-0"]; errs.CodeOf(err) != errs.Denied {
		t.Errorf("a certificate that has ended: %v", err)
	}
	if r.apple.Connections() != before {
		t.Error("a certificate that has ended was shown to Apple")
	}
}

func TestSendingEndsWithItsContext(t *testing.T) {
	r := newRig(t)
	r.apple.Busy(1 << 30)
	ctx, cancel := context.WithCancel(t.Context())
	r.Rest = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	if err := r.Run(ctx, queue(notes(1000)), func(push.Notification, error) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
