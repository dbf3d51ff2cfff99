package double

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/micromdm/plist"
	"github.com/smallstep/pkcs7"
)

// ReadProfile opens an enrolment profile that is signed, as a device does before it
// installs it, and gives whose signature it is.
func ReadProfile(signed []byte) (s EnrolmentProfile, by *x509.Certificate, err error) {
	cms, err := pkcs7.Parse(signed)
	if err != nil {
		return s, nil, fmt.Errorf("the profile is not signed: %w", err)
	}
	if err := cms.Verify(); err != nil {
		return s, nil, err
	}
	var p struct {
		PayloadType    string
		PayloadContent []map[string]any
	}
	if err := plist.Unmarshal(cms.Content, &p); err != nil {
		return s, nil, err
	}
	identity, wanted := "", ""
	for _, content := range p.PayloadContent {
		text := func(key string) string { t, _ := content[key].(string); return t }
		switch content["PayloadType"] {
		case "com.apple.security.scep":
			inner, _ := content["PayloadContent"].(map[string]any)
			s.SCEP, _ = inner["URL"].(string)
			s.Challenge, _ = inner["Challenge"].(string)
			identity = text("PayloadUUID")
		case "com.apple.mdm":
			s.Server, s.Topic, wanted = text("ServerURL"), text("Topic"), text("IdentityCertificateUUID")
			if content["SignMessage"] != true || text("CheckInURL") != s.Server || content["AccessRights"] != uint64(8191) {
				return s, nil, errors.New("it asks for no signatures, for two addresses or for too few rights")
			}
		}
	}
	if p.PayloadType != "Configuration" || identity == "" || identity != wanted || s.SCEP == "" || s.Topic == "" {
		return s, nil, errors.New("it is not an enrolment profile")
	}
	return s, cms.GetOnlySigner(), nil
}

// MachineInfo is what a device that was reset posts to the address it was given: who
// it is, signed.
func (d *Device) MachineInfo() ([]byte, error) {
	body, err := plist.Marshal(map[string]string{"SERIAL": d.Serial, "UDID": d.UDID, "PRODUCT": d.Model, "VERSION": "22B83"})
	if err != nil {
		return nil, err
	}
	cert, err := selfSigned(d.Key)
	if err != nil {
		return nil, err
	}
	signed, err := pkcs7.NewSignedData(body)
	if err != nil {
		return nil, err
	}
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := signed.AddSigner(cert, d.Key, pkcs7.SignerInfoConfig{}); err != nil {
		return nil, err
	}
	return signed.Finish()
}
