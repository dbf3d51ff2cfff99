package pki

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	pemList = "X509 CRL"

	// listLife is how long a revocation list is given out unchanged. A broker goes by
	// the newest date it ever read, so a list that a wrong clock dated into the future
	// must not stay the only one for long.
	listLife = 24 * time.Hour
)

// RevocationList gives the list of certificates that a broker must refuse (RFC 5280,
// section 5), in PEM, for the serials of Roll.Barred. old is the list that was given
// out last, or nothing: it is given again while it says the same. A list holds as
// long as the authority, for the broker goes on without this server.
func (a *Authority) RevocationList(old []byte, barred []string) ([]byte, error) {
	now := a.now()
	dated := now.Add(-backdate)
	if last := parseList(old); last != nil {
		if fresh := !last.ThisUpdate.After(now) && now.Before(last.ThisUpdate.Add(listLife)); fresh && slices.Equal(serialsOf(last), barred) {
			return old, nil
		}
		// Of two lists of one second a broker might go on by the first.
		if next := last.ThisUpdate.Add(time.Second); next.After(dated) && !next.After(now) {
			dated = next
		}
	}
	list := &x509.RevocationList{Number: big.NewInt(dated.Unix()), ThisUpdate: dated, NextUpdate: a.root.NotAfter}
	for _, text := range barred {
		serial, ok := new(big.Int).SetString(text, 16)
		if !ok {
			return nil, errs.New(errs.Internal, "A certificate's serial number is not one: "+text, "")
		}
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: dated})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.root, a.key)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "The list of revoked certificates cannot be made.", "")
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemList, Bytes: der}), nil
}

// parseList is nil for what is no list.
func parseList(text []byte) *x509.RevocationList {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemList {
		return nil
	}
	list, err := x509.ParseRevocationList(block.Bytes)
	if err != nil {
		return nil
	}
	return list
}

func serialsOf(list *x509.RevocationList) []string {
	var serials []string
	for _, e := range list.RevokedCertificateEntries {
		serials = append(serials, e.SerialNumber.Text(16))
	}
	return serials
}
