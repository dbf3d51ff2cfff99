package gateway

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"time"

	"github.com/micromdm/nanomdm/cryptoutil"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/scep"
	"github.com/bellkeep/bellkeep/mdm/apple/store"
)

// Invitation is what a device is set up with.
type Invitation struct {
	Device    string
	Challenge string // for the SCEP payload; it is shown once
	Expires   time.Time
}

// Invite expects a device: it may have one certificate, for a while, and enrol with
// it. serial is that of the device expected, "" for any; life 0 is an hour. A device
// that is enrolled may then be enrolled anew, but not one that is evidence: nothing on it
// may change. Errors: not_found, invalid, denied, unavailable.
func (g *Gateway) Invite(ctx context.Context, id, serial string, life time.Duration) (Invitation, error) {
	life = cmp.Or(life, inviteFor)
	if life < 0 || life > longInvite {
		return Invitation{}, errs.New(errs.Invalid, "An invitation holds for a week at most.", "")
	}
	g.mu.Lock()
	known := g.members[id] != nil
	g.mu.Unlock()
	if !known {
		return Invitation{}, errs.New(errs.NotFound, "The gateway to iPads does not know that device.", "List it as an iPad first.")
	}
	d, err := g.store.View(id)
	if err != nil {
		return Invitation{}, err
	}
	if d.Want.At(g.Now()).Evidence {
		return Invitation{}, errs.New(errs.Denied, "That device stays as it is for now.", "Ask the headteacher.") // this is told to whoever has it, and to whom it may concern
	}
	now := time.Now()
	i := Invitation{Device: id, Challenge: rand.Text(), Expires: now.Add(life)}
	return i, g.store.Invite(ctx, i.Challenge, store.Invitation{Device: id, Serial: serial, Made: now.UTC(), Expires: i.Expires.UTC()})
}

// Certify gives a device that is expected its certificate for a key that was made
// elsewhere, as SCEP would: for whoever hands keys out by other means. Errors: those of
// Invite.
func (g *Gateway) Certify(ctx context.Context, id string, key crypto.PublicKey) (*x509.Certificate, error) {
	i, err := g.Invite(ctx, id, "", 0)
	if err != nil {
		return nil, err
	}
	if _, err := g.store.Redeem(ctx, i.Challenge, time.Now()); err != nil {
		return nil, err
	}
	cert, err := g.CA.Issue(key, id, time.Now())
	if err != nil {
		return nil, err
	}
	return cert, g.store.Issued(ctx, i.Challenge, scep.Hash(cert))
}

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
