package cabinet

import (
	"strings"
	"testing"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware"
)

// The fire alarm is heard on a contact that no door hangs on, and the file says which
// reading means that it sounds.
func TestFireInput(t *testing.T) {
	c, err := load(t, good+"fire_input: {bus: left, board: 1, lock: 16, active: open}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := bridge.FireInput{Channel: hardware.Channel{Board: 1, Index: 15}, On: hardware.Open}
	if got := c.Lines()[0].Fire; got == nil || *got != want || c.Fire != "left" {
		t.Errorf("%+v on %q", got, c.Fire)
	}
	for line, why := range map[string]string{
		"{bus: right, board: 1, lock: 16, active: open}":  `there is no bus "right"`,
		"{bus: left, board: 1, lock: 16}":                 "active: must be open or closed",
		"{bus: left, board: 1, lock: 16, active: sounds}": "active: must be open or closed",
		"{bus: left, board: 0, lock: 3, active: open}":    "door 3 hangs on that lock",
		"{bus: left, board: 5, lock: 3, active: open}":    "board",
	} {
		if _, err := load(t, good+"fire_input: "+line+"\n"); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", line, err, why)
		}
	}
}
