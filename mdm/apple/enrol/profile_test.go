package enrol

import (
	"bytes"
	"crypto/x509"
	"testing"

	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

// The profile has all that Apple wants of one, of the right kind.
func TestProfile(t *testing.T) {
	b, err := Profile{School: "Elmfield", Base: "https://i.example", Topic: topic, Device: "ipad-1", Challenge: "once"}.Encode()
	must(t, err)
	var p struct {
		PayloadType, PayloadIdentifier, PayloadUUID, PayloadDisplayName, PayloadOrganization, PayloadDescription string
		PayloadVersion                                                                                           int
		PayloadContent                                                                                           []map[string]any
	}
	must(t, plist.Unmarshal(b, &p))
	if p.PayloadType != "Configuration" || p.PayloadVersion != 1 || p.PayloadIdentifier != identifier || p.PayloadUUID == "" || p.PayloadOrganization != "Elmfield" || len(p.PayloadContent) != 2 {
		t.Errorf("%+v", p)
	}
	seen := map[any]bool{}
	for _, content := range p.PayloadContent {
		for _, key := range []string{"PayloadType", "PayloadIdentifier", "PayloadUUID", "PayloadVersion"} {
			if content[key] == nil {
				t.Errorf("%v has no %s", content["PayloadType"], key)
			}
		}
		if seen[content["PayloadUUID"]] || seen[content["PayloadIdentifier"]] {
			t.Errorf("%v is told apart from none", content["PayloadType"])
		}
		seen[content["PayloadUUID"]], seen[content["PayloadIdentifier"]] = true, true
	}
	mdmPayload := p.PayloadContent[1]
	for key, want := range map[string]any{"AccessRights": uint64(8191), "SignMessage": true, "CheckOutWhenRemoved": true, "Topic": topic,
		"ServerURL": "https://i.example/mdm", "CheckInURL": "https://i.example/mdm", "IdentityCertificateUUID": p.PayloadContent[0]["PayloadUUID"]} {
		if mdmPayload[key] != want {
			t.Errorf("%s is %v, want %v", key, mdmPayload[key], want)
		}
	}
	_, err = Profile{Base: "https://i.example"}.Encode()
	refused(t, "without a topic", err, errs.NotFound, "", "push certificate")
}

func TestSignerWithAChain(t *testing.T) {
	key, cert := vendorOf(t)
	b, err := Profile{School: "Elmfield", Base: "https://i.example", Topic: topic, Device: "ipad-1", Challenge: "once"}.Encode()
	must(t, err)
	signed, err := Signer(cert, key, []*x509.Certificate{cert}...)(b)
	must(t, err)
	if _, by, err := double.ReadProfile(signed); err != nil || !by.Equal(cert) {
		t.Errorf("it is signed by %v, %v", by, err)
	}
	signed[bytes.Index(signed, []byte("8191"))] ^= 1
	if _, _, err := double.ReadProfile(signed); err == nil {
		t.Error("it can be changed")
	}
}
