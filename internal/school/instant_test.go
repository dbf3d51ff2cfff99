package school

import (
	"testing"
	"time"
)

func TestInstant(t *testing.T) {
	at := func(boot string, mono time.Duration, wall time.Duration) Instant {
		return Instant{Wall: time.Unix(0, 0).Add(wall), Boot: boot, Mono: mono}
	}
	start := at("x", 0, 0)
	cases := []struct {
		name         string
		now          Instant
		within, past bool
	}{
		{"in time", at("x", 5*time.Second, 0), true, false},
		{"too late", at("x", 5*time.Second+1, 0), false, true},
		{"wall clock stepped back", at("x", 6*time.Second, -time.Hour), false, true},
		{"wall clock stepped on", at("x", 4*time.Second, time.Hour), true, false},
		{"after a restart, soon", at("y", 0, time.Second), false, false},
		{"after a restart, later", at("y", 0, time.Minute), false, true},
	}
	for _, c := range cases {
		if got := c.now.Within(5*time.Second, start); got != c.within {
			t.Errorf("%s: Within = %v", c.name, got)
		}
		if got := c.now.Past(5*time.Second, start); got != c.past {
			t.Errorf("%s: Past = %v", c.name, got)
		}
	}
}
