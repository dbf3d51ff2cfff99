package enrol

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/micromdm/nanodep/client"
	"github.com/micromdm/nanodep/tokenpki"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/cms"
)

const asmKeyDays = 3650 // of the key pair that server tokens are sealed to

// asm is what is kept of Apple School Manager. It knows this server as a device
// management service: https://support.apple.com/guide/apple-school-manager.
type asm struct {
	Cert    []byte    `json:"cert,omitempty"`  // DER, public
	Key     []byte    `json:"key,omitempty"`   // PEM, sealed
	Token   []byte    `json:"token,omitempty"` // JSON, sealed
	Until   time.Time `json:"until,omitzero"`  // the token's end
	Org     string    `json:"org,omitempty"`
	Profile string    `json:"profile,omitempty"` // UUID of the one that was defined
	For     string    `json:"for,omitempty"`     // address it was defined for
}

// ASM is how the connection to Apple School Manager stands.
type ASM struct {
	Key     bool // there is a public key to upload
	Until   time.Time
	Org     string
	Profile bool // devices can be assigned to it
}

// ASM gives how it stands.
func (o *Office) ASM() ASM {
	a := o.look().ASM
	return ASM{Key: a.Cert != nil, Until: a.Until, Org: a.Org, Profile: a.Profile != "" && a.For == o.DeviceURL()}
}

// PublicKey is what is uploaded to Apple School Manager, PEM. It is made when it is
// first asked for.
func (o *Office) PublicKey() ([]byte, error) {
	if cert := o.look().ASM.Cert; cert != nil {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), nil
	}
	key, cert, err := tokenpki.SelfSignedRSAKeypair("Bellkeep", asmKeyDays)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	sealed, err := o.Seal.Seal(der)
	if err != nil {
		return nil, err
	}
	err = o.change(func(s *state) error {
		if s.ASM.Cert == nil {
			s.ASM.Cert, s.ASM.Key = cert.Raw, sealed
		}
		return nil
	})
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.look().ASM.Cert}), err
}

// TakeToken takes in the server token, the .p7m file, and tries it. Errors: invalid at
// token, not_found, unavailable.
func (o *Office) TakeToken(ctx context.Context, file []byte) error {
	a := o.look().ASM
	if a.Cert == nil {
		return errs.New(errs.NotFound, "Apple School Manager has no key of this server yet.", "Download the public key, and upload it there first.")
	}
	token, err := o.openToken(a, file)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, asmWithin)
	defer stop()
	detail, err := o.asmClient(token).AccountDetail(ctx, asmName)
	if err != nil {
		return asmError(err)
	}
	b, err := json.Marshal(token)
	if err != nil {
		return err
	}
	sealed, err := o.Seal.Seal(b)
	if err != nil {
		return err
	}
	return o.change(func(s *state) error {
		s.ASM.Token, s.ASM.Until, s.ASM.Profile = sealed, token.AccessTokenExpiry.UTC(), ""
		if detail.OrgName != nil {
			s.ASM.Org = mdm.Cut(*detail.OrgName)
		}
		return nil
	})
}

// openToken decrypts a server token: a CMS enveloped message (RFC 5652) to the key pair
// of this server, in S/MIME, around the keys of OAuth 1. Errors: invalid at token.
func (o *Office) openToken(a asm, file []byte) (t *client.OAuth1Tokens, err error) {
	const which = "Download the server token (.p7m) for this server in Apple School Manager once more."
	wrong := func(err error) error {
		e := errs.At("token", "That file is not a server token for the key of this server.", which)
		e.Err = err
		return e
	}
	defer func() { // the parser of CMS is made for messages of friends
		if p := recover(); p != nil {
			t, err = nil, wrong(fmt.Errorf("it made the reader fail: %v", p))
		}
	}()
	if len(file) == 0 || len(file) > MaxUpload {
		return nil, wrong(nil)
	}
	der, err := o.Seal.Open(a.Key)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(a.Cert)
	if err != nil {
		return nil, err
	}
	message, err := tokenpki.UnwrapSMIME(file)
	if err == nil {
		err = cms.Check(message)
	}
	if err != nil {
		return nil, wrong(err)
	}
	text, err := tokenpki.DecryptTokenJSON(file, cert, key)
	if err != nil {
		return nil, wrong(err)
	}
	t = &client.OAuth1Tokens{}
	if err := json.Unmarshal(text, t); err != nil || !t.Valid() {
		return nil, wrong(err)
	}
	if !o.Now().Before(t.AccessTokenExpiry) {
		return nil, errs.At("token", "That server token ended on "+day(t.AccessTokenExpiry)+".", which)
	}
	return t, nil
}
