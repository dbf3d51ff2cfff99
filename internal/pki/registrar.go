package pki

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

// Registrar lets clients in over HTTPS.
type Registrar struct {
	Authority *Authority
	Roll      *Roll
	Server    string // "host:port" it is reached at, as it stands in joining codes
	MQTT      string // "host:port" of the broker
	Log       *slog.Logger

	// Welcome gives what a new client needs at once, such as directory and plan;
	// nil for nothing. If it fails the client asks again.
	Welcome func(ctx context.Context, who Newcomer) (json.RawMessage, error)

	wrong limiter
}

// Invite makes the joining code of one client. Errors: invalid, and as
// Roll.Invite.
func (g *Registrar) Invite(ctx context.Context, by string, s cert.Subject, replace bool) (joining.Code, time.Time, error) {
	code := joining.Code{CA: cert.FingerprintOf(g.Authority.CA()), Kind: s.Kind, ID: s.ID, Server: g.Server}
	if err := code.Check(); err != nil {
		return joining.Code{}, time.Time{}, err
	}
	token, until, err := g.Roll.Invite(ctx, by, s, replace)
	if err != nil {
		return joining.Code{}, time.Time{}, err
	}
	code.Token = token
	return code, until, nil
}

// join answers a holder of a code.
func (g *Registrar) join(ctx context.Context, remote string, data []byte) (joining.Answer, error) {
	request, err := joining.DecodeJoin(data)
	if err != nil {
		return joining.Answer{}, err
	}
	from := network(remote)
	if !g.wrong.take(from, g.Authority.now()) {
		return joining.Answer{}, errs.New(errs.NotNow, "Too many wrong joining codes were tried.", "Wait a minute, then scan the right one.")
	}
	who, c, err := g.Roll.Redeem(ctx, request.Token, cert.KeyHash(request.CSR.RawSubjectPublicKeyInfo), g.certify(request.CSR))
	if err != nil {
		g.Log.Warn("joining refused", "client", who.ID, "remote", from.Addr(), "code", errs.CodeOf(err), "err", err)
		return joining.Answer{}, err
	}
	g.wrong.forgive(from)
	g.Log.Info("client joined", "client", who.ID, "kind", who.Kind, "serial", cert.Serial(c), "not_after", c.NotAfter)
	answer := g.answer(who.Subject, c)
	if g.Welcome != nil {
		answer.Welcome, err = g.Welcome(ctx, who)
	}
	return answer, err
}

// renew answers a client that has shown current, which TLS has checked.
func (g *Registrar) renew(ctx context.Context, current *x509.Certificate, data []byte) (joining.Answer, error) {
	request, err := joining.DecodeRenew(data)
	if err != nil {
		return joining.Answer{}, err
	}
	s, err := cert.SubjectOf(current)
	if err != nil {
		return joining.Answer{}, err
	}
	if g.Roll.Superseded(s.ID, cert.Serial(current)) {
		return joining.Answer{}, errs.New(errs.Conflict, "Another computer has taken this one's place as "+string(s.Kind)+" "+s.ID+".",
			"Turn this one off. Before it can be used again, it has to join with a new code.")
	}
	if early := cert.RenewAt(current).Add(-renewEarly); g.Authority.now().Before(early) {
		return joining.Answer{}, errs.New(errs.NotNow, "It is too early to renew this certificate.", "Nothing needs to be done.")
	}
	c, err := g.Roll.Renew(ctx, s, cert.Serial(current), cert.KeyHash(request.CSR.RawSubjectPublicKeyInfo), g.certify(request.CSR))
	if err != nil {
		g.Log.Warn("renewal refused", "client", s.ID, "serial", cert.Serial(current), "code", errs.CodeOf(err), "err", err)
		return joining.Answer{}, err
	}
	g.Log.Info("certificate renewed", "client", s.ID, "serial", cert.Serial(c), "not_after", c.NotAfter)
	return g.answer(s, c), nil
}

// renewEarly allows for a client whose clock is ahead. Before that a renewal is
// refused, so that nobody fills the ledger with them.
const renewEarly = 24 * time.Hour

func (g *Registrar) certify(csr *x509.CertificateRequest) issue {
	return func(s cert.Subject) (*x509.Certificate, error) { return g.Authority.client(s, csr.PublicKey) }
}

func (g *Registrar) answer(s cert.Subject, c *x509.Certificate) joining.Answer {
	return joining.Answer{ID: s.ID, Kind: s.Kind, MQTT: g.MQTT, Keys: g.Authority.SigningKey().Public(),
		Certificate: string(cert.EncodeChain(c)), CA: string(cert.EncodeChain(g.Authority.CA()))}
}
