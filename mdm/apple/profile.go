package apple

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/micromdm/plist"
)

// slot is one of the two profiles of ours that a device may have: the rules, always,
// and the box, which ends by itself.
type slot string

const (
	rules slot = "rules"
	box   slot = "box"
)

var slots = []slot{rules, box}

// profile is one version of a profile as it is remembered: what is in it, short.
type profile struct {
	UUID string            `json:"uuid"`
	Sum  string            `json:"sum"`
	Keys map[string]string `json:"keys"`
	Ends time.Time         `json:"ends,omitzero"` // the device removes it then

	Foreign bool `json:"foreign,omitempty"` // a version nobody remembers
}

func (p *profile) ended(now time.Time) bool {
	return p != nil && !p.Ends.IsZero() && !now.Before(p.Ends)
}

// content is what is to be in a profile.
type content struct {
	keys map[string]any
	ends time.Time
}

// stamp is a value, short: equal values have equal stamps.
func stamp(v any) string {
	b, _ := json.Marshal(v) // texts, numbers and switches
	if len(b) <= 40 {
		return string(b)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// version makes a version of a profile.
func (c content) version(uuid string) *profile {
	p := &profile{UUID: uuid, Keys: make(map[string]string, len(c.keys)), Ends: c.ends}
	for key, v := range c.keys {
		p.Keys[key] = stamp(v)
	}
	b, _ := json.Marshal(p.Keys) // sorted
	sum := sha256.Sum256(append(b, c.ends.UTC().Format(time.RFC3339)...))
	p.Sum = hex.EncodeToString(sum[:8])
	return p
}

func (c content) sum() string { return c.version("").Sum }

// Configuration is the PayloadType of a profile as a whole.
const Configuration = "Configuration"

// identifier names a device's profile, the same in all its versions.
func identifier(device string, s slot) string { return "org.bellkeep." + device + "." + string(s) }

// encode writes a profile.
func (c content) encode(device string, s slot, uuid string, newUUID func() string) ([]byte, error) {
	payloads := map[string]map[string]any{restrictions: {}} // a profile has one at least
	for key, v := range c.keys {
		payload, name, _ := strings.Cut(key, "/")
		if payloads[payload] == nil {
			payloads[payload] = map[string]any{}
		}
		payloads[payload][name] = v
	}
	id := identifier(device, s)
	var all []any
	for _, kind := range slices.Sorted(maps.Keys(payloads)) {
		all = append(all, Payload(kind, id+"."+kind, newUUID(), payloadNames[kind], payloads[kind]))
	}
	top := Payload(Configuration, id, uuid, titles[s], map[string]any{
		"PayloadContent": all, "PayloadOrganization": "Bellkeep", "PayloadDescription": descriptions[s],
	})
	if !c.ends.IsZero() {
		top["RemovalDate"] = c.ends.UTC()
	}
	return plist.Marshal(top)
}

// Payload completes a payload, or a profile as a whole, with the keys that each has:
// https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys.
func Payload(kind, id, uuid, name string, payload map[string]any) map[string]any {
	payload["PayloadType"], payload["PayloadVersion"] = kind, 1
	payload["PayloadIdentifier"], payload["PayloadUUID"], payload["PayloadDisplayName"] = id, uuid, name
	return payload
}

// What people read on the device.
var (
	payloadNames = map[string]string{restrictions: "Restrictions", passcode: "Passcode", webFilter: "Web filter"}
	titles       = map[slot]string{rules: "School rules", box: "School rules for now"}
	descriptions = map[slot]string{
		rules: "What the school asks of this device. It changes with the timetable.",
		box:   "What the school asks of this device for a time. It goes by itself when that ends.",
	}
)
