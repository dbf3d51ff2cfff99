package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// A pulse of a commissioning is one frame for the lock it names, whichever door
// that turns out to have.
func TestCompareCommissioning(t *testing.T) {
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	pulse := func(s int, what string) locker.Event {
		return locker.Event{Kind: locker.CommissionPulse, At: school.Instant{Wall: at(s)}, Door: 1, Purpose: locker.Commission, Body: locker.Body{What: what}}
	}
	events := []locker.Event{pulse(1, "lock 4 of board 0 on bus left"), pulse(10, "lock 4 of board 0 on bus left")}
	line := func(s int, what world.What) world.Line {
		return world.Line{T: at(s), What: what, Bus: "left", Lock: 3, Door: 4}
	}
	truth := []world.Line{line(2, world.Frame), line(3, world.Opened), line(11, world.Frame), line(12, world.Note)}
	if r := compare(t, events, truth); len(r.Differences()) != 0 || !r.Balanced() || r.Openings != 2 {
		t.Errorf("%+v", r)
	}
	twice := append(truth[:2:2], line(4, world.Frame))
	if differ := compare(t, events[:1], twice).Differences(); len(differ) != 1 || !strings.Contains(differ[0].Text, "without an intent") {
		t.Errorf("a second frame: %v", differ)
	}
	soon := []locker.Event{events[0], pulse(3, "lock 4 of board 0 on bus left")}
	if r := compare(t, soon, []world.Line{line(4, world.Frame)}); r.Openings != 1 || r.Unsure != 1 || !r.Balanced() {
		t.Errorf("one frame for two pulses: %+v", r)
	}
	if differ := compare(t, events[:1], []world.Line{line(9, world.Frame)}).Differences(); len(differ) != 1 {
		t.Errorf("a frame too late: %v", differ)
	}
}
