package enrol

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"fmt"

	"github.com/micromdm/plist"
	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// The type of a profile, as a browser is told it.
const profileType = "application/x-apple-aspen-config"

// accessRights are all there are: a right that is missing can never be added to an
// enrolment.
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
	identity := newUUID()
	content := []any{
		payload("com.apple.security.scep", ".identity", identity, "Its certificate", map[string]any{"PayloadContent": map[string]any{
			"URL": p.Base + gateway.PathSCEP, "Name": "Bellkeep", "Challenge": p.Challenge,
			"Subject": [][][]string{{{"CN", p.Device}}}, "Keysize": 2048, "Key Type": "RSA", "Key Usage": 5, "Retries": 3, "RetryDelay": 10,
		}}),
		payload("com.apple.mdm", ".mdm", newUUID(), "Management", map[string]any{
			"IdentityCertificateUUID": identity, "Topic": p.Topic, "ServerURL": p.Base + gateway.PathMDM, "CheckInURL": p.Base + gateway.PathMDM,
			"AccessRights": accessRights, "SignMessage": true, "CheckOutWhenRemoved": true,
		}),
	}
	if p.Root != nil {
		content = append([]any{payload("com.apple.security.root", ".root", newUUID(), "The school's own authority", map[string]any{"PayloadContent": p.Root})}, content...)
	}
	return plist.Marshal(payload("Configuration", "", newUUID(), p.School+": school management", map[string]any{
		"PayloadContent": content, "PayloadOrganization": p.School,
		"PayloadDescription": "Lets " + p.School + " set what this iPad may do by the timetable. The school sees which iPad it is, its settings and its profiles; no messages, pictures or pages.",
	}))
}

// payload writes what every payload begins with.
func payload(kind, name, uuid, title string, body map[string]any) map[string]any {
	body["PayloadType"], body["PayloadVersion"] = kind, 1
	body["PayloadIdentifier"], body["PayloadUUID"], body["PayloadDisplayName"] = identifier+name, uuid, title
	return body
}

// Signer signs profiles, so that a device shows whose they are: as verified, where it
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

// newUUID is a random UUID, as Apple's devices write them.
func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
