package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// everyMake is the bank of the school with boards of three other makes.
const everyMake = `buses:
  - {name: relay, driver: modbus-relay, port: bus-relay, boards: 2, locks: 8, first_slave: 1, pulse: 100ms, pulse_gap: 100ms, polarity: set-is-closed}
  - {name: eight, driver: 8a, port: bus-eight, boards: 1, locks: 8, polarity: set-is-open, byte_order: high-first, pulse_gap: 0s}
  - {name: large, driver: kerong-cu48, port: bus-large, boards: 1, polarity: set-is-closed, address_order: lock-first, pulse_gap: 0s}
doors:
  - {numbers: 1-16, bus: relay, board: 0, lock: 1}
  - {numbers: 17-24, bus: eight, board: 0, lock: 1}
  - {numbers: 25-64, bus: large, board: 0, lock: 1}
`

// A morning and an afternoon on relays, 8A and CU48 boards: ledger and truth
// agree, and nobody spoke while an 8A board had its line.
func TestABankWithEveryMakeOfBoard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	text, err := os.ReadFile(r.path("school", "bank-a.yaml"))
	r.must(err)
	head, _, found := strings.Cut(string(text), "buses:")
	if !found {
		t.Fatal("the bank's file has no buses")
	}
	r.must(os.WriteFile(r.path("school", "bank-a.yaml"), []byte(head+everyMake), 0o600))
	r.wiring = "relay:2:modbus-relay,eight:1:8a:8:open:high-first,large:1:cu48:lock-first"
	r.startWorld(1, 500*time.Millisecond)
	r.startBank()
	r.rushEnds(4 * time.Minute)
	r.stop()
	report := r.compare()
	if differ := report.Differences(); len(differ) != 0 || !report.Balanced() || report.Frames < 100 {
		t.Errorf("ledger and truth differ (%d frames, %d openings):\n%s", report.Frames, report.Openings, audited(differ))
	}
	r.must(r.world.Process.Signal(os.Interrupt)) // it then says what its boards met
	_ = r.world.Wait()                           // ended by the signal
	for _, bus := range []string{"relay", "eight", "large"} {
		met := regexp.MustCompile("bus " + bus + `: (\d+) unlocks, .* 0 frames elsewhere, 0 unknown, 0 bad bytes, 0 collided`)
		if m := met.FindStringSubmatch(r.worldOut.String()); m == nil || m[1] == "0" {
			t.Errorf("bus %s met something else:\n%s", bus, r.worldOut)
		}
	}
	t.Logf("%d frames, %d openings, %d records, %d truth lines", report.Frames, report.Openings, report.Records, report.Lines)
}
