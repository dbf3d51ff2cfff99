package pki

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/folder"
	"github.com/bellkeep/bellkeep/internal/wire"
)

const (
	caFile        = "ca.pem"
	caKeyFile     = "ca-key.pem"
	signingFile   = "signing-key.pem"
	serverFile    = "server.pem"
	serverKeyFile = "server-key.pem"
)

// Config says how an authority is opened.
type Config struct {
	Dir    string           // private folder, made if need be
	School string           // name people know the school by, for the CA's certificate
	Names  []string         // DNS names and IP addresses of the server, the first is its common name
	Now    func() time.Time // machine time
	Log    *slog.Logger

	// Domains are the only ones the CA may ever vouch for, with all below them,
	// so that a computer that trusts it risks nothing elsewhere. It is read when
	// the CA is made; empty means any.
	Domains []string
}

// Authority is the school's CA with the two other keys of its server. It is
// safe for concurrent use.
type Authority struct {
	folder  *folder.Folder
	root    *x509.Certificate
	key     crypto.Signer
	signing *wire.Key
	names   names
	now     func() time.Time
	log     *slog.Logger

	mu     sync.Mutex
	server serverCertificate
}

// OpenAuthority opens the authority in a folder, or makes it if the folder has
// none. Errors: invalid for a name no certificate can carry, not_now while the
// clock is obviously wrong, unavailable for a folder that cannot be used or has
// lost a file.
func OpenAuthority(c Config) (*Authority, error) {
	names, err := parseNames(c.Names)
	if err != nil {
		return nil, err
	}
	f, err := folder.Open(c.Dir)
	if err != nil {
		return nil, err
	}
	files, err := f.Read(caFile, caKeyFile, signingFile, serverFile, serverKeyFile)
	if err != nil {
		return nil, err
	}
	a := &Authority{folder: f, names: names, now: c.Now, log: c.Log}
	if files[caFile] == nil && files[caKeyFile] == nil && files[signingFile] == nil {
		err = a.create(c)
	} else {
		err = a.load(c.Dir, files)
	}
	if err != nil {
		return nil, err
	}
	return a, a.openServer(files)
}

// create makes all keys and writes them together.
func (a *Authority) create(c Config) error {
	key, err := cert.NewKey()
	if err != nil {
		return err
	}
	if a.root, err = newRoot(c, key); err != nil {
		return err
	}
	_, signing, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	a.key, a.signing = key, wire.NewKey(signing)
	caKey, err := cert.EncodeKey(key)
	if err != nil {
		return err
	}
	signingKey, err := cert.EncodeKey(signing)
	if err != nil {
		return err
	}
	return a.folder.Write(
		folder.File{Name: caFile, Data: cert.EncodeChain(a.root)},
		folder.File{Name: caKeyFile, Data: caKey},
		folder.File{Name: signingFile, Data: signingKey})
}

// load reads what create once wrote. A file that is missing is never made anew:
// that would lock out every bank and device without a word.
func (a *Authority) load(dir string, files map[string][]byte) error {
	err := a.parse(files)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "The school's authority in "+dir+" is damaged or incomplete.",
			"Restore the folder from the backup.")
	}
	return nil
}

func (a *Authority) parse(files map[string][]byte) error {
	chain, err := cert.ParseChain(files[caFile])
	if err != nil {
		return err
	}
	if a.key, err = cert.ParseKey(files[caKeyFile]); err != nil {
		return err
	}
	signing, err := cert.ParseKey(files[signingFile])
	if err != nil {
		return err
	}
	private, ok := signing.(ed25519.PrivateKey)
	if !ok || !cert.Fits(chain[0], a.key) || !chain[0].IsCA {
		return errors.New("the keys do not belong together")
	}
	a.root, a.signing = chain[0], wire.NewKey(private)
	return nil
}

// CA is the authority's certificate.
func (a *Authority) CA() *x509.Certificate { return a.root }

// SigningKey signs envelopes.
func (a *Authority) SigningKey() *wire.Key { return a.signing }
