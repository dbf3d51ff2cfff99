package gateway

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"time"

	"github.com/micromdm/nanomdm/cryptoutil"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Push is the push certificate.
type Push struct {
	Topic string
	Until time.Time
	PEM   []byte // without its key
}

// Push gives the push certificate. Errors: not_found before there is one, unavailable.
func (g *Gateway) Push() (Push, error) {
	topic, err := g.store.PushTopic()
	if err != nil {
		return Push{}, err
	}
	cert, err := g.store.PushCertificate(topic)
	if err != nil {
		return Push{}, err
	}
	leaf, err := leafOf(cert)
	if err != nil {
		return Push{}, err
	}
	return Push{Topic: topic, Until: leaf.NotAfter, PEM: cert}, nil
}

func leafOf(cert []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(cert)
	if block == nil {
		return nil, errs.New(errs.Invalid, "That is no certificate.", "Upload the .pem file that identity.apple.com gave you.")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "That is no certificate.", "Upload the .pem file that identity.apple.com gave you.")
	}
	return leaf, nil
}

// SetPush takes a push certificate and its key, as PEM; one that is replaced has the
// same topic, for every device is bound to that. Errors: invalid, conflict for
// another topic, unavailable.
func (g *Gateway) SetPush(ctx context.Context, cert, key []byte) error {
	leaf, err := leafOf(cert)
	if err != nil {
		return err
	}
	topic, err := cryptoutil.TopicFromCert(leaf)
	switch now := time.Now(); {
	case err != nil:
		return errs.Wrap(err, errs.Invalid, "That certificate is not for waking managed devices.", "Upload the .pem file that identity.apple.com gave you.")
	case !now.Before(leaf.NotAfter):
		return errs.New(errs.Invalid, "That push certificate ended on "+leaf.NotAfter.Format("2 January 2006")+".", "Renew it with the Apple Account that made it.")
	case now.Before(leaf.NotBefore):
		return errs.New(errs.Invalid, "That push certificate is not valid yet.", "Check this computer's clock.")
	}
	before, err := g.store.PushTopic()
	if err != nil {
		return err
	}
	if before != "" && before != topic {
		return errs.New(errs.Conflict, "That push certificate has another topic than the one in use, and would cut every device off.",
			"Choose Renew beside the old certificate at identity.apple.com, with the same Apple Account.")
	}
	if err := g.store.StorePushCert(ctx, cert, key); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.health.Push = ""
	for _, m := range g.members { // whoever the one before could not wake is woken at once
		if m.pushed != nil {
			m.pushed, m.calls = nil, 0
		}
	}
	return nil
}
