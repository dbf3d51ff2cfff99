package identity

import (
	"crypto"
	"crypto/tls"
	"net"

	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

// TLS is how this client connects to the school's broker. The same config goes
// on working after a renewal: each connection uses the newest certificate.
func (i *Identity) TLS() *tls.Config { return i.TLSTo(i.About().MQTT) }

// TLSTo is TLS for the school's server at another "host:port". Go's own check goes strictly by this
// computer's clock, which may be wrong until the server has told the time;
// cert.VerifyServer takes its place and says what it lets pass.
func (i *Identity) TLSTo(address string) *tls.Config {
	host := hostOf(address)
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         host,
		InsecureSkipVerify: true, // VerifyConnection checks chain and name, resumed sessions included
		VerifyConnection: func(peer tls.ConnectionState) error {
			return cert.VerifyServer(peer, i.get().root, host, i.now())
		},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return i.get().tls, nil
		},
		ClientSessionCache: sessions{i},
	}
}

// sessions keeps TLS sessions apart by certificate: resuming one that began
// with an older certificate would show that one again.
type sessions struct{ identity *Identity }

func (s sessions) key(peer string) string { return cert.Serial(s.identity.get().leaf) + " " + peer }

func (s sessions) Get(peer string) (*tls.ClientSessionState, bool) {
	return s.identity.sessions.Get(s.key(peer))
}

func (s sessions) Put(peer string, session *tls.ClientSessionState) {
	s.identity.sessions.Put(s.key(peer), session)
}

func (s state) key() crypto.Signer { return s.tls.PrivateKey.(crypto.Signer) }

func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
