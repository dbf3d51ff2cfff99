package mdm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Mark is what must be remembered of a device's last revision, so that the
// next never goes back and the same policy never gets a second one.
type Mark struct {
	Rev uint64    `json:"rev"`
	TS  time.Time `json:"ts"`
	Sum string    `json:"sum"` // of its stages, see Stage.Sum
}

// Sum tells stages apart: mode, set, until and all that follows.
func (s Stage) Sum() string {
	b, _ := json.Marshal(s) // strings, times and canonical values; keys sorted
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// Issue gives want the revision it must carry, sum being want.Stage.Sum(). A
// policy that is already out keeps its revision and its time; news gets the
// next one.
func (m Mark) Issue(want Desired, sum string) (Desired, Mark) {
	if m.Rev == 0 || m.Sum != sum {
		m = Mark{Rev: m.Rev + 1, TS: want.TS, Sum: sum}
	}
	want.Rev, want.TS = m.Rev, m.TS
	return want, m
}
