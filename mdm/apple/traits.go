package apple

import (
	"strconv"
	"strings"
)

// Traits are what a device is by its own word: what it says as it enrols, and its
// answers to DeviceInformation.
type Traits struct {
	UDID       string `json:"udid,omitempty"`
	Serial     string `json:"serial,omitempty"`
	Model      string `json:"model,omitempty"`      // iPad13,18
	OSVersion  string `json:"os,omitempty"`         // 18.1
	Supervised *bool  `json:"supervised,omitempty"` // nil until it said so
	Shared     bool   `json:"shared,omitempty"`     // a Shared iPad
}

func (t Traits) supervised() bool { return t.Supervised != nil && *t.Supervised }

// Unsupervised reports whether the device said that it is not supervised.
func (t Traits) Unsupervised() bool { return t.Supervised != nil && !*t.Supervised }

// atLeast reports whether the device runs a version or a later one. One that has not
// said what it runs does not.
func (t Traits) atLeast(version string) bool {
	if t.OSVersion == "" {
		return false
	}
	have, want := strings.Split(t.OSVersion, "."), strings.Split(version, ".")
	for n, w := range want {
		h := "0"
		if n < len(have) {
			h = have[n]
		}
		a, err := strconv.Atoi(h)
		b, _ := strconv.Atoi(w) // a constant of this package
		if err != nil || a < b {
			return false
		}
		if a > b {
			return true
		}
	}
	return true
}

// cannot is why a device cannot have what takes supervision or a version; "" for
// what it can.
func (t Traits) cannot(supervised bool, version string) string {
	switch {
	case supervised && !t.supervised():
		return "only on a supervised device; this one is not"
	case !t.atLeast(version) && t.OSVersion == "":
		return "it has not said which version it runs"
	case !t.atLeast(version):
		return "only from version " + version + "; it runs " + t.OSVersion
	}
	return ""
}
