// Package identity is a client's side of joining: its key, its certificate, and
// whom it trusts, in a folder of its own.
//
//	key.pem          private key, never leaves this folder
//	cert.pem         certificate for it
//	ca.pem           the school's authority, all that is trusted
//	identity.json    id, kind, addresses, and the keys that sign envelopes
//	joining-key.pem  a key that was offered and not certified yet
//
// The first four change together (package folder). A client may lose its
// identity and join again; whatever else it keeps on its disk stays.
package identity

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/folder"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/wire"
)

const (
	keyFile     = "key.pem"
	certFile    = "cert.pem"
	caFile      = "ca.pem"
	aboutFile   = "identity.json"
	pendingFile = "joining-key.pem"
)

// About is who a client is and where its school is found.
type About struct {
	V      int       `json:"v"`
	ID     string    `json:"id"`
	Kind   cert.Kind `json:"kind"`
	Server string    `json:"server"` // "host:port" for renewals
	MQTT   string    `json:"mqtt"`   // "host:port" of the broker
	Keys   wire.Keys `json:"keys"`   // check the server's envelopes
}

// Identity is a client that has joined. It is safe for concurrent use.
type Identity struct {
	folder   *folder.Folder
	now      func() time.Time
	sessions tls.ClientSessionCache

	mu      sync.RWMutex
	current state
}

// state is what the four files say. It is never changed, only replaced.
type state struct {
	about About
	leaf  *x509.Certificate
	root  *x509.Certificate
	tls   *tls.Certificate
}

// maxSessions is for the broker and the registrar, before and after a renewal.
const maxSessions = 4

// Open reads the identity in a folder. now is machine time. Errors: not_found
// when it has not joined, unavailable when the folder cannot be read or is
// damaged.
func Open(dir string, now func() time.Time) (*Identity, error) {
	f, err := folder.Open(dir)
	if err != nil {
		return nil, err
	}
	i := newIdentity(f, now)
	return i, i.reload()
}

func newIdentity(f *folder.Folder, now func() time.Time) *Identity {
	return &Identity{folder: f, now: now, sessions: tls.NewLRUClientSessionCache(maxSessions)}
}

// About is who this client is, as of its last renewal.
func (i *Identity) About() About { return i.get().about }

// NotAfter is when the present certificate runs out.
func (i *Identity) NotAfter() time.Time { return i.get().leaf.NotAfter }

func (i *Identity) get() state {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.current
}

// reload reads the files, which another process may have changed.
func (i *Identity) reload() error {
	s, err := load(i.folder)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current = s
	return nil
}

func load(f *folder.Folder) (state, error) {
	files, err := f.Read(keyFile, certFile, caFile, aboutFile)
	if err != nil {
		return state{}, err
	}
	if files[keyFile] == nil && files[certFile] == nil && files[aboutFile] == nil {
		return state{}, errs.New(errs.NotFound, "This computer has not joined a school yet.", "Make a joining code on the school's server and scan it here.")
	}
	s, err := parse(files)
	if err != nil {
		return state{}, errs.Wrap(err, errs.Unavailable, "The identity in "+f.Path("")+" is damaged or incomplete.",
			"Restore it from the backup, or join again with a new code and --force.")
	}
	return s, nil
}

func parse(files map[string][]byte) (state, error) {
	var s state
	if err := json.Unmarshal(files[aboutFile], &s.about); err != nil {
		return s, err
	}
	key, err := cert.ParseKey(files[keyFile])
	if err != nil {
		return s, err
	}
	chain, err := cert.ParseChain(files[certFile])
	if err != nil {
		return s, err
	}
	ca, err := cert.ParseChain(files[caFile])
	if err != nil {
		return s, err
	}
	s.leaf, s.root = chain[0], ca[0]
	s.tls = &tls.Certificate{Certificate: [][]byte{s.leaf.Raw}, PrivateKey: key, Leaf: s.leaf}
	if !cert.Fits(s.leaf, key) {
		return s, errors.New("key and certificate do not belong together")
	}
	return s, s.check()
}

// check holds the state against itself.
func (s state) check() error {
	subject, err := cert.SubjectOf(s.leaf)
	if err != nil {
		return err
	}
	if subject != (cert.Subject{Kind: s.about.Kind, ID: s.about.ID}) {
		return errors.New("the certificate is somebody else's")
	}
	if len(s.about.Keys) == 0 {
		return errors.New("there is no key to check envelopes by")
	}
	if !joining.ValidAddress(s.about.Server) || !joining.ValidAddress(s.about.MQTT) {
		return errors.New("an address is not a host and a port")
	}
	return s.leaf.CheckSignatureFrom(s.root)
}

// files is the state as it is stored.
func (s state) files() ([]folder.File, error) {
	about, err := json.MarshalIndent(s.about, "", "  ")
	if err != nil {
		return nil, err
	}
	key, err := cert.EncodeKey(s.key())
	if err != nil {
		return nil, err
	}
	return []folder.File{
		{Name: keyFile, Data: key},
		{Name: certFile, Data: cert.EncodeChain(s.leaf)},
		{Name: caFile, Data: cert.EncodeChain(s.root)},
		{Name: aboutFile, Data: append(about, '\n')},
	}, nil
}

// store makes s the identity, on disk first.
func (i *Identity) store(s state) error {
	files, err := s.files()
	if err != nil {
		return err
	}
	if err := i.folder.Write(files...); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current = s
	return nil
}
