package mdm_test

import (
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
)

// What is known and what holds where no policy speaks are the same settings.
func TestKnownSettingsAreTheManagedOnes(t *testing.T) {
	for s := range mdm.Unmanaged() {
		if !mdm.Known(s) {
			t.Errorf("%s is managed and not known", s)
		}
	}
	for _, s := range []mdm.Setting{"", "brightness", "Camera"} {
		if mdm.Known(s) {
			t.Errorf("%q is known", s)
		}
	}
}
