package gateway

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"time"

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
