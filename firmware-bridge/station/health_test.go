package station

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/kiosk"
)

// hotMachine is a computer in the sun.
type hotMachine struct{}

func (hotMachine) Problems() []health.Problem { return []health.Problem{{Code: health.Hot}} }
func (hotMachine) Degrees() (float64, bool)   { return 81.6, true }
func (hotMachine) Room() (uint64, bool)       { return 0, false }

// Whatever knows of a problem is asked, and a clock is given time to be told.
func TestHealthGathersWhatIsTheMatter(t *testing.T) {
	trusted := true
	c := config(filepath.Join(t.TempDir(), "ledger"))
	c.Machine = hotMachine{}
	c.Now = func() school.Instant { return school.Instant{Wall: noon.Wall, Trusted: trusted, Boot: "one"} }
	s, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := func(what string, codes ...health.Code) {
		t.Helper()
		var got []health.Code
		for _, p := range s.Health() {
			got = append(got, p.Code)
			if !p.Since.Equal(noon.Wall) && p.Code != health.ClockUnsure {
				t.Errorf("%s: %s since %v", what, p.Code, p.Since)
			}
		}
		if !slices.Equal(got, codes) {
			t.Errorf("%s: %q, want %q", what, got, codes)
		}
	}
	want("a hot day", health.Hot)
	if facts := s.healthPage().Facts; facts[len(facts)-1] != (kiosk.Fact{Name: "Temperature", Value: "82 °C"}) {
		t.Errorf("facts %+v", facts)
	}
	s.damaged.Store(true)
	want("a damaged record", health.LedgerDamaged, health.Hot)
	trusted = false
	want("a clock that was sure just now", health.LedgerDamaged, health.Hot)
	long := time.Now().Add(-clockWithin)
	s.trusted.Store(&long)
	want("a clock that stays unsure", health.LedgerDamaged, health.Hot, health.ClockUnsure)
	trusted = true
	want("a clock that was told", health.LedgerDamaged, health.Hot)
	s.Cabinet.Unmapped = errors.New("no map")
	want("no door map", health.Unmapped, health.LedgerDamaged, health.Hot)
}

// A bank that can open nothing, for want of a door map, is up all the same: its
// page says why, and starting it again and again would not help.
func TestABankWithoutDoorsIsReady(t *testing.T) {
	t.Parallel() // it waits for doors that nobody can ask
	c := config(filepath.Join(t.TempDir(), "ledger"))
	c.Watch, c.Cabinet.Unmapped = watchdog.New(), errors.New("no map")
	s, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var said []string
	c.Watch.Tell(ctx, watchdog.Manager{Say: func(state string) error {
		said = append(said, state)
		cancel()
		return nil
	}})
	if err := <-ended; err != nil || said[0] != "READY=1" {
		t.Errorf("it said %q and ended with %v", said, err)
	}
}
