package enrol

import (
	"crypto"
	"crypto/x509"

	"github.com/micromdm/plist"
	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// profileType is the media type of a profile.
const profileType = "application/x-apple-aspen-config"

// accessRights are all there are: a right that is missing can never be added to an
// enrolment. See https://developer.apple.com/documentation/devicemanagement/mdm.
const accessRights = 8191

// identifier names the enrolment profile. It is the same on all devices, so that a
// second one takes the place of the first.
const identifier = "org.bellkeep.enrolment"

// Profile is what one device enrols with. Topic, Base and the paths behind it can
// never be changed on a device that is enrolled.
type Profile struct {
	School    string // its name
	Base      string // of the gateway, https://…
	Topic     string // of the push certificate
	Device    string // its id
	Challenge string // its own, for one certificate
	Root      []byte // DER; nil where devices trust Base as it is
}

// Encode writes it, unsigned.
func (p Profile) Encode() ([]byte, error) {
	if p.Topic == "" {
		return nil, errs.New(errs.NotFound, "There is no push certificate yet, so no iPad can enrol.", "Do the step Push certificate first.")
	}
	identity := gateway.NewUUID()
	content := []any{p.scep(identity), p.mdm(identity)}
	if p.Root != nil {
		content = append([]any{p.root()}, content...)
	}
	return plist.Marshal(apple.Payload(apple.Configuration, identifier, gateway.NewUUID(), p.School+": school management", map[string]any{
		"PayloadContent": content, "PayloadOrganization": p.School,
		"PayloadDescription": "Lets " + p.School + " set what this iPad may do by the timetable. The school sees which iPad it is, its settings and its profiles; no messages, pictures or pages.",
	}))
}

// scep says how the device fetches its identity, the certificate by which it is known
// from then on.
func (p Profile) scep(identity string) map[string]any {
	return apple.Payload("com.apple.security.scep", identifier+".identity", identity, "Its certificate", map[string]any{"PayloadContent": map[string]any{
		"URL": p.Base + gateway.PathSCEP, "Name": "Bellkeep", "Challenge": p.Challenge, "Subject": [][][]string{{{"CN", p.Device}}},
		"Keysize": 2048, "Key Type": "RSA", "Key Usage": 5, "Retries": 3, "RetryDelay": 10,
	}})
}

// mdm says who manages the device, and that it signs what it sends.
func (p Profile) mdm(identity string) map[string]any {
	return apple.Payload("com.apple.mdm", identifier+".mdm", gateway.NewUUID(), "Management", map[string]any{
		"IdentityCertificateUUID": identity, "Topic": p.Topic, "ServerURL": p.Base + gateway.PathMDM, "CheckInURL": p.Base + gateway.PathMDM,
		"AccessRights": accessRights, "SignMessage": true, "CheckOutWhenRemoved": true,
	})
}

// root has the device trust the school's own authority.
func (p Profile) root() map[string]any {
	return apple.Payload("com.apple.security.root", identifier+".root", gateway.NewUUID(), "The school's own authority", map[string]any{"PayloadContent": p.Root})
}

// Signer signs profiles as CMS signed data (RFC 5652), so that a device shows whose they are: as verified, where it
// trusts the certificate.
func Signer(cert *x509.Certificate, key crypto.PrivateKey, chain ...*x509.Certificate) func([]byte) ([]byte, error) {
	return func(profile []byte) ([]byte, error) {
		signed, err := pkcs7.NewSignedData(profile)
		if err != nil {
			return nil, err
		}
		signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
		if err := signed.AddSigner(cert, key, pkcs7.SignerInfoConfig{}); err != nil {
			return nil, err
		}
		for _, c := range chain {
			signed.AddCertificate(c)
		}
		return signed.Finish()
	}
}
