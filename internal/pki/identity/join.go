package identity

import (
	"context"
	"crypto"
	"crypto/tls"
	"encoding/json"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/folder"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

// Options say how to join.
type Options struct {
	Now   func() time.Time // machine time; it may be wrong
	Force bool             // give up an identity of another id or school

	// Welcomed gets what the server welcomes a new client with before the client
	// has an identity; nil for nothing. With an error it has not joined, and may try
	// again with the same code.
	Welcomed func(welcome json.RawMessage) error
}

// Join redeems a code and keeps the identity in dir, whose older identity of the
// same id and school it replaces. It also gives what the server welcomes a new
// client with. It may be tried again with the same code after any error that
// another try can mend: the key that was offered first is kept for that.
//
// The code's fingerprint is all that is trusted, and this computer's clock is
// not: the first thing a new bank lacks is the time. The server's certificate
// is checked at the moment it was made.
//
// Errors: invalid for an unusable code or answer; conflict when dir holds another
// identity, or the code was used or replaced; denied for a code that is unknown
// or too late and for another school's server; not_now after too many tries;
// unavailable when the server or dir cannot be reached.
func Join(ctx context.Context, code joining.Code, dir string, o Options) (*Identity, json.RawMessage, error) {
	if err := code.Check(); err != nil {
		return nil, nil, err
	}
	f, err := folder.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	if err := mayReplace(f, code, o.Force); err != nil {
		return nil, nil, err
	}
	key, err := pendingKey(f)
	if err != nil {
		return nil, nil, err
	}
	answer, err := redeem(ctx, code, key)
	if err != nil {
		return nil, nil, err
	}
	s, err := accept(answer, key, code.Server)
	if err == nil {
		err = s.matches(code)
	}
	if err != nil {
		return nil, nil, errs.Wrap(err, errs.Invalid, "The server's answer does not fit the joining code.", "Bring both programs to the same version.")
	}
	if o.Welcomed != nil {
		if err := o.Welcomed(answer.Welcome); err != nil {
			return nil, nil, err
		}
	}
	i := newIdentity(f, o.Now)
	if err := i.store(s); err != nil {
		return nil, nil, err
	}
	return i, answer.Welcome, f.Remove(pendingFile)
}

// mayReplace refuses to overwrite somebody else's identity.
func mayReplace(f *folder.Folder, code joining.Code, force bool) error {
	old, err := load(f)
	switch {
	case force, errs.CodeOf(err) == errs.NotFound:
		return nil
	case err != nil:
		return err
	case old.about.ID != code.ID || old.about.Kind != code.Kind:
		return errs.New(errs.Conflict, "This computer is "+string(old.about.Kind)+" "+old.about.ID+"; the code is for "+string(code.Kind)+" "+code.ID+".",
			"Scan the code at the right computer, or join with --force to give up what this one was.")
	case cert.FingerprintOf(old.root) != code.CA:
		return errs.New(errs.Conflict, "This computer belongs to another school, or its school's server was set up anew.",
			"Join with --force if it is to change over.")
	}
	return nil
}

// pendingKey is the key to offer: the one of an earlier try, or a new one that
// is on disk before anybody hears of it.
func pendingKey(f *folder.Folder) (crypto.Signer, error) {
	files, err := f.Read(pendingFile)
	if err != nil {
		return nil, err
	}
	if key, err := cert.ParseKey(files[pendingFile]); err == nil {
		return key, nil
	}
	key, err := cert.NewKey()
	if err != nil {
		return nil, err
	}
	text, err := cert.EncodeKey(key)
	if err != nil {
		return nil, err
	}
	return key, f.Write(folder.File{Name: pendingFile, Data: text})
}

func redeem(ctx context.Context, code joining.Code, key crypto.Signer) (joining.Answer, error) {
	csr, err := joining.NewCSR(key)
	if err != nil {
		return joining.Answer{}, err
	}
	body, err := joining.JoinRequest{Token: code.Token, CSR: csr}.Encode()
	if err != nil {
		return joining.Answer{}, err
	}
	return post(ctx, code.Server, joining.PathJoin, pinned(code), body)
}

// pinned trusts the authority of the code and no clock.
func pinned(code joining.Code) *tls.Config {
	host := hostOf(code.Server)
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         host,
		InsecureSkipVerify: true, // VerifyConnection checks chain and name
		VerifyConnection: func(peer tls.ConnectionState) error {
			root, err := cert.PinnedRoot(peer.PeerCertificates, code.CA)
			if err != nil {
				return err
			}
			return cert.VerifyServer(peer, root, host, cert.NotBefore(peer.PeerCertificates[0]))
		},
	}
}

// accept makes an answer the state to be.
func accept(a joining.Answer, key crypto.Signer, server string) (state, error) {
	about, err := json.Marshal(About{V: a.V, ID: a.ID, Kind: a.Kind, Server: server, MQTT: a.MQTT, Keys: a.Keys})
	if err != nil {
		return state{}, err
	}
	text, err := cert.EncodeKey(key)
	if err != nil {
		return state{}, err
	}
	return parse(map[string][]byte{keyFile: text, certFile: []byte(a.Certificate), caFile: []byte(a.CA), aboutFile: about})
}

// matches tells whether s is what the code promised.
func (s state) matches(code joining.Code) error {
	if s.about.ID != code.ID || s.about.Kind != code.Kind || cert.FingerprintOf(s.root) != code.CA {
		return errs.New(errs.Invalid, "The certificate is for somebody else.", "")
	}
	return nil
}
