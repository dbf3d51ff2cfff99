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

// A bank whose doors stand in a map hears it, too: a commissioning gives that lock no
// pulse, no door may hang there, and what an alarm reads as does not depend on what
// the map says of doors.
func TestFireInputOfAMappedBank(t *testing.T) {
	file := mappable + "fire_input: {bus: left, board: 0, lock: 9, active: closed}\n"
	bare := place(t, file, nil)
	plan, err := bare.Plan()
	if err != nil || len(plan.Outlets) != 15 {
		t.Fatalf("%d outlets, %v", len(plan.Outlets), err)
	}
	for _, o := range plan.Outlets {
		if o.Channel.Index == 8 {
			t.Error("the alarm's lock gets a pulse")
		}
	}
	m := mapOf(bare.Wiring)
	for polarity, want := range map[hardware.Polarity]hardware.Contact{hardware.SetIsClosed: hardware.Closed, hardware.SetIsOpen: hardware.Open} {
		m.Polarity["left"] = polarity
		if c := place(t, file, m.Encode()); c.Unmapped != nil || c.Lines()[0].Fire == nil || c.Lines()[0].Fire.On != want || polarity.Contact(true) != want {
			t.Errorf("%s: %+v, %v", polarity, c.Lines(), c.Unmapped)
		}
	}
	taken := strings.Replace(file, "lock: 9", "lock: 8", 1)
	if c := place(t, taken, m.Encode()); c.Unmapped == nil || !strings.Contains(c.Unmapped.Error(), "door 1 hangs on the contact of the fire alarm") || len(c.Lines()) != 0 {
		t.Errorf("%v", c.Unmapped)
	}
}
