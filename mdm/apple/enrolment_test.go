package apple_test

import (
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
)

// The profile a device enrols with has payloads, keys and values that Apple publishes,
// supervised or not, with a root of the school's own or without.
func TestTheEnrolmentProfileIsOneThatApplePublishes(t *testing.T) {
	p := enrol.Profile{School: "Elmfield Academy", Base: "https://ipads.example", Topic: "com.apple.mgmt.External.1", Device: "ipad-1", Challenge: "c"}
	for _, root := range [][]byte{nil, []byte("DER")} {
		p.Root = root
		raw, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, supervised := range []bool{true, false} {
			if faults := apple.Unpublished(t, raw, apple.Traits{OSVersion: "12.0", Supervised: new(supervised)}); len(faults) > 0 {
				t.Error(strings.Join(faults, "; "))
			}
		}
	}
	raw, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for old, fault := range map[string]string{"<integer>8191</integer>": "AccessRights is 9000", "<integer>2048</integer>": "Keysize is 9000"} {
		spoilt := strings.Replace(string(raw), old, "<integer>9000</integer>", 1)
		if faults := apple.Unpublished(t, []byte(spoilt), apple.Traits{OSVersion: "12.0"}); len(faults) != 1 || !strings.Contains(faults[0], fault) {
			t.Errorf("%s: %v", fault, faults)
		}
	}
}
